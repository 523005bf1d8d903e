"""The names that a wheel's scripts may have: inside the scripts folder, and not the interpreter's."""

from __future__ import annotations

import re
import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.wheel.faults import Faults

__all__ = ["check_script_name", "is_interpreter"]

_INTERPRETER = re.compile(r"(?:python|pypy|graalpy)w?(?:\d+(?:\.\d+)*)?[tdm]*(?:-config)?")
_ENDINGS = (".exe", ".com", ".bat", ".cmd", ".py", ".pyw", ".sh")
_UNSAFE = frozenset('/\\:*?"<>|')


def is_interpreter(name: str) -> bool:
    """Tell whether a file *name* in the scripts folder would stand where an interpreter does.

    ``python``, ``python3``, ``python3.13t``, ``pythonw.exe``, in any case, but not ``python-dotenv``.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    for ending in _ENDINGS:
        plain = plain.removesuffix(ending)
    return _INTERPRETER.fullmatch(plain) is not None


def check_script_name(name: str, *, faults: Faults) -> None:
    """Note a script's *name* that leaves the folder or replaces the interpreter (GHSA-4gg8-gxpx-9rph)."""
    if name.strip(". ") == "" or not name.isprintable() or not _UNSAFE.isdisjoint(name):
        faults.add("TRU272", name=name)
    if is_interpreter(name):
        faults.add("TRU273", path=name)
