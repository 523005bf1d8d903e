"""A crew answers every task once, in whatever order, and a worker that dies is noticed."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from trued.operations.crew import Crew, CrewLost, crew_of

NOTE = 8
alone = pytest.mark.alone


@contextmanager
def another_thread() -> Iterator[None]:
    """Keep a second thread alive, so that a crew is made of threads."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


@contextmanager
def processes(work: Callable[[int, bytes], bytes], workers: int = 2) -> Iterator[Crew]:
    with crew_of(work, workers=workers) as crew:
        yield crew


@contextmanager
def threads(work: Callable[[int, bytes], bytes], workers: int = 2) -> Iterator[Crew]:
    with another_thread(), crew_of(work, workers=workers) as crew:
        yield crew


def echo(number: int, note: bytes) -> bytes:
    return b"%d %s" % (number, note)


@pytest.mark.parametrize("crew_with", [pytest.param(processes, marks=alone), threads])
def test_every_task_is_answered_once(crew_with) -> None:  # type: ignore[no-untyped-def] # one of the two above
    with crew_with(echo) as crew:
        for number in range(100):
            crew.give(number, b"%08d" % number)
        answers = dict(crew.rest())

    assert answers == {number: b"%d %08d" % (number, number) for number in range(100)}


@pytest.mark.parametrize("crew_with", [pytest.param(processes, marks=alone), threads])
def test_answers_may_be_taken_while_tasks_are_given(crew_with) -> None:  # type: ignore[no-untyped-def] # as above
    answers: list[int] = []
    with crew_with(echo) as crew:
        for number in range(50):
            crew.give(number, b"-" * NOTE)
            answers += [of for of, _ in crew.ready()]
        answers += [of for of, _ in crew.rest()]

    assert sorted(answers) == list(range(50))


@alone
def test_an_answer_longer_than_a_pipe_arrives_whole() -> None:
    with processes(lambda number, note: note * 100_000) as crew:
        for number in range(3):
            crew.give(number, b"%08d" % number)
        answers = dict(crew.rest())

    assert answers == {number: b"%08d" % number * 100_000 for number in range(3)}


@alone
@pytest.mark.skipif(sys.platform != "linux", reason="threads elsewhere")
def test_workers_are_processes_while_there_is_no_other_thread() -> None:
    with processes(lambda number, note: b"%d" % os.getpid()) as crew:
        crew.give(0, b"-" * NOTE)
        answers = dict(crew.rest())

    assert int(answers[0]) != os.getpid()


@alone
@pytest.mark.skipif(sys.platform != "linux", reason="threads elsewhere")
def test_a_worker_that_is_killed_is_noticed() -> None:
    def work(number: int, note: bytes) -> bytes:
        os.kill(os.getpid(), 9)
        return b""

    with processes(work, workers=1) as crew:
        crew.give(0, b"-" * NOTE)
        with pytest.raises(CrewLost):
            list(crew.rest())


@alone
@pytest.mark.skipif(sys.platform != "linux", reason="threads elsewhere")
def test_leaving_early_ends_workers_in_the_middle_of_a_task() -> None:
    def work(number: int, note: bytes) -> bytes:
        return os.read(os.pipe()[0], 1)  # never comes

    with processes(work) as crew:
        crew.give(0, b"-" * NOTE)

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@alone
@pytest.mark.skipif(sys.platform != "linux", reason="threads elsewhere")
def test_a_note_that_does_not_fit_into_one_piece_is_worked_on_here() -> None:
    with processes(lambda number, note: b"%d" % os.getpid()) as crew:
        crew.give(0, b"-" * 5000)
        crew.give(1, b"-" * 4000)
        answers = dict(crew.rest())

    assert int(answers[0]) == os.getpid()
    assert int(answers[1]) != os.getpid()


@alone
def test_more_tasks_than_a_pipe_holds_with_answers_that_fill_theirs_block_nobody() -> None:
    with processes(lambda number, note: note * 50) as crew:
        for number in range(60):
            crew.give(number, b"%04000d" % number)
        answers = dict(crew.rest())

    assert answers == {number: b"%04000d" % number * 50 for number in range(60)}


def test_without_workers_the_caller_does_the_work_once_it_waits() -> None:
    done: list[int] = []

    def work(number: int, note: bytes) -> bytes:
        done.append(number)
        return note

    with crew_of(work, workers=0) as crew:
        crew.give(1, b"one")
        assert (list(crew.ready()), done) == ([], [])
        assert list(crew.rest()) == [(1, b"one")]
