"""Full, partial, none: a release is compared with those shortly before it."""

from datetime import timedelta

import pytest

from trued.core.finding import Level
from trued.core.names import ProjectName
from trued.proof.coverage import Coverage, ReleaseCoverage, downgrade

PROJECT = ProjectName("project")
WINDOW = timedelta(days=180)


def release(attested: int, *, files: int = 2, uploaded: str = "2026-06-01T00:00:00Z") -> ReleaseCoverage:
    return ReleaseCoverage(version=f"{attested}.{files}", files=files, attested=attested, uploaded=uploaded)


def codes(now: ReleaseCoverage, *others: ReleaseCoverage) -> list[str]:
    found = downgrade(PROJECT, now, others=others, window=WINDOW, level=Level.ERROR)
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    ("attested", "files", "coverage"),
    [(0, 0, Coverage.NONE), (0, 3, Coverage.NONE), (1, 3, Coverage.PARTIAL), (3, 3, Coverage.FULL)],
)
def test_a_release_is_full_partial_or_none(attested: int, files: int, coverage: Coverage) -> None:
    assert release(attested, files=files).coverage is coverage


@pytest.mark.parametrize(
    ("before", "now", "worse"),
    [(2, 2, False), (2, 1, True), (2, 0, True), (1, 0, True), (1, 2, False), (0, 0, False)],
)
def test_less_than_before_is_told(before: int, now: int, worse: bool) -> None:
    earlier = release(before, uploaded="2026-05-01T00:00:00Z")

    assert codes(release(now), earlier) == (["TRU716"] if worse else [])


def test_the_finding_names_both_releases_and_counts() -> None:
    earlier = release(2, uploaded="2026-05-01T00:00:00Z")

    [finding] = downgrade(PROJECT, release(1), others=[earlier], window=WINDOW, level=Level.WARNING)

    assert finding.level is Level.WARNING
    assert finding.subject == "project"
    assert dict(finding.values) == {"version": "1.2", "now": "1 of 2", "earlier": "2.2", "before": "2 of 2"}


def test_a_project_that_stopped_long_ago_is_left_alone() -> None:
    assert codes(release(0), release(2, uploaded="2025-05-01T00:00:00Z")) == []


def test_a_later_release_says_nothing_of_an_earlier_one() -> None:
    assert codes(release(0), release(2, uploaded="2026-07-01T00:00:00Z")) == []


def test_the_best_of_several_releases_counts() -> None:
    full, none = release(2, uploaded="2026-04-01T00:00:00Z"), release(0, uploaded="2026-05-01T00:00:00Z")

    assert codes(release(1), none, full) == ["TRU716"]
