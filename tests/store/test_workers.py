"""Two workers: each batch done once, nothing lost, nobody left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable

import pytest

from trued.core.errors import OperationalError
from trued.store.workers import MOST_BATCHES, outcomes


def taken(batches: Iterable[int]) -> list[int]:
    return list(batches)


@pytest.mark.parametrize(
    "count", [0, 1, *(pytest.param(count, marks=pytest.mark.alone) for count in (2, 7, MOST_BATCHES))]
)
def test_every_batch_is_done_once(count: int) -> None:
    done = [number for part in outcomes(taken, range(count), workers=2) for number in part]
    assert sorted(done) == list(range(count))


def test_one_worker_does_all_in_order() -> None:
    assert outcomes(taken, range(50), workers=1) == [list(range(50))]


@pytest.mark.alone
def test_an_answer_larger_than_a_pipe_arrives() -> None:
    def long_answer(batches: Iterable[int]) -> list[str]:
        return ["x" * 300_000 for _ in batches] + ["x" * 300_000]

    assert sum(len(part) for part in outcomes(long_answer, range(2), workers=2)) == 4


def test_a_thread_helps_where_another_thread_runs() -> None:
    until = threading.Event()
    other = threading.Thread(target=until.wait)
    other.start()
    try:
        found = outcomes(lambda batches: (os.getpid(), list(batches)), range(100), workers=2)
    finally:
        until.set()
        other.join()
    assert {process for process, _ in found} == {os.getpid()}
    assert sorted(number for _, part in found for number in part) == list(range(100))


forks = pytest.mark.skipif(sys.platform != "linux", reason="the second worker is a process on Linux only")


@pytest.mark.alone
@forks
def test_the_second_worker_is_a_process() -> None:
    found = outcomes(lambda batches: (os.getpid(), list(batches)), range(100), workers=2)
    assert len({process for process, _ in found}) == 2


@pytest.mark.alone
@forks
def test_a_killed_worker_is_told() -> None:
    parent = os.getpid()

    def die(batches: Iterable[int]) -> list[int]:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return list(batches)

    with pytest.raises(OperationalError) as raised:
        outcomes(die, range(100), workers=2)
    assert raised.value.findings[0].code == "TRU402"


@pytest.mark.alone
@forks
def test_when_the_caller_is_interrupted_the_other_worker_ends_before_he_is_told() -> None:
    parent = os.getpid()
    forever, _ = os.pipe()

    def interrupted(batches: Iterable[int]) -> list[int]:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        os.read(forever, 1)
        return []

    with pytest.raises(KeyboardInterrupt):
        outcomes(interrupted, range(100), workers=2)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
