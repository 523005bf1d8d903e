"""Sharing work between two workers without a module that costs more to import than it saves.

Linking is many short system calls. Two threads of one interpreter hand its lock to each other at each of
them, which costs more than it gains once every file is also checked (measured on two cores, 8,700 files:
one thread 106 ms, two threads 159, two processes 94). So on Linux the second worker is a forked process, as
long as this process has no other thread; elsewhere it is a thread. Batches are taken one at a time, not
dealt out beforehand, so that both end together.
"""

from __future__ import annotations

import _thread
import marshal
import os
import sys

from trued.core.errors import OperationalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeAlias, TypeVar

    Batch = TypeVar("Batch")
    Outcome = TypeVar("Outcome")
    Work: TypeAlias = Callable[[Iterable[Batch]], Outcome]

__all__ = ["MOST_BATCHES", "outcomes"]

_TOKEN = 4
MOST_BATCHES = 4096
"""More would not fit the pipe through which they are dealt (16 KiB of tokens; pipes hold 64, some 16)."""


def outcomes(work: Work[Batch, Outcome], batches: Sequence[Batch], *, workers: int) -> list[Outcome]:
    """Run *work* over *batches*, shared by at most two workers, and return what each of them returned.

    *work* takes batches from an iterable until there are none, and returns what ``marshal`` can write. It
    must not raise but for what ends the process.

    Raises:
        OperationalError: a worker ended without an answer (killed, out of memory).

    """
    if workers < 2 or len(batches) < 2:
        return [work(batches)]
    if sys.platform == "linux" and _thread._count() == 0:
        return _forked(work, batches)
    return _threaded(work, batches)


def _threaded(work: Work[Batch, Outcome], batches: Sequence[Batch]) -> list[Outcome]:
    shared = iter(batches)
    found: list[Outcome] = []
    ended = _thread.allocate_lock()

    def second() -> None:
        try:
            found.append(work(shared))
        finally:
            ended.release()

    ended.acquire()
    _thread.start_new_thread(second, ())
    try:
        found.append(work(shared))
    finally:
        for _ in shared:  # whatever happened here, the other worker is to stop
            pass
        ended.acquire()
    if len(found) < 2:
        raise _lost()
    return found


if sys.platform != "win32":

    def _forked(work: Work[Batch, Outcome], batches: Sequence[Batch]) -> list[Outcome]:
        tokens = _dealt(len(batches))
        answer, answering = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _answer(work, _taken(tokens, batches, parent=parent), answering)
        os.close(answering)
        try:
            mine = work(_taken(tokens, batches))
            theirs = _read_all(answer)
        except BaseException:
            # Nothing may still be written once the caller begins to undo.
            os.kill(child, 9)
            raise
        finally:
            os.close(answer)
            os.close(tokens)
            os.waitpid(child, 0)
        if not theirs:
            raise _lost()
        found: Outcome = marshal.loads(theirs)  # noqa: S302 - from our own child
        return [mine, found]

    def _dealt(count: int) -> int:
        """Return a pipe that holds the numbers below *count*; who reads one has taken that batch."""
        tokens, dealing = os.pipe()
        os.write(dealing, b"".join([number.to_bytes(_TOKEN, "little") for number in range(count)]))
        os.close(dealing)
        return tokens

    def _taken(tokens: int, batches: Sequence[Batch], *, parent: int = 0) -> Iterator[Batch]:
        while token := os.read(tokens, _TOKEN):
            if parent and os.getppid() != parent:
                return  # killed: the next call will undo what was begun, and must not be worked against
            yield batches[int.from_bytes(token, "little")]

    def _answer(work: Work[Batch, Outcome], batches: Iterator[Batch], answering: int) -> None:
        """Run *work* in the forked process and end it, running nothing else of the parent's."""
        import gc

        gc.disable()  # it would look at every object, and so copy the pages that are shared until then
        try:
            data = memoryview(marshal.dumps(work(batches)))  # type: ignore[arg-type] # the caller's promise
            while data:
                data = data[os.write(answering, data) :]
            os._exit(0)
        finally:
            os._exit(1)

    def _read_all(descriptor: int) -> bytes:
        pieces = []
        while piece := os.read(descriptor, 65536):
            pieces.append(piece)
        return b"".join(pieces)


def _lost() -> OperationalError:
    from trued.core.finding import Finding

    return OperationalError(Finding(code="TRU402", subject="store"))
