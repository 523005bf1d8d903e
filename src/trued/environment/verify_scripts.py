"""The scripts of an environment: made at installation, so no wheel holds their digest.

What installers make is known to the byte once the interpreter is: where a wheel is proven the text is made
again and compared. Of other scripts RECORD has the digest; only the interpreter is judged that they start.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level
from trued.environment.foreign_scripts import foreign_scripts
from trued.environment.scripts import is_reserved, rewritten, script_text
from trued.store.layout import tree_path
from trued.store.rehash import read_intact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.environment.target import Target
    from trued.environment.verify_plan import Plan
    from trued.store.manifest import Manifest

__all__ = ["script_findings"]

_MOST_BYTES = 4 * 1024 * 1024


def script_findings(
    plan: Plan, target: Target, proven: Mapping[int, tuple[str, Manifest]]
) -> Iterator[Finding]:
    """Yield TRU537 for scripts that are not what was made; *proven* has entry and manifest by number."""
    if os.name == "nt":  # launchers are programs: RECORD has their digest
        return
    scripts = target.roots["scripts"]
    folder = plan.folders.get(scripts)
    for name, wanted in (folder.files if folder else {}).items():
        content = _content(os.path.join(scripts, name))
        if content is None:
            continue
        python = _interpreter(content)
        subject = plan.distributions[wanted[4]].name
        values = {"path": os.path.join(scripts, name)}
        if python and not _is_own(python, target):
            level = Level.ERROR if wanted[4] in proven else Level.WARNING
            told = {**values, "reason": f"it starts {python}"}
            yield Finding(code="TRU537", level=level, subject=subject, values=told)
        elif wanted[4] in proven:
            expected = _expected(name, python or target.python, *proven[wanted[4]])
            if expected and content not in expected:
                told = {**values, "reason": "its text is not what the wheel asks for"}
                yield Finding(code="TRU537", subject=subject, values=told)


def _expected(name: str, python: str, entry: str, manifest: Manifest) -> frozenset[bytes]:
    """Return what the script may be; nothing for a file of the wheel that was compared already."""
    for _, script, module, attribute in manifest["entry_points"]:
        if script == name:
            return foreign_scripts(python, module, attribute) | {script_text(python, module, attribute)}
    for folder, script, size, sha256 in manifest["rewrites"]:
        if script == name:
            content = read_intact(
                os.path.join(tree_path(entry), folder, script), size=size, sha256_hex=sha256
            )
            return frozenset() if content is None else frozenset((rewritten(content, python),))
    return frozenset()


def _interpreter(content: bytes) -> str:
    """Return the Python that the first lines start, absolute; empty for another program."""
    line, _, rest = content.partition(b"\n")
    command = line[2:].strip() if line.startswith(b"#!") else b""
    if command == b"/bin/sh" and rest.startswith(b"'''exec' "):
        found = _first_word(os.fsdecode(rest[9:].partition(b"\n")[0]))
    else:
        found = os.fsdecode(command.partition(b" ")[0])
    return found if os.path.isabs(found) and is_reserved(os.path.basename(found)) else ""


def _first_word(line: str) -> str:
    """Return the first word as the shell reads it; empty where that finds no end of a quotation."""
    import shlex

    try:
        return next(iter(shlex.split(line)), "")
    except ValueError:
        return ""


def _is_own(python: str, target: Target) -> bool:
    """Tell whether *python* is the interpreter of the environment."""
    if python == target.python or os.path.dirname(python) == target.roots["scripts"]:
        return True
    try:
        return os.path.samefile(os.path.dirname(python), os.path.dirname(target.python)) or (
            target.kind != "virtual" and os.path.samefile(python, target.python)
        )
    except OSError:
        return False


def _content(path: str) -> bytes | None:
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return None
