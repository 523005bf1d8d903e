"""A crew: workers that take one task after another while the caller does something else.

Unpacking small files is many short system calls, between which two threads of one interpreter hand its lock
to each other. So on Linux a worker is a forked process, as long as this process has no other thread when the
crew begins; elsewhere it is a thread. On a busy machine the two measured alike (docs/decisions/0007).

A task is a number and a note, and an answer is bytes. The pipe that deals out tasks keeps each in one piece
(``O_DIRECT``, pipe(2)); a task that does not fit into one is done by who gives it.
"""

from __future__ import annotations

import _thread
import gc
import os
import select
import sys

from trued.core.record import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    Work = Callable[[int, bytes], bytes]
    Answer = tuple[int, bytes]

__all__ = ["Crew", "CrewLost", "crew_of"]

_NUMBER = 4
_LENGTH = 8
_LONGEST_TASK = select.PIPE_BUF if sys.platform != "win32" else 0


class CrewLost(Exception):
    """A worker ended without an answer: it was killed, or memory ran out."""


class Crew(Protocol):
    """Workers at work. Used as a context manager: leaving it ends them, whatever they are doing."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def give(self, number: int, note: bytes) -> None:
        """Hand in a task. Raises: CrewLost."""

    def ready(self) -> Iterator[Answer]:
        """Yield the answers that are there, without waiting."""

    def rest(self) -> Iterator[Answer]:
        """Wait for all tasks that were given, and yield their answers. Raises: CrewLost."""


def crew_of(work: Work, *, workers: int) -> Crew:
    """Return a crew of *workers*, each of which answers a task with ``work(number, note)``.

    Without workers the caller does all of it, once it waits. *work* must not raise.
    """
    if not workers:
        return _Nobody(work)
    if sys.platform == "linux" and _thread._count() == 0:
        return _Processes(work, workers=workers)
    return _Threads(work, workers=workers)


class _Nobody:
    """A crew for what is not worth one."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tasks: list[tuple[int, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tasks.clear()

    def give(self, number: int, note: bytes) -> None:
        self._tasks.append((number, note))

    def ready(self) -> Iterator[Answer]:
        return iter(())

    def rest(self) -> Iterator[Answer]:
        while self._tasks:
            number, note = self._tasks.pop(0)
            yield number, self._work(number, note)


class _Threads:
    """A crew of threads."""

    def __init__(self, work: Work, *, workers: int) -> None:
        from _queue import SimpleQueue
        from threading import Thread

        self._work = work
        self._tasks: SimpleQueue[tuple[int, bytes] | None] = SimpleQueue()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._open = 0
        self._threads = [Thread(target=self._run, daemon=True) for _ in range(workers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        while not self._tasks.empty():
            self._tasks.get()
        for _started in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def give(self, number: int, note: bytes) -> None:
        self._open += 1
        self._tasks.put((number, note))

    def ready(self) -> Iterator[Answer]:
        while not self._answers.empty():
            self._open -= 1
            yield self._answers.get()

    def rest(self) -> Iterator[Answer]:
        while self._open:
            self._open -= 1
            yield self._answers.get()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._answers.put((task[0], self._work(*task)))


class _Processes:
    """A crew of forked processes: one pipe deals out tasks to all, and each answers through its own."""

    def __init__(self, work: Work, *, workers: int) -> None:
        self._work = work
        self._workers = workers
        self._open = 0
        self._tasks = -1
        self._waiting: list[bytes] = []
        self._done: list[Answer] = []
        self._children: dict[int, int] = {}
        self._read: dict[int, bytearray] = {}

    def __enter__(self) -> Self:
        sys.stdout.flush()
        sys.stderr.flush()
        taking, self._tasks = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
        os.set_blocking(self._tasks, False)
        try:
            for _ in range(self._workers):
                self._fork(taking)
        except BaseException:
            self.__exit__()
            raise
        finally:
            os.close(taking)
        return self

    def _fork(self, taking: int) -> None:
        answers, answering = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(self._tasks)  # else no worker would ever see that there are no more
            _serve(self._work, taking, answering)
        os.close(answering)
        self._children[answers] = child
        self._read[answers] = bytearray()

    def __exit__(self, *_: object) -> None:
        os.close(self._tasks)
        for answers, child in self._children.items():
            os.close(answers)
            if self._open:
                os.kill(child, 9)
            os.waitpid(child, 0)

    def give(self, number: int, note: bytes) -> None:
        task = number.to_bytes(_NUMBER, "little") + note
        if len(task) > _LONGEST_TASK:
            self._done.append((number, self._work(number, note)))
            return
        self._open += 1
        self._waiting.append(task)
        self._deal()

    def ready(self) -> Iterator[Answer]:
        yield from self._arrived(0)

    def rest(self) -> Iterator[Answer]:
        while self._open or self._done:
            yield from self._arrived(None)

    def _deal(self) -> None:
        """Deal out as many tasks as the pipe takes now: waiting for it, nobody would take the answers."""
        try:
            while self._waiting:
                os.write(self._tasks, self._waiting[0])
                del self._waiting[0]
        except BlockingIOError:
            return
        except BrokenPipeError as error:  # all of them are gone
            raise CrewLost from error

    def _arrived(self, seconds: float | None) -> Iterator[Answer]:
        while self._done:
            yield self._done.pop()
        self._deal()
        if not self._open:
            return
        tasks = [self._tasks] if self._waiting else []
        readable, _, _ = select.select(list(self._read), tasks, [], seconds)
        for answers in readable:
            piece = os.read(answers, 65536)
            if not piece:
                raise CrewLost
            self._read[answers] += piece
            yield from self._whole(self._read[answers])

    def _whole(self, read: bytearray) -> Iterator[Answer]:
        while len(read) >= _NUMBER + _LENGTH:
            end = _NUMBER + _LENGTH + int.from_bytes(read[_NUMBER : _NUMBER + _LENGTH], "little")
            if len(read) < end:
                return
            number, answer = int.from_bytes(read[:_NUMBER], "little"), bytes(read[_NUMBER + _LENGTH : end])
            del read[:end]
            self._open -= 1
            yield number, answer


def _serve(work: Work, taking: int, answering: int) -> None:
    """Answer tasks until there are no more, and end the forked process: nothing else of the parent's runs.

    Nor does the collection of garbage: it would write to every page that is shared with the parent, and what
    unpacking leaves behind is hardly ever a circle.
    """
    gc.disable()
    try:
        while task := os.read(taking, _LONGEST_TASK):
            number = task[:_NUMBER]
            answer = work(int.from_bytes(number, "little"), task[_NUMBER:])
            data = memoryview(number + len(answer).to_bytes(_LENGTH, "little") + answer)
            while data:
                data = data[os.write(answering, data) :]
        os._exit(0)
    finally:
        os._exit(1)
