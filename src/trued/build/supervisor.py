"""Watches one running build: takes what it prints, and ends it when it takes more than it may."""

from __future__ import annotations

import os
import time

from trued.build.faults import limit_reached
from trued.core.record import Protocol, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import queue
    from collections.abc import Sequence
    from typing import IO

    from trued.build.limits import BuildLimits
    from trued.build.log import BuildLog

__all__ = ["Census", "Running", "memory_allowed", "supervise"]

_TICK_SECONDS = 0.1
_PIECE = 8192
_FREE_SHARE = 0.9
"""Of the space that was free when the build began; the rest stays for others."""

_MEMORY_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How many processes a build has now, and how many bytes of memory they hold together."""

    processes: int
    memory_bytes: int


class Running(Protocol):
    """A started build: its output, its end, what it holds, and the way to end all of it."""

    output: IO[bytes]

    def ended(self) -> int | None:
        """Return the exit status, or ``None`` while it runs."""

    def census(self) -> Census | None:
        """Count the processes, or return ``None`` where that cannot be told."""

    def kill(self) -> None:
        """End every process of the build and wait until they are gone."""


def supervise(running: Running, limits: BuildLimits, *, writable: Sequence[str], log: BuildLog) -> int:
    """Return the exit status of *running*; no process of it is left, whatever happened.

    Raises:
        Refused: One of *limits* was reached (TRU442).

    """
    output = _Output(running.output, log, most=limits.output_bytes)
    try:
        guards = _Guards(limits, writable)
        while True:
            output.take()
            reached = guards.reached(running, log)
            if reached is not None:
                raise limit_reached(*reached, log=log)
            status = running.ended() if output.is_open else _end_of(running)
            if status is not None:
                return status
    finally:
        running.kill()
        output.drain()


class _Output:
    """What a build prints, read by a thread of its own and kept in pieces until the log takes them."""

    def __init__(self, pipe: IO[bytes], log: BuildLog, *, most: int) -> None:
        import queue
        import threading

        self.is_open = True
        self._log = log
        self._most = most
        self._pieces: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._nothing = queue.Empty
        threading.Thread(target=_read, args=(pipe, self._pieces), daemon=True).start()

    def take(self) -> bool:
        """Move what comes within a tick to the log; return whether there was any.

        No longer: while it writes, nobody looks at the limits, and a line costs more than its bytes tell.
        """
        if not self.is_open:
            return False
        until = time.monotonic() + _TICK_SECONDS
        try:
            self._keep(self._pieces.get(timeout=_TICK_SECONDS))
            while time.monotonic() < until:
                self._keep(self._pieces.get_nowait())
        except self._nothing:
            return not self._pieces.empty()
        return True

    def drain(self) -> None:
        """Take what is still on its way after the end, so that the last lines of an error are kept."""
        while self.is_open and self.take():
            pass

    def _keep(self, piece: bytes) -> None:
        if self._log.size <= self._most:
            self._log.feed(piece)
        self.is_open = self.is_open and bool(piece)


def _read(pipe: IO[bytes], pieces: queue.Queue[bytes]) -> None:
    """Pass on what is printed; an empty piece is the end, which comes when no process holds the pipe."""
    with pipe:
        while True:
            piece = os.read(pipe.fileno(), _PIECE)
            pieces.put(piece)
            if not piece:
                return


def _end_of(running: Running) -> int | None:
    """Wait a moment for the end of a build that closed its output."""
    until = time.monotonic() + _TICK_SECONDS
    while (status := running.ended()) is None and time.monotonic() < until:
        time.sleep(0.001)
    return status


class _Guards:
    """Compares what a build has taken so far with what it may take."""

    def __init__(self, limits: BuildLimits, writable: Sequence[str]) -> None:
        self._limits = limits
        self._until = time.monotonic() + limits.wall_seconds
        self._next_census = 0.0
        self._free = _free_bytes(writable)
        least = min((free for _, free in self._free.values()), default=0)
        self._may_write = min(limits.written_bytes, int(least * _FREE_SHARE))
        self._entries = {path: _free_entries(path) for path, _ in self._free.values()}
        self._may_hold = memory_allowed(limits)
        self._must_stay = int(_available_memory() * (1 - _MEMORY_SHARE))

    def reached(self, running: Running, log: BuildLog) -> tuple[str, str] | None:
        """Return the name of a limit that is reached and its size, for people."""
        now = time.monotonic()
        if now > self._until:
            return "time", f"{self._limits.wall_seconds:g} seconds"
        if log.size > self._limits.output_bytes:
            return "printed text", f"{self._limits.output_bytes} bytes"
        if now < self._next_census:
            return None
        self._next_census = now + _TICK_SECONDS
        if self._written() > self._may_write:
            return "disk space", f"{self._may_write} bytes"
        if self._is_crowded():
            return "files", f"{self._limits.entries}, or nine tenths of what the file system has room for"
        if 0 < _available_memory() < self._must_stay:
            return "memory", "nine tenths of what the machine had left when the build began"
        return self._crowd(running.census())

    def _written(self) -> int:
        """Return by how much the free space fell: this also counts files that have no name any more."""
        return max((was - _free_now(path) for path, was in self._free.values()), default=0)

    def _is_crowded(self) -> bool:
        """Tell whether too many files were made: an empty one takes no space and still one of few places."""
        return any(
            was - _free_entries(path) > min(self._limits.entries, was * _FREE_SHARE)
            for path, was in self._entries.items()
            if was
        )

    def _crowd(self, census: Census | None) -> tuple[str, str] | None:
        if census is None:
            return None
        if census.processes > self._limits.processes:
            return "processes", str(self._limits.processes)
        if census.memory_bytes > self._may_hold:
            return "memory", f"{self._may_hold} bytes"
        return None


def memory_allowed(limits: BuildLimits) -> int:
    """Return how much memory a build may hold: as *limits* say, and never all that the machine has."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return limits.memory_bytes
    return min(limits.memory_bytes, int(whole * _MEMORY_SHARE))


def _available_memory() -> int:
    """Return how many bytes of memory the machine can still give; 0 where it does not tell.

    A build also takes memory that is no process's: what lies in its sockets and pipes.
    """
    try:
        with open("/proc/meminfo", "rb") as file:
            for line in file:
                if line.startswith(b"MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 0


def _free_bytes(folders: Sequence[str]) -> dict[int, tuple[str, int]]:
    return {os.stat(path).st_dev: (path, _free_now(path)) for path in folders}


def _free_entries(path: str) -> int:
    """Return how many files can still be made; 0 where the file system has no such bound."""
    return os.statvfs(path).f_ffree if hasattr(os, "statvfs") else 0


def _free_now(path: str) -> int:
    import shutil

    return shutil.disk_usage(path).free
