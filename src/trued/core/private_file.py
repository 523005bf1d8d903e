"""Files of a cache that are this user's alone: written whole or not at all, believed only from the user.

LEAN: read at the start of the shortest runs.
"""

from __future__ import annotations

import os
import stat

from trued.core.whole_file import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Identity", "identity_of", "private_bytes", "write_private"]

Identity = tuple[int, int, int]
"""Inode, size and time of the last change of the content in ns: the same for a file that nobody replaced."""

_SHARED = stat.S_IWGRP | stat.S_IWOTH


def identity_of(status: os.stat_result) -> Identity:
    """Return what tells one content of a file from another."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def private_bytes(path: str) -> bytes | None:
    """Return what the file holds; ``None`` when it is not plainly this user's (or root's), or not there.

    Whoever else may write a file, may have written it. Windows has no owners.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _is_own(status):
            return None
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write_private(path: str, parts: Iterable[bytes]) -> Identity | None:
    """Put *parts* at *path*, whole or not at all, readable by this user only; folders are made.

    Return what tells the file from another, ``None`` when it could not be written: a cache only costs time.
    """
    try:
        return identity_of(write_whole(path, *parts, mode=0o600, durable=False))
    except OSError:
        return None


def _is_own(status: os.stat_result) -> bool:
    return os.name == "nt" or (status.st_uid in (0, os.geteuid()) and not status.st_mode & _SHARED)
