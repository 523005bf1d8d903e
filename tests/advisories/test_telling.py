"""Which code, level and values each outcome of an audit has."""

from dataclasses import replace

import pytest

from tests.advisories.making import DEMO, match, subject
from trued.advisories.database import Unreadable
from trued.advisories.matching import Affected, How
from trued.advisories.severity import Rating, Severity, rate
from trued.advisories.telling import match_finding, not_audited_finding, unreadable_finding
from trued.core.finding import Level, Place

HIGH = Rating(severity=Severity.HIGH, origin="database", record="GHSA-1")


def test_an_affected_release_is_told_with_its_advisory_and_its_fixes() -> None:
    told = match_finding(
        match("GHSA-1", aliases=["CVE-2026-1"], summary="A  flaw\n"), HIGH, place=Place("r.txt", 3)
    )

    assert (told.code, told.level, told.subject, told.place) == (
        "TRU810",
        Level.ERROR,
        "demo 1.0",
        Place("r.txt", 3),
    )
    assert told.values == {
        "id": "GHSA-1",
        "names": "CVE-2026-1",
        "severity": "high",
        "summary": "A flaw",
        "fixed": "1.1",
    }


@pytest.mark.parametrize(("level", "expected"), [(Level.ERROR, Level.WARNING), (Level.NOTE, Level.NOTE)])
def test_an_undecided_release_is_a_warning_at_most_and_says_why(level: Level, expected: Level) -> None:
    told = match_finding(match(undecided=True), HIGH, level=level)

    assert (told.code, told.level, told.values["reason"]) == ("TRU813", expected, "local")


def test_malware_is_an_error_whatever_level_is_asked() -> None:
    found = match("MAL-2026-1")
    by_digest = replace(found, verdict=Affected(How.DIGEST), sha256="b" * 64)

    told = [match_finding(each, rate(each.record, DEMO), level=Level.NOTE) for each in (found, by_digest)]

    assert [(each.code, each.level) for each in told] == [("TRU812", Level.ERROR), ("TRU811", Level.ERROR)]
    assert told[1].values["sha256"] == "b" * 64


def test_a_rating_that_is_not_known_is_told_so() -> None:
    assert match_finding(match(), rate(match().record, DEMO)).values["severity"] == "unknown"


def test_a_long_text_is_cut() -> None:
    summary = match_finding(match(details="word " * 100), HIGH).values["summary"]

    assert len(summary) <= 160
    assert summary.endswith("…")


def test_an_unreadable_record_and_a_release_not_audited_are_told() -> None:
    unreadable = unreadable_finding(Unreadable(record="A-1", project="", detail="not JSON"))
    missing = not_audited_finding(subject(), detail="the index does not know it")

    assert (unreadable.code, unreadable.values["project"]) == ("TRU814", "unknown")
    assert (missing.code, missing.level, missing.subject) == ("TRU815", Level.WARNING, "demo 1.0")
