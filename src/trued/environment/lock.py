"""One writer at a time: the lock of an environment.

The lock is held on the folder of the packages itself, so nothing is left behind; where the system cannot lock
a folder (Windows, some network file systems), on a file in it. It ends with the process, however that ends.
"""

from __future__ import annotations

import os
import sys

from trued.core.lock import FolderLock, hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

__all__ = ["LOCK_FILE", "PROTECTION_FILE", "Lock"]

LOCK_FILE = ".trued-lock"
PROTECTION_FILE = ".trued-protection.json"
"""In the environment's folder while it is protected: see :mod:`trued.environment.protection_state`."""


class Lock(FolderLock):
    """The exclusive right to change the packages in a folder."""

    __slots__ = ()

    def __enter__(self) -> Self:
        while True:
            descriptor = self._open()
            try:
                self._take(descriptor)
                if self._is_current(descriptor):
                    self._descriptor = descriptor
                    return self
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # the folder was replaced while this waited

    if sys.platform == "win32":

        def _take(self, descriptor: int) -> None:
            hold(descriptor, waiting=self._announce)

        def _open(self) -> int:
            return os.open(os.path.join(self._folder, LOCK_FILE), os.O_RDWR | os.O_CREAT)

        def _is_current(self, _: int) -> bool:
            return True

    else:

        def _open(self) -> int:
            return os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

        def _take(self, descriptor: int) -> None:
            import errno

            try:
                hold(descriptor, waiting=self._announce)
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
                # A network file system that locks by writing: hold a file instead, through the same number.
                path = os.path.join(self._folder, LOCK_FILE)
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                os.dup2(file, descriptor, inheritable=False)
                os.close(file)
                hold(descriptor, waiting=self._announce)

        def _is_current(self, descriptor: int) -> bool:
            import stat

            held = os.fstat(descriptor)
            if not stat.S_ISDIR(held.st_mode):
                return True
            try:
                return os.path.samestat(held, os.stat(self._folder))
            except FileNotFoundError:
                os.makedirs(self._folder, exist_ok=True)
                return False
