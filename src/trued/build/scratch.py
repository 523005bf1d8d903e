"""Private folders among the temporary files, for one run each; removal of what killed runs left there.

A folder is locked while its run lives. One that can be locked by somebody else was left behind, as after a
SIGKILL, and whoever needs a folder next removes it.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time

from trued.build.discard import discard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["PREFIX", "Scratch", "sweep"]

PREFIX = "trued-builds-"
_ABANDONED_SECONDS = 24 * 3600
"""Where folders cannot be locked: the age from which one counts as left behind."""


class Scratch:
    """A new folder of this user alone; use it as a context manager, or close it."""

    def __init__(self) -> None:
        sweep()
        while True:
            self.path = tempfile.mkdtemp(prefix=PREFIX)
            try:
                self._descriptor = _opened(self.path)
            except FileNotFoundError:
                continue  # swept by somebody before it was opened
            if _lock(self._descriptor) is not False and os.path.isdir(self.path):
                return
            _close(self._descriptor)  # swept by somebody before it was locked

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder with all that is in it; may be called again."""
        if self.path:
            discard(self.path)
            _close(self._descriptor)
            self.path, self._descriptor = "", -1


def sweep() -> int:
    """Remove what killed runs of this user left, and return how many folders that were."""
    parent = tempfile.gettempdir()
    try:
        names = os.listdir(parent)
    except OSError:
        return 0
    return sum([_swept(os.path.join(parent, name)) for name in names if name.startswith(PREFIX)])


def _swept(path: str) -> bool:
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or not _is_own(status):
            return False  # others may make what they like among temporary files
        descriptor = _opened(path)
    except OSError:  # gone meanwhile
        return False
    is_locked = _lock(descriptor)
    is_left = is_locked or (is_locked is None and time.time() - status.st_mtime > _ABANDONED_SECONDS)
    if is_left:
        discard(path)
    _close(descriptor)
    return bool(is_left)


if sys.platform == "win32":

    def _is_own(status: os.stat_result) -> bool:  # noqa: ARG001 - the folder is the user's own here
        return True

    def _opened(path: str) -> int:  # noqa: ARG001 - a folder has no descriptor here
        return -1

    def _lock(descriptor: int) -> bool | None:  # noqa: ARG001 - and no lock
        """Return ``None``: folders cannot be locked."""
        return None

    def _close(descriptor: int) -> None:
        """Nothing was opened."""

else:

    def _is_own(status: os.stat_result) -> bool:
        return status.st_uid == os.geteuid()

    def _opened(path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def _lock(descriptor: int) -> bool | None:
        """Lock the folder; return whether that was possible, ``None`` where folders cannot be locked."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True

    def _close(descriptor: int) -> None:
        os.close(descriptor)
