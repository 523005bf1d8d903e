"""The output that people and programs read, whole, as it was last reviewed.

`python -m tests.report.golden_cases` writes it anew.
"""

import pytest

from tests.report.golden_cases import GOLDEN, cases, human, machine

CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_people_read_what_was_reviewed(name: str) -> None:
    assert human(CASES[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_programs_read_what_was_reviewed(name: str) -> None:
    assert machine(CASES[name]) == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def test_no_reviewed_output_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
