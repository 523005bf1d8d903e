"""Ages as settings write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.config.age import InvalidAge, age_text, parse_age


@pytest.mark.parametrize(
    ("text", "hours"), [("3d", 72), ("12h", 12), ("2w", 336), ("P3D", 72), ("3D", 72), ("0", 0), ("0d", 0)]
)
def test_hours_days_and_weeks_are_read(text: str, hours: int) -> None:
    assert parse_age(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "d", "3", "-1d", "1.5d", "3 days", "٣d", "99999999999d", "999999999w"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(InvalidAge):
        parse_age(text)


@given(st.integers(min_value=0, max_value=24 * 365 * 1000))
def test_what_is_written_is_read_back(hours: int) -> None:
    age = timedelta(hours=hours)

    assert parse_age(age_text(age)) == age
