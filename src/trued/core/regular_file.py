"""Files that were named by somebody else, opened so that none can hold the run up."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedReader

__all__ = ["open_regular"]


def open_regular(path: str) -> BufferedReader:
    """Open the regular file at *path* to be read; a link is followed.

    Raises: OSError, also for a pipe or a device: opening one waits until somebody writes, or reading has no
    end.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no regular file", path)
