"""Threads over items that are handed in: each takes the next when free, results come as they are ready."""

from __future__ import annotations

import threading
from _queue import SimpleQueue
from bisect import insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Self, TypeVar

    _Item = TypeVar("_Item")
    _Result = TypeVar("_Result")

__all__ = ["Lines", "in_parallel"]

_NEXT, _END = "next", "end"


def in_parallel(
    work: Callable[[_Item], _Result],
    items: Iterable[_Item],
    *,
    threads: int,
    give_up: Callable[[], None],
    opened: Callable[[Lines], object] = lambda _: None,
) -> Iterator[_Result]:
    """Yield ``work(item)`` of each item, in the order of completion.

    What *work* raises is raised here. *give_up* is called when the caller leaves early; the threads are then
    waited for. What one thread is to do, a thread of the background does itself. *opened* is told the lines.
    """
    if threads == 1 and threading.current_thread() is not threading.main_thread():
        yield from map(work, items)  # in the main thread an interruption would be lost within libcurl's calls
        return
    with Lines(work, threads=threads, give_up=give_up) as lines:
        opened(lines)
        for item in items:
            lines.give(item)
        yield from lines.rest()


class Lines:
    """Threads at work, each begun when there is something to do. Used as a context manager.

    While items are still being given there are at most *threads*, at the end *threads_at_last*. Leaving
    before everything is done calls *give_up*, and waits for the threads. *told* is called by a thread that
    has a result.
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        *,
        threads: int,
        give_up: Callable[[], None],
        threads_at_last: int = 0,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._told = told
        self._most = max(1, threads)
        self._most_at_last = max(self._most, threads_at_last)
        self._give_up = give_up
        self._items: list[tuple[int, int, Any]] = []
        self._turns: SimpleQueue[str] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any] | BaseException | Callable[[], None]] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._given = 0
        self._open = 0
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        if self._open:
            self._give_up()
        for _started in self._threads:
            self._turns.put(_END)
        for thread in self._threads:
            thread.join()

    def give(self, item: object, *, weight: int = 0) -> None:
        """Hand in an item; of those that wait the one of the greatest *weight* is taken next."""
        insort(self._items, (weight, -self._given, item))
        self._given += 1
        self._open += 1
        self._turns.put(_NEXT)
        self._widen(self._most)

    def call(self, what: Callable[[], None]) -> None:
        """Have *what* called by whoever waits for results here, before the next of them."""
        self._results.put(what)

    def ready(self) -> Iterator[Any]:
        """Yield the results that are there, without waiting. Raises what the work raised."""
        while not self._results.empty():
            yield self._taken()

    def rest(self) -> Iterator[Any]:
        """Wait for everything that was given, and yield its results. Raises what the work raised."""
        self._widen(self._most_at_last)
        while self._open:
            yield self._taken()

    def _widen(self, most: int) -> None:
        while len(self._threads) < min(most, self._open):
            thread = threading.Thread(target=self._run, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _taken(self) -> Any:
        result = self._results.get()
        while not isinstance(result, (tuple, BaseException)):
            result()
            result = self._results.get()
        self._open -= 1
        if isinstance(result, BaseException):
            raise result
        return result[0]

    def _run(self) -> None:
        while self._turns.get() is _NEXT and not self._stopped:
            item = self._items.pop()[2]
            try:
                result: tuple[Any] | BaseException = (self._work(item),)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised by who waits for it
                result = error
            self._results.put(result)
            self._told()
