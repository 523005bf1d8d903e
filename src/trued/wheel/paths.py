"""The names of a wheel's members: what may be in one, and which two are one name somewhere.

Wheels are unpacked on Windows, macOS and Linux. A name must stay below the folder it is unpacked into on all
three (binary distribution format; CVE-2007-4559 and the many since), and no two names may be the same file on
a file system that folds case (NTFS, APFS) or normalises Unicode (HFS+, APFS).
"""

from __future__ import annotations

import unicodedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.limits import Limits
    from trued.wheel.faults import Faults

__all__ = ["check_paths", "folded"]

_PRINTABLE = bytes(range(0x20, 0x7F)).replace(b"\\", b"").replace(b":", b"") + b"\n"
_TELLING = ("./", " /", "//", ".\n", " \n", "\n/", "\n\n")
"""In paths between line feeds: a component that is empty or ends in a dot or blank (``.``, ``..``)."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check_paths(paths: Sequence[str], *, limits: Limits, faults: Faults) -> None:
    """Note each reason why one of *paths* (``/`` at the end for a directory) may not be unpacked."""
    keys = _plain_keys(paths)
    if keys is None:
        keys = [folded(path) for path in paths]
        for path in paths:
            _check_path(path, faults)
    if len(max(paths, key=len, default="")) > limits.wheel_path_bytes // 4:
        for path in paths:
            if len(path.encode()) > limits.wheel_path_bytes:
                faults.add("TRU226", path=path, limit=limits.wheel_path_bytes)
    _check_collisions(paths, keys, faults)


def _plain_keys(paths: Sequence[str]) -> list[str] | None:
    """Return the keys of all *paths* if only the rules about doubles can touch them, as is usual."""
    joined = "\n".join(("", *paths, ""))
    if not joined.isascii() or joined.encode().translate(None, _PRINTABLE):
        return None
    if any(telling in joined for telling in _TELLING):
        return None
    keys = joined.lower().split("\n")[1:-1]
    return keys if len(keys) == len(paths) else None


def folded(path: str) -> str:
    """Return the key under which *path* meets its doubles: case, Unicode form and ignored ends removed."""
    if path.isascii():
        text = path.lower()
        if ". " not in text and "./" not in text and " /" not in text and not text.endswith((".", " ")):
            return text
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return "/".join(component.rstrip(". ") for component in visible.split("/"))


def _check_path(path: str, faults: Faults) -> None:
    if any(unicodedata.category(character) in _INVISIBLE for character in path):
        faults.add("TRU224", path=path)
    if "\\" in path:
        faults.add("TRU223", path=path)
    if path.startswith("/"):
        faults.add("TRU220", path=path)
    if ":" in path:
        faults.add("TRU222", path=path)
    components = path.strip("/").split("/")
    if ".." in components:
        faults.add("TRU221", path=path)
    if "." in components or "" in components or "//" in path:
        faults.add("TRU225", path=path)


def _check_collisions(paths: Sequence[str], keys: Sequence[str], faults: Faults) -> None:
    """Note names that are doubled, equal after folding, or a file where another needs a directory."""
    by_key = dict(zip(keys, paths, strict=True))
    if len(by_key) != len(paths):
        _note_doubles(paths, keys, faults)
    directories: dict[str, str] = {}
    known: set[str] = set()
    for parent in {path.rpartition("/")[0] for path in paths}:
        while parent and parent not in known:
            known.add(parent)
            double = directories.setdefault(folded(parent), parent)
            if double != parent:
                faults.add("TRU228", path=parent, other=double)
            parent = parent.rpartition("/")[0]
    for key in by_key.keys() & directories.keys():
        faults.add("TRU229", path=by_key[key])


def _note_doubles(paths: Sequence[str], keys: Sequence[str], faults: Faults) -> None:
    seen: dict[str, str] = {}
    for path, key in zip(paths, keys, strict=True):
        first = seen.setdefault(key, path)
        if first is path:
            continue
        if first == path:
            faults.add("TRU212", path=path)
        else:
            faults.add("TRU228", path=path, other=first)
