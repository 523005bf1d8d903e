"""The store's lock: many may use it at once, who deletes is alone.

Adding an entry needs no more than the shared lock, because an entry is made beside and renamed into place.
The lock ends with the process that holds it, however that ends; a forked worker holds it with its parent.
"""

from __future__ import annotations

import os
import sys

from trued.store.damage import StoreUnusable
from trued.store.layout import lock_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["alone", "using"]


class _Lock:
    """A held lock, or one about to be; a context manager."""

    __slots__ = ("_descriptor", "_is_exclusive", "_store")

    def __init__(self, store: str, *, is_exclusive: bool) -> None:
        self._store = store
        self._is_exclusive = is_exclusive
        self._descriptor = -1

    def __enter__(self) -> None:
        self._descriptor = _opened(self._store)
        try:
            _hold(self._descriptor, is_exclusive=self._is_exclusive)
        except BaseException:
            os.close(self._descriptor)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _release(self._descriptor)
        os.close(self._descriptor)


def using(store: str) -> _Lock:
    """Return the lock under which entries are read, linked and added; waits while somebody deletes.

    To be held from before a manifest is read until its files are linked. Makes the store where there is none.
    Entering raises :class:`trued.store.damage.StoreUnusable` when the system refuses that.
    """
    return _Lock(store, is_exclusive=False)


def alone(store: str) -> _Lock:
    """Return the lock under which entries are deleted; waits until nobody uses the store."""
    return _Lock(store, is_exclusive=True)


def _opened(store: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    path = lock_path(store)
    try:
        try:
            return os.open(path, flags, 0o644)
        except FileNotFoundError:
            os.makedirs(store, mode=0o700, exist_ok=True)
            return os.open(path, flags, 0o644)
        except PermissionError:
            return os.open(path, os.O_RDONLY)  # somebody else's store: enough to lock it
    except OSError as error:
        raise StoreUnusable(store, error) from error


if sys.platform == "win32":

    def _hold(descriptor: int, *, is_exclusive: bool) -> None:  # noqa: ARG001 - Windows has one kind only
        """Lock the first byte. Windows' own call has no shared locks here: users wait for each other."""
        import msvcrt
        import time

        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                time.sleep(0.02)

    def _release(descriptor: int) -> None:
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _hold(descriptor: int, *, is_exclusive: bool) -> None:
        import errno
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if is_exclusive else fcntl.LOCK_SH)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
                raise
            # A file system without this kind of lock: what is left is that entries appear and vanish whole.

    def _release(descriptor: int) -> None:
        """Nothing to do: closing releases the lock, once no forked worker holds the file open either."""
