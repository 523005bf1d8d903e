"""One sha256 for a whole source tree, so that a build can say what it was made of.

The digest is that of a list, one entry a file in the order of the paths' bytes, each ended by a NUL::

    KIND SP SHA256 SP PATH NUL

KIND is ``f`` for a file, ``x`` for one that its owner may execute, ``l`` for a symbolic link; SHA256 is that
of the content, of a link that of its target's text; PATH is relative, with ``/``, in UTF-8. Before the first
entry stands ``trued-tree-1`` and a NUL. Empty folders, times and owners play no part, as in git's own trees.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256

from trued.core.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = ["TreeEntry", "entries_digest", "tree_digest"]

_HEADER = b"trued-tree-1\0"
_CHUNK = 1024 * 1024


class TreeEntry(NamedTuple):
    """One file of a tree: its ``kind`` (``f``, ``x``, ``l``), the sha256 of its content, its path."""

    kind: str
    sha256: str
    path: str


def entries_digest(entries: Iterable[TreeEntry]) -> str:
    """Return the digest of the tree that has *entries*, in whatever order they come."""
    total = sha256(_HEADER)
    for entry in sorted(entries, key=lambda one: os.fsencode(one.path)):
        total.update(f"{entry.kind} {entry.sha256} ".encode() + os.fsencode(entry.path) + b"\0")
    return total.hexdigest()


def tree_digest(folder: str, *, skipping: Collection[str] = ()) -> str:
    """Return the digest of everything below *folder* but the top entries *skipping*.

    Raises OSError, also for what is no plain file.
    """
    return entries_digest(entry for entry in _walk(folder) if entry.path.partition("/")[0] not in skipping)


def _walk(folder: str) -> Iterator[TreeEntry]:
    folders = [("", folder)]
    while folders:
        prefix, here = folders.pop()
        with os.scandir(here) as found:
            entries = list(found)
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_symlink():
                target = os.fsencode(os.readlink(entry.path))
                yield TreeEntry("l", sha256(target).hexdigest(), path)
            elif entry.is_dir(follow_symlinks=False):
                folders.append((f"{path}/", entry.path))
            elif entry.is_file(follow_symlinks=False):
                is_executable = entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR
                yield TreeEntry("x" if is_executable else "f", _content_digest(entry.path), path)
            else:
                raise OSError(f"{path} is neither a file, a folder nor a link")


def _content_digest(path: str) -> str:
    digest = sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
