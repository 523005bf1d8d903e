"""The exclusive right to a file or folder, which ends with the process, however that ends. LEAN."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FolderLock", "hold", "is_held"]


class FolderLock:
    """The frame of an exclusive right to *folder*, for ``with``; the one who takes it says what is held.

    *waiting* is called once, with the folder, when somebody else has it.
    """

    __slots__ = ("_descriptor", "_folder", "_waiting")

    def __init__(self, folder: str, *, waiting: Callable[[str], None] | None = None) -> None:
        self._folder = folder
        self._waiting = waiting
        self._descriptor = -1

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        self._descriptor = -1

    def _announce(self) -> None:
        if self._waiting:
            self._waiting(self._folder)


if sys.platform == "win32":

    def hold(descriptor: int, *, waiting: Callable[[], object]) -> None:
        """Lock the file alone; *waiting* is called once when somebody else has it. Raises: OSError."""
        import msvcrt
        import time

        announced = False
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                if not announced:
                    waiting()
                announced = True
                time.sleep(0.05)

    def is_held(path: str) -> bool:
        """Return false: to find out, the lock would have to be taken."""
        del path
        return False

else:

    def hold(descriptor: int, *, waiting: Callable[[], object]) -> None:
        """Lock the file alone; *waiting* is called once when somebody else has it. Raises: OSError.

        A folder cannot be held on a network file system that locks files that are open for writing: EBADF.
        """
        import errno
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL):
                raise
            fcntl.lockf(descriptor, fcntl.LOCK_EX)

    def is_held(path: str) -> bool:
        """Tell whether somebody holds the file or folder alone just now."""
        import fcntl

        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return False
