"""Private folders for entries in the making and archives to be proven; removal of what killed runs left.

A folder is locked while its maker lives. One that can be locked by somebody else was left behind, and whoever
makes the next entry removes it.
"""

from __future__ import annotations

import os
import sys

from trued.store.layout import temporary_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Staging", "sweep"]

_ABANDONED_NS = 24 * 3600 * 10**9
"""Where folders cannot be locked: the age from which one counts as left behind."""


class Staging:
    """A new folder below ``<store>/tmp``, removed at the end with all that is still in it."""

    def __init__(self, store: str, *, now_ns: int) -> None:
        self.path = ""
        self._store = store
        self._now_ns = now_ns
        self._descriptor = -1

    def __enter__(self) -> Self:
        parent = temporary_path(self._store)
        os.makedirs(parent, mode=0o700, exist_ok=True)
        sweep(self._store, now_ns=self._now_ns)
        while True:
            self.path = f"{parent}{os.sep}{os.urandom(12).hex()}"
            os.mkdir(self.path, 0o700)
            try:
                self._descriptor = _opened(self.path)
            except FileNotFoundError:
                continue  # swept by somebody before it was opened
            if _lock(self._descriptor) is not False and os.path.isdir(self.path):
                return self
            _close(self._descriptor)  # swept by somebody before it was locked

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        _remove(self.path)
        _close(self._descriptor)


def sweep(store: str, *, now_ns: int) -> int:
    """Remove the folders that killed processes left, and return how many there were."""
    parent = temporary_path(store)
    try:
        names = os.listdir(parent)
    except FileNotFoundError:
        return 0
    return sum([_swept(f"{parent}{os.sep}{name}", now_ns=now_ns) for name in names])


def _remove(path: str) -> None:
    """Remove a folder and what is in it: mostly nothing, because what was made there has been moved."""
    try:
        os.rmdir(path)
    except OSError:
        from shutil import rmtree

        rmtree(path, ignore_errors=True)


def _swept(path: str, *, now_ns: int) -> bool:
    try:
        age = now_ns - os.stat(path).st_mtime_ns
        descriptor = _opened(path)
    except OSError:  # gone meanwhile, or not ours to look at
        return False
    try:
        is_locked = _lock(descriptor)
        if is_locked is False or (is_locked is None and age < _ABANDONED_NS):
            return False
        _remove(path)
        return True
    finally:
        _close(descriptor)


if sys.platform == "win32":

    def _opened(path: str) -> int:  # noqa: ARG001 - a folder has no descriptor here
        return -1

    def _lock(descriptor: int) -> bool | None:  # noqa: ARG001 - and no lock
        """Return ``None``: folders cannot be locked."""
        return None

    def _close(descriptor: int) -> None:
        """Nothing was opened."""

else:

    def _opened(path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

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
