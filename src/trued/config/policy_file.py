"""The bytes of a configuration file, and whether others than its user can write it.

A link is followed, as people who keep their files in one place need it; what it leads to is what is judged.
"""

from __future__ import annotations

import os
import stat

__all__ = ["NotReadable", "PolicyBytes", "has_endless_line", "is_shared", "read_policy_file"]

_MOST_BYTES = 1024 * 1024
_LONGEST_LINE = 16 * 1024
"""A dotted key of so many parts takes the TOML reader a tenth of a second, and four times that for twice."""


class NotReadable(OSError):
    """The file is there and is none that a configuration is read from; ``strerror`` says why."""


PolicyBytes = tuple[bytes, os.stat_result]


def read_policy_file(path: str) -> PolicyBytes:
    """Return what *path* holds, and the status of the file that it led to.

    Raises: NotReadable for a pipe or a device, which could hold the run up for ever, and for a file of more
    than 1 MiB; OSError when it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotReadable(0, "it is no regular file")
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise NotReadable(0, f"it is larger than {_MOST_BYTES >> 20} MiB")
    return data, status


def has_endless_line(data: bytes) -> bool:
    """Tell whether a line of *data* is longer than people write them: reading TOML takes its square."""
    return len(data) > _LONGEST_LINE and any(len(line) > _LONGEST_LINE for line in data.splitlines())


def is_shared(status: os.stat_result) -> str:
    """Say who else can write a file with *status*, nothing when only its user (and root) can.

    Write access of the group is common where each user has a group of their own, and is not told.
    """
    if os.name == "nt":
        return ""
    if status.st_mode & stat.S_IWOTH:
        return "everybody can write it"
    return "" if status.st_uid in (0, os.geteuid()) else "it belongs to another user"
