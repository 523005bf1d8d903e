"""The names of a wheel's members: what may be in one, and which two are one name somewhere.

Wheels are unpacked on Windows, macOS and Linux. A name must stay below the folder it is unpacked into on all
three (binary distribution format; CVE-2007-4559 and the many since), and no two names may be the same file on
a file system that folds case (NTFS, APFS) or normalises Unicode (HFS+, APFS).
"""

from __future__ import annotations

import re
import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.limits import Limits
    from trued.wheel.faults import Faults

__all__ = ["check_collisions", "check_path", "folded", "is_plain"]

# No component is empty or ends in a dot or blank, so none is "." or "..", and none loses its end on Windows.
_COMPONENT = r"[^\x00-\x1f\x7f-\U0010ffff\\:/]*[^\x00-\x1f\x7f-\U0010ffff\\:/. ]"
_PLAIN = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*/?")
_DRIVE = re.compile(r"[A-Za-z]:")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_plain(path: str) -> bool:
    """Tell whether *path* is printable ASCII with nothing in it that any rule here looks at."""
    return _PLAIN.fullmatch(path) is not None


def check_path(path: str, *, limits: Limits, faults: Faults) -> None:
    """Note each reason why *path* (``/`` at the end for a directory) may not be unpacked."""
    if len(path) > limits.wheel_path_bytes or not path:
        faults.add("TRU226", path=path, limit=limits.wheel_path_bytes)
    if is_plain(path):
        return
    if any(unicodedata.category(character) in _INVISIBLE for character in path):
        faults.add("TRU224", path=path)
    if "\\" in path:
        faults.add("TRU223", path=path)
    if path.startswith("/"):
        faults.add("TRU220", path=path)
    if _DRIVE.match(path) or ":" in path:
        faults.add("TRU222", path=path)
    components = path.strip("/").split("/")
    if ".." in components:
        faults.add("TRU221", path=path)
    if "." in components or "//" in path:
        faults.add("TRU225", path=path)


def folded(path: str) -> str:
    """Return the key under which *path* meets its doubles: case, Unicode form and ignored ends removed."""
    if path.isascii() and is_plain(path):
        return path.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return "/".join(component.rstrip(". ") for component in visible.split("/"))


def check_collisions(paths: Iterable[str], *, faults: Faults) -> None:
    """Note names that are doubled, equal after folding, or a file where another needs a directory."""
    files: dict[str, str] = {}
    directories: dict[str, str] = {}
    known: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        if parent and parent not in known:
            _add_directories(parent, known, directories, faults)
        if path.endswith("/"):
            continue
        key = folded(path)
        double = files.setdefault(key, path)
        if double is not path:
            _note_double(double, path, faults)
    for key in files.keys() & directories.keys():
        faults.add("TRU229", path=files[key])


def _add_directories(path: str, known: set[str], directories: dict[str, str], faults: Faults) -> None:
    while path and path not in known:
        known.add(path)
        double = directories.setdefault(folded(path), path)
        if double != path:
            faults.add("TRU228", path=path, other=double)
        path = path.rpartition("/")[0]


def _note_double(first: str, second: str, faults: Faults) -> None:
    if first == second:
        faults.add("TRU212", path=first)
    else:
        faults.add("TRU228", path=second, other=first)
