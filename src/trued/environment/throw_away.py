"""An environment for one build: what a virtual environment is made of, and nothing that installs into it.

``python -m venv`` takes a tenth of a second; the interpreter needs no more of it than ``pyvenv.cfg`` beside
a link to itself (PEP 405). It sees neither the packages of the user nor those of the system.
"""

from __future__ import annotations

import os

from trued.environment import scheme
from trued.environment.target import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.environment.facts import Facts

__all__ = ["throw_away_environment"]


def throw_away_environment(folder: str, facts: Facts) -> Target:
    """Make the empty *folder* an environment of the interpreter with *facts*, and return it."""
    executable = facts["executable"]
    if os.name == "nt":
        from trued.environment.virtual import create_virtual_environment

        create_virtual_environment(folder, executable)
        python = os.path.join(folder, "Scripts", "python.exe")
    else:
        python = _linked(folder, executable)
    roots = scheme.virtual_roots(facts, folder)
    os.makedirs(roots["purelib"], exist_ok=True)
    return Target(kind="virtual", python=python, prefix=folder, facts=facts, roots=roots)


def _linked(folder: str, executable: str) -> str:
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    for name in ("python", "python3"):
        os.symlink(executable, os.path.join(programs, name))
    with open(os.path.join(folder, "pyvenv.cfg"), "x", encoding="utf-8") as file:
        file.write(f"home = {os.path.dirname(executable)}\ninclude-system-site-packages = false\n")
    return os.path.join(programs, "python")
