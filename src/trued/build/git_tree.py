r"""The tree of a commit as git's object store has it, and its way onto the disk without a checkout.

``git checkout`` and ``git archive`` look at ``.gitattributes``: filters, end-of-line conversion, substituted
keywords, left-out paths. Here the objects' own bytes are written, and every path is looked at first, because
a tree is what its author made of it: CVE-2014-9390 (``.GIT``, ``.g\u200cit``), CVE-2019-1352
(``.git::$DATA``), CVE-2021-21300 and CVE-2024-32002 (a link where a folder is written) were such paths.
"""

from __future__ import annotations

import os
import re
import unicodedata
from hashlib import sha256

from trued.build.tree_digest import TreeEntry
from trued.core.record import NamedTuple, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["CommitTree", "TreeFile", "read_listing", "write_tree"]

_FILE, _EXECUTABLE, _LINK, _SUBMODULE = "100644", "100755", "120000", "160000"
_KINDS = {_FILE: "f", "100664": "f", _EXECUTABLE: "x", _LINK: "l"}
_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_DOT_GIT = re.compile(r"(?:\.git|git~[0-9]+)[ .]*(?::.*)?", re.IGNORECASE | re.DOTALL)
_LINK_BYTES = 4096
_PATH_BYTES = 1024
_DEPTH = 64
"""Bounds on a path, as on one of a source archive: each folder of it is looked at."""


class TreeFile(NamedTuple):
    """One entry of a tree: kind as :class:`TreeEntry` has it, git's object name, size in bytes, path."""

    kind: str
    object_name: str
    size: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitTree:
    """What a commit holds: its files, the folders that are other repositories, and what is unfit (TRU486)."""

    files: tuple[TreeFile, ...]
    submodules: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(file.size for file in self.files)


def read_listing(listing: bytes) -> CommitTree:
    """Read the output of ``git ls-tree -r -l -z --full-tree``."""
    files: list[TreeFile] = []
    submodules: list[str] = []
    faults: list[tuple[str, str]] = []
    for line in listing.split(b"\0"):
        if not line:
            continue
        head, _, raw = line.partition(b"\t")
        mode, _, object_name, size = head.decode("ascii").split()
        path, reason = _read_path(raw)
        kind = _KINDS.get(mode)
        if reason or (kind is None and mode != _SUBMODULE):
            faults.append((path, reason or f"its mode {mode} is none of a file or link"))
        elif kind is None:
            submodules.append(path)
        elif kind == "l" and int(size) > _LINK_BYTES:
            faults.append((path, "its target is no path"))
        else:
            files.append(TreeFile(kind, object_name, int(size), path))
    faults += _collisions([*(file.path for file in files), *submodules])
    return CommitTree(files=tuple(files), submodules=tuple(submodules), faults=tuple(faults))


def _read_path(raw: bytes) -> tuple[str, str]:
    """Return the path, and why it cannot be written (empty when it can)."""
    if len(raw) > _PATH_BYTES or raw.count(b"/") >= _DEPTH:
        shown = raw[:_PATH_BYTES].decode("utf-8", "backslashreplace")
        return shown, f"it is longer than {_PATH_BYTES} bytes or deeper than {_DEPTH} folders"
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(
            "utf-8", "backslashreplace"
        ), "it is not UTF-8, and other machines would read it otherwise"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return path, "it leads out of the tree"
        if _DOT_GIT.fullmatch(_IGNORED_BY_HFS.sub("", part)):
            return path, "some file systems take a part of it for .git, whose content runs"
        if "\\" in part or "\r" in part or "\n" in part:
            return path, "it holds a backslash or a line break"
        if os.name == "nt" and (":" in part or part != part.rstrip(" .")):
            return path, "Windows would write it to another place"
    return path, ""


def _collisions(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths that some file system takes for one already listed, or for a folder of one."""
    names: dict[str, str] = {}
    leaves: dict[str, str] = {}
    looked_at: set[str] = set()
    for path in paths:
        folded = _folded(path)
        if folded in leaves:
            yield path, f"{leaves[folded]} is the same where letters are folded"
        leaves.setdefault(folded, path)
        parts = path.split("/")
        for depth in range(len(parts) - 1, 0, -1):
            folder = "/".join(parts[:depth])
            if folder in looked_at:
                break  # and all above it
            looked_at.add(folder)
            seen = names.setdefault(_folded(folder), folder)
            if seen != folder:
                yield path, f"its folder and {seen} are the same where letters are folded"
                break
    for folded, path in leaves.items():
        if folded in names:
            yield path, "a folder has its name"


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def write_tree(
    files: Sequence[TreeFile], folder: str, blobs: Callable[[str], Iterator[bytes]]
) -> tuple[list[TreeEntry], list[tuple[str, str]]]:
    """Write *files* below the empty *folder*, links last; return their entries and the unfit links.

    *blobs* yields the content of an object. Raises OSError.
    """
    made: set[str] = set()
    entries = [_write_file(file, folder, blobs(file.object_name), made) for file in files if file.kind != "l"]
    faults = []
    for file in files:
        if file.kind == "l":
            target = b"".join(blobs(file.object_name))
            reason = _unfit_link(file.path, target)
            if reason:
                faults.append((file.path, reason))
                continue
            _make_parent(folder, file.path, made)
            os.symlink(os.fsdecode(target), os.path.join(folder, *file.path.split("/")))
            entries.append(TreeEntry("l", sha256(target).hexdigest(), file.path))
    return entries, faults


def _write_file(file: TreeFile, folder: str, content: Iterator[bytes], made: set[str]) -> TreeEntry:
    _make_parent(folder, file.path, made)
    path = os.path.join(folder, *file.path.split("/"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    digest = sha256()
    with open(os.open(path, flags, 0o755 if file.kind == "x" else 0o644), "wb") as out:
        for chunk in content:
            digest.update(chunk)
            out.write(chunk)
    return TreeEntry(file.kind, digest.hexdigest(), file.path)


def _make_parent(folder: str, path: str, made: set[str]) -> None:
    parent = path.rpartition("/")[0]
    if parent and parent not in made:
        os.makedirs(os.path.join(folder, *parent.split("/")), mode=0o755, exist_ok=True)
        made.add(parent)


def _unfit_link(path: str, target: bytes) -> str:
    """Return why the link is not made: it leads out of the tree. Empty: it is fit."""
    if len(target) > _LINK_BYTES or b"\0" in target or not target:
        return "its target is no path"
    text = os.fsdecode(target)
    if text.startswith("/") or "\\" in text or (len(text) > 1 and text[1] == ":"):
        return "it leads out of the tree"
    above, named = path.count("/"), False
    for part in text.split("/"):
        if part == "..":
            above -= 1
        named = named or part not in ("", ".", "..")
        if above < 0 or (part == ".." and named):  # behind a name, .. may lead up from where a link leads
            return "it leads out of the tree"
        if _DOT_GIT.fullmatch(_IGNORED_BY_HFS.sub("", part)):
            return "it leads to .git"
    return ""
