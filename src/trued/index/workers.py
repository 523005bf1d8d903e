"""Several threads over one iterable: each takes the next item when free, results come as they are ready."""

from __future__ import annotations

import threading
from _queue import SimpleQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    _Item = TypeVar("_Item")
    _Result = TypeVar("_Result")

__all__ = ["in_parallel"]


def in_parallel(
    work: Callable[[_Item], _Result], items: Iterable[_Item], *, threads: int, give_up: Callable[[], None]
) -> Iterator[_Result]:
    """Yield ``work(item)`` of each item, in the order of completion.

    *items* is advanced under a lock by whichever thread is free, so it may itself wait for something. What
    *work* or *items* raise is raised here. *give_up* is called when the caller leaves early; the threads
    are then waited for. What one thread is to do, a thread of the background does itself.
    """
    if threads == 1 and threading.current_thread() is not threading.main_thread():
        yield from map(work, items)  # in the main thread an interruption would be lost within libcurl's calls
        return
    crew = _Crew(work, items)
    started = [threading.Thread(target=crew.run, daemon=True) for _ in range(max(1, threads))]
    for thread in started:
        thread.start()
    finished = False
    try:
        yield from crew.results(len(started))
        finished = True
    finally:
        crew.stop()
        if not finished:
            give_up()
        for thread in started:
            thread.join()


class _Crew:
    def __init__(self, work: Callable[[Any], Any], items: Iterable[Any]) -> None:
        self._work = work
        self._items = iter(items)
        self._turn = threading.Lock()
        self._results: SimpleQueue[tuple[Any] | BaseException | None] = SimpleQueue()
        self._stopped = False

    def stop(self) -> None:
        """Let no thread take another item."""
        self._stopped = True

    def results(self, threads: int) -> Iterator[Any]:
        """Yield until every one of *threads* has said that it is done."""
        while threads:
            result = self._results.get()
            if result is None:
                threads -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield result[0]

    def run(self) -> None:
        """Work until there are no more items: what one thread does."""
        try:
            while (taken := self._next()) is not None:
                self._results.put((self._work(taken[0]),))
        except BaseException as error:  # noqa: BLE001 - whatever ends a thread is raised by who waits for it
            self.stop()
            self._results.put(error)
        finally:
            self._results.put(None)

    def _next(self) -> tuple[Any] | None:
        with self._turn:
            if self._stopped:
                return None
            for item in self._items:
                return (item,)
            self._stopped = True
            return None
