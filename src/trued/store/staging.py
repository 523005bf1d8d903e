"""Private folders in which entries are made, and the removal of those that a killed process left.

A folder is locked while its maker lives. One that can be locked by somebody else was left behind, and whoever
makes the next entry removes it.
"""

from __future__ import annotations

import os
import shutil
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
        self._store = store
        self._now_ns = now_ns
        self.path = ""
        self._descriptor = -1

    def __enter__(self) -> Self:
        parent = temporary_path(self._store)
        os.makedirs(parent, mode=0o700, exist_ok=True)
        sweep(self._store, now_ns=self._now_ns)
        while True:
            self.path = f"{parent}{os.sep}{os.urandom(12).hex()}"
            os.mkdir(self.path, 0o700)
            self._descriptor = _locked(self.path)
            if os.path.isdir(self.path):
                return self
            _close(self._descriptor)  # swept by somebody before it was locked

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        _close(self._descriptor)


def sweep(store: str, *, now_ns: int) -> int:
    """Remove the folders that killed processes left, and return how many there were."""
    parent = temporary_path(store)
    try:
        names = os.listdir(parent)
    except FileNotFoundError:
        return 0
    swept = 0
    for name in names:
        path = f"{parent}{os.sep}{name}"
        descriptor = _locked(path, now_ns=now_ns)
        if descriptor >= 0:
            shutil.rmtree(path, ignore_errors=True)
            _close(descriptor)
            swept += 1
    return swept


def _close(descriptor: int) -> None:
    if descriptor >= 0 and sys.platform != "win32":
        os.close(descriptor)


if sys.platform == "win32":

    def _locked(path: str, *, now_ns: int | None = None) -> int:
        """Return 0 where the folder may be had: one just made, or one that nobody touched for a day."""
        if now_ns is None:
            return 0
        try:
            return 0 if now_ns - os.stat(path).st_mtime_ns > _ABANDONED_NS else -1
        except FileNotFoundError:
            return -1

else:

    def _locked(path: str, *, now_ns: int | None = None) -> int:
        """Return the locked folder, or -1 when its maker lives. *now_ns* is given to take another's."""
        import fcntl

        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return -1
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Held by its maker; or not to be locked at all here, and then its age decides.
            age = (now_ns or 0) - os.fstat(descriptor).st_mtime_ns
            if now_ns is None or age < _ABANDONED_NS:
                if now_ns is None:
                    return descriptor
                os.close(descriptor)
                return -1
        return descriptor
