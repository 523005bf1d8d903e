"""One marker a package, from a graph whose edges have markers."""

from __future__ import annotations

import itertools

import pytest

from trued.requirements.lock.condition import ALWAYS, NEVER, decided, parse_condition
from trued.requirements.lock.reach import Edge, TooManyPaths, reached

WIN, NEW, EXTRA = 'sys_platform == "win32"', 'python_version >= "3.12"', '"x" in extras'


def test_markers_along_a_path_are_joined_by_and() -> None:
    assert reached([Edge("a", WIN)], {"a": [Edge("b", NEW)]}) == {"a": WIN, "b": f"{NEW} and {WIN}"}


def test_paths_are_joined_by_or() -> None:
    assert reached([Edge("a", WIN), Edge("a", NEW)], {}) == {"a": f"{NEW} or {WIN}"}


def test_a_path_without_markers_makes_the_others_needless() -> None:
    assert reached([Edge("a", WIN), Edge("b")], {"b": [Edge("a")]}) == {"a": None, "b": None}


def test_circles_end() -> None:
    assert reached([Edge("a", WIN)], {"a": [Edge("b")], "b": [Edge("a", NEW)]}) == {"a": WIN, "b": WIN}


def test_what_is_not_reached_is_left_out() -> None:
    assert reached([], {"a": [Edge("b")]}) == {}


def test_more_combinations_than_can_be_put_together_are_refused() -> None:
    edges = {
        f"n{number}": [Edge(f"n{number + 1}", f'os_name == "{number}{side}"') for side in "ab"]
        for number in range(12)
    }

    with pytest.raises(TooManyPaths):
        reached([Edge("n0")], edges)


def test_an_or_within_an_and_keeps_its_brackets() -> None:
    (marker,) = reached([Edge("a", f"{WIN} or {NEW}")], {}).values()
    assert marker == f"{WIN} or {NEW}"
    joined = reached([Edge("a", f"{WIN} or {NEW}")], {"a": [Edge("b", EXTRA)]})["b"]
    assert joined == f"{EXTRA} and ({WIN} or {NEW})"


def test_a_tree_says_the_same_as_the_marker_it_was_read_from() -> None:
    texts = (
        f"({WIN} or {NEW}) and {EXTRA}",
        f"{WIN} and {NEW} or {EXTRA}",
        f"({WIN} and ({NEW} or {EXTRA}))",
    )
    for text, values in itertools.product(texts, itertools.product((True, False), repeat=3)):
        answers = dict(zip((WIN, NEW, EXTRA), values, strict=True))
        expected = eval(
            text.replace(WIN, str(values[0])).replace(NEW, str(values[1])).replace(EXTRA, str(values[2]))
        )

        assert decided(parse_condition(text), answers.get) == (ALWAYS if expected else NEVER)
