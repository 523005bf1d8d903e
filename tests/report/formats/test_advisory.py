"""What every format says alike."""

from __future__ import annotations

import pytest

from tests.report.formats.making import outcome
from trued.core.record import replace
from trued.report.formats.advisory import counted, source_text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "release", "1 release"),
        (2, "release", "2 releases"),
        (0, "advisory", "0 advisories"),
        (1, "day", "1 day"),
        (9, "day", "9 days"),
    ],
)
def test_nouns_follow_their_number(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(0, "0 seconds"), (61, "1 minute"), (7_300, "2 hours"), (86_400, "1 day"), (86_400 * 772, "772 days")],
)
def test_the_age_of_the_data_is_told(seconds: int, age: str) -> None:
    made = outcome()

    text = source_text(replace(made, source=replace(made.source, age_seconds=seconds)))

    assert f"({age} old)" in text
