"""Ways to bring a file from the store into an environment: clone, hard link, copy.

A clone (reflink) shares its blocks until one side writes, a hard link is the same file under a second name,
a copy is a file of its own. **Symbolic links are not offered**: an environment of symbolic links breaks
when the store is cleaned or moved, cannot be moved itself, and an editor that writes through one writes
into the store.

What a pair of folders allows is found by trying once: ``auto`` goes through the three in this order and
stays with the first that works. An explicit ``clone`` or ``hardlink`` that is not possible becomes a copy,
which the caller is told. Copies and clones belong to the environment alone, so they are writable by their
owner; they keep the modification time, without which the interpreter would not accept the compiled files.
"""

from __future__ import annotations

import errno
import os
import sys

from trued.store.directory import dated, hardlink, opened_file, removed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from trued.store.directory import Directory

    Transfer: TypeAlias = Callable[[str, Directory, Directory, bool], None]
    """Brings the file of a name from one directory to the other; whether it is executable."""

__all__ = ["MODES", "NOT_POSSIBLE", "clone", "copy", "hardlink", "ways"]

MODES = ("auto", "clone", "hardlink", "copy")
"""What ``--link-mode`` takes."""

NOT_POSSIBLE = frozenset(
    {
        errno.EXDEV,  # another device
        errno.EPERM,  # the file system has no links, or the file is somebody else's (fs.protected_hardlinks)
        errno.EMLINK,  # the file has as many names as the file system allows
        errno.EOPNOTSUPP,
        errno.ENOTSUP,
        errno.ENOTTY,
        errno.EINVAL,
        errno.ENOSYS,
    }
)
"""Errors which say that this way is not open, while another may be."""

_FICLONE = 0x40049409
_PIECE = 1024 * 1024
_MOST_SENT = 0x7FFFF000
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


def ways(mode: str) -> list[Transfer]:
    """Return what is to be tried for *mode*, one of :data:`MODES`, in order; the last always works."""
    if mode == "copy":
        return [copy]
    if mode == "hardlink" or (mode == "auto" and sys.platform != "linux"):
        return [hardlink, copy]
    return [clone, copy] if mode == "clone" else [clone, hardlink, copy]


def clone(name: str, source: Directory, target: Directory, executable: bool) -> None:  # noqa: FBT001 - see Transfer
    """Share the file's blocks (``FICLONE``: btrfs, XFS, bcachefs, OCFS2, overlays of them)."""
    _filled(name, source, target, executable=executable, fill=_share_blocks)


def copy(name: str, source: Directory, target: Directory, executable: bool) -> None:  # noqa: FBT001 - see Transfer
    """Write a second file with the same content."""
    _filled(name, source, target, executable=executable, fill=_copy_content)


def _filled(
    name: str,
    source: Directory,
    target: Directory,
    *,
    executable: bool,
    fill: Callable[[int, int], None],
) -> None:
    """Make a new file, fill it from the source; nothing is left when that fails."""
    reader = opened_file(name, source, _READ)
    try:
        writer = opened_file(name, target, _CREATE, 0o755 if executable else 0o644)
        try:
            fill(writer, reader)
        except BaseException:
            os.close(writer)
            removed(name, target)
            raise
        os.close(writer)
        dated(name, target, os.fstat(reader).st_mtime_ns)
    finally:
        os.close(reader)


def _share_blocks(writer: int, reader: int) -> None:
    if sys.platform == "linux":
        import fcntl

        fcntl.ioctl(writer, _FICLONE, reader)
    else:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


def _copy_content(writer: int, reader: int) -> None:
    if hasattr(os, "copy_file_range"):  # Linux, whose sendfile copies inside the kernel between any two files
        while os.sendfile(writer, reader, None, _MOST_SENT):
            pass
        return
    while piece := os.read(reader, _PIECE):
        view = memoryview(piece)
        while view:
            view = view[os.write(writer, view) :]
