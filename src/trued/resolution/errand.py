"""Work done ahead: begun in the background, or by whoever needs it first, and done once."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Crew", "Errand"]

_Result = TypeVar("_Result")
_PATIENCE = 2.0
"""Seconds to wait for the threads at the end; one that waits for a slow server is a daemon and is left."""


class Errand(Generic[_Result]):
    """One piece of work. Whoever asks for the result of an errand that nobody has begun does it himself."""

    __slots__ = ("_done", "_error", "_result", "_taken", "_work")

    def __init__(self, work: Callable[[], _Result]) -> None:
        self._work = work
        self._taken = threading.Lock()
        self._done = threading.Event()
        self._result: _Result | None = None
        self._error: BaseException | None = None

    def attempt(self) -> None:
        """Do the work, unless it is done or somebody is at it."""
        if not self._taken.acquire(blocking=False):
            return
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised by who asks for the result
            self._error = error
        finally:
            self._done.set()

    def result(self) -> _Result:
        """Return the result, doing the work or waiting for it. Raises what the work raised."""
        if not self._done.is_set():
            self.attempt()
            self._done.wait()
        if self._error is not None:
            raise self._error
        return cast("_Result", self._result)


class Crew:
    """Threads that do errands in the order in which they were begun; each is started when there is need."""

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads)
        self._threads: list[threading.Thread] = []
        self._waiting: SimpleQueue[Errand[object] | None] = SimpleQueue()
        self._idle = 0
        self._turn = threading.Lock()
        self._closed = False

    def begin(self, errand: Errand[_Result]) -> None:
        """Have *errand* done in the background; after :meth:`close` it waits for who needs it."""
        if self._closed:
            return
        self._waiting.put(cast("Errand[object]", errand))
        with self._turn:
            if self._idle < self._waiting.qsize() and len(self._threads) < self._most:
                thread = threading.Thread(target=self._run, daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Begin no further errand, and wait a moment for those under way."""
        self._closed = True
        for _ in self._threads:
            self._waiting.put(None)
        self._await_threads()

    def _await_threads(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def finish(self) -> None:
        """Do all that was begun, and what that begins, and end the threads; what hangs is left."""
        for _ in self._threads:
            self._waiting.put(None)
        self._await_threads()
        self._closed = True
        while not self._waiting.empty():
            errand = self._waiting.get()
            if errand is not None:
                errand.attempt()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._idle += 1
            errand = self._waiting.get()
            with self._turn:
                self._idle -= 1
            if errand is None or self._closed:
                return
            errand.attempt()
