"""Files of a cache that are this user's alone: written whole or not at all, believed only from the user.

LEAN: read at the start of the shortest runs.
"""

from __future__ import annotations

import os
import stat
from time import monotonic_ns

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
    draft = f"{path}.{os.getpid()}-{monotonic_ns():x}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = _opened(draft, flags)
    except OSError:
        return None
    try:
        with open(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            identity = identity_of(os.fstat(descriptor))
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        return None
    return identity


def _opened(draft: str, flags: int) -> int:
    try:
        return os.open(draft, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(draft), mode=0o700, exist_ok=True)
        return os.open(draft, flags, 0o600)


def _is_own(status: os.stat_result) -> bool:
    return os.name == "nt" or (status.st_uid in (0, os.geteuid()) and not status.st_mode & _SHARED)
