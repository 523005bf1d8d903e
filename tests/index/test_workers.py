"""Lines: threads that take what is handed in, the weightiest first, and results as they are ready."""

from __future__ import annotations

import threading

import pytest

from trued.index.workers import Lines, in_parallel


def nothing() -> None:
    """Do nothing."""


def test_every_item_has_one_result() -> None:
    with Lines(lambda item: item * 2, threads=3, give_up=nothing) as lines:
        for item in range(50):
            lines.give(item)
        results = [*lines.ready(), *lines.rest()]

    assert sorted(results) == [item * 2 for item in range(50)]


def test_of_what_waits_the_weightiest_comes_next_and_equals_in_their_order() -> None:
    busy, begin = threading.Event(), threading.Event()
    taken: list[str] = []

    def work(item: str) -> None:
        busy.set()
        begin.wait()
        taken.append(item)

    with Lines(work, threads=1, give_up=nothing) as lines:
        lines.give("first", weight=9)
        busy.wait()
        for item, weight in (("light", 1), ("heavy", 5), ("also heavy", 5), ("lightest", 0)):
            lines.give(item, weight=weight)
        begin.set()
        list(lines.rest())

    assert taken == ["first", "heavy", "also heavy", "light", "lightest"]


def test_there_are_more_threads_once_nothing_more_is_given() -> None:
    both = threading.Barrier(2)

    with Lines(lambda _item: both.wait(), threads=1, give_up=nothing, threads_at_last=2) as lines:
        lines.give("one")
        lines.give("two")

        assert len(list(lines.rest())) == 2


def test_what_the_work_raises_is_raised_where_its_result_is_taken() -> None:
    def work(item: str) -> None:
        raise LookupError(item)

    with Lines(work, threads=2, give_up=nothing) as lines:
        lines.give("this")
        with pytest.raises(LookupError, match="this"):
            list(lines.rest())


def test_who_waits_can_be_asked_to_do_something_else_meanwhile() -> None:
    called = threading.Event()

    with Lines(lambda _item: called.wait(20), threads=1, give_up=nothing) as lines:
        lines.give("long")
        lines.call(called.set)

        assert list(lines.rest()) == [True]


def test_a_result_is_told_by_the_thread_that_has_it() -> None:
    told: list[str] = []

    def tell() -> None:
        told.append(threading.current_thread().name)

    with Lines(lambda item: item, threads=1, give_up=nothing, told=tell) as lines:
        lines.give("one")
        list(lines.rest())

    assert len(told) == 1
    assert told != [threading.current_thread().name]


def test_leaving_early_gives_up_what_is_under_way_and_begins_nothing_else() -> None:
    busy, ended = threading.Event(), threading.Event()
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        busy.set()
        ended.wait()

    with Lines(work, threads=1, give_up=ended.set) as lines:
        for item in range(5):
            lines.give(item)
        busy.wait()

    assert begun == [0]


def test_one_thread_in_the_background_does_the_work_itself() -> None:
    names: list[str] = []

    def work(_item: int) -> str:
        return threading.current_thread().name

    def ask() -> None:
        names.extend(in_parallel(work, [1, 2], threads=1, give_up=nothing))

    background = threading.Thread(target=ask, name="background")
    background.start()
    background.join()

    assert names == ["background", "background"]
