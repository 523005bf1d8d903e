"""Names that are made to be taken for another's, and what is told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.core.finding import Level
from trued.core.names import ProjectName
from trued.policy.level import PolicyLevel
from trued.policy.look_alike import KnownNames, Likeness, edit_distance, look_alike_finding
from trued.resolution.popular_names import popular_names

NOW = datetime(2026, 5, 10, tzinfo=UTC)
KNOWN = KnownNames(
    [ProjectName(name) for name in ("requests", "numpy", "beautifulsoup4", "six", "typing-extensions")],
    own=[ProjectName("acme-billing")],
)


def resembled(name: str) -> str | None:
    likeness = KNOWN.likeness(ProjectName(name))
    return likeness.known if likeness is not None else None


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("reqeusts", "requests"),  # two letters swapped
        ("request", "requests"),  # one left out
        ("requestss", "requests"),  # one added
        ("raquests", "requests"),  # one replaced
        ("typing-extensoin", "typing-extensions"),  # two slips in a long name
        ("numpv", "numpy"),
        ("beautiful-soup4", "beautifulsoup4"),  # separators moved
        ("typingextensions", "typing-extensions"),
        ("request5", "requests"),  # a digit for a letter
        ("acme-bi11ing", "acme-billing"),  # the user's own project, two digits for two letters
        ("python-requests", "requests"),
        ("pynumpy", "numpy"),
        ("requests-python", "requests"),
    ],
)
def test_a_name_made_to_be_mistaken_is_seen(name: str, known: str) -> None:
    assert resembled(name) == known


@pytest.mark.parametrize("name", ["requests", "acme-billing", "sax", "quests", "pandas", "numexpr", "bs4"])
def test_known_names_short_names_and_other_words_resemble_nothing(name: str) -> None:
    assert resembled(name) is None


def test_the_names_that_come_with_trued_are_normalised_and_resemble_none_of_each_other() -> None:
    names = popular_names()
    known = KnownNames(names)

    assert len(names) >= 200
    assert all(name == name.lower() and "_" not in name and "." not in name for name in names)
    assert not any(known.likeness(name) for name in names)


def test_an_edit_distance_counts_each_kind_of_slip_once() -> None:
    assert edit_distance("abcd", "abcd", most=2) == 0
    assert edit_distance("abcd", "abdc", most=2) == 1
    assert edit_distance("abcd", "abc", most=2) == 1
    assert edit_distance("abcd", "axcd", most=2) == 1
    assert edit_distance("abcd", "badc", most=2) == 2
    assert edit_distance("abcd", "wxyz", most=2) > 2


def plain_distance(first: str, second: str) -> int:
    """The definition, by recursion."""
    if not first or not second:
        return len(first) + len(second)
    best = min(
        plain_distance(first[1:], second) + 1,
        plain_distance(first, second[1:]) + 1,
        plain_distance(first[1:], second[1:]) + (first[0] != second[0]),
    )
    if len(first) > 1 and len(second) > 1 and first[0] == second[1] and first[1] == second[0]:
        best = min(best, plain_distance(first[2:], second[2:]) + 1)
    return best


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_the_distance_is_the_one_of_the_definition(first: str, second: str) -> None:
    assert min(edit_distance(first, second, most=2), 3) == min(plain_distance(first, second), 3)


@given(st.sampled_from(["requests", "numpy"]), st.integers(0, 7), st.sampled_from("abxz"))
def test_the_quick_comparison_of_letters_hides_no_edit(name: str, place: int, letter: str) -> None:
    place = min(place, len(name))
    changed = ProjectName(name[:place] + letter + name[place:])

    assert KNOWN.likeness(changed) is not None


def level_for(days: int | None, level: PolicyLevel) -> Level | None:
    finding = look_alike_finding(
        ProjectName("reqeusts"),
        Likeness(ProjectName("requests"), "is one edit away"),
        first_upload=None if days is None else NOW - timedelta(days=days),
        now=NOW,
        level=level,
    )
    return finding.level if finding is not None else None


def test_a_young_look_alike_is_refused_in_strict_and_a_warning_else() -> None:
    assert level_for(29, PolicyLevel.STRICT) is Level.ERROR
    assert level_for(29, PolicyLevel.STANDARD) is Level.WARNING
    assert level_for(29, PolicyLevel.PERMISSIVE) is Level.WARNING


def test_a_look_alike_that_has_stood_for_a_month_is_not_told() -> None:
    assert level_for(30, PolicyLevel.STRICT) is None


def test_a_look_alike_of_unknown_age_is_a_note() -> None:
    assert level_for(None, PolicyLevel.STRICT) is Level.NOTE
