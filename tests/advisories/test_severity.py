"""How severe: vectors first, then the database's word, then the records of aliases, else unknown."""

from typing import Any

import pytest

from tests.advisories.making import DEMO, affected, document, record
from trued.advisories.document import record_of
from trued.advisories.record import Record
from trued.advisories.severity import Rating, Severity, rate

V2 = "AV:L/AC:M/Au:N/C:N/I:P/A:C"
V3_HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
V3_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V30 = "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"
V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"


def with_vectors(**vectors: str) -> Record:
    stated = [{"type": kind, "score": score} for kind, score in vectors.items()]
    return record(affected(), severity=stated)


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ({"CVSS_V2": V2}, (Severity.MEDIUM, 5.4, "cvss-2.0")),
        ({"CVSS_V3": V3_HIGH}, (Severity.HIGH, 7.5, "cvss-3.1")),
        ({"CVSS_V3": V3_CRITICAL}, (Severity.CRITICAL, 9.8, "cvss-3.1")),
        ({"CVSS_V3": V30}, (Severity.MEDIUM, 6.1, "cvss-3.0")),
        ({"CVSS_V4": V4}, (Severity.MEDIUM, 5.1, "cvss-4.0")),
        ({"CVSS_V2": V2, "CVSS_V3": V3_HIGH, "CVSS_V4": V4}, (Severity.MEDIUM, 5.1, "cvss-4.0")),
        ({"CVSS_V3": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"}, (Severity.LOW, 1.6, "cvss-3.1")),
        ({"CVSS_V3": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N"}, (Severity.LOW, 0.0, "cvss-3.1")),
    ],
)
def test_the_newest_vector_is_scored(vectors: dict[str, str], expected: tuple[Severity, float, str]) -> None:
    rating = rate(with_vectors(**vectors), DEMO)

    assert (rating.severity, rating.score, rating.origin) == expected
    assert rating.record == "PYSEC-2026-1"
    assert rating.vector in vectors.values()


@pytest.mark.parametrize(
    "score", ["", "7.5", "CVSS:3.1/AV:N", "CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "\x00"]
)
def test_a_vector_that_cannot_be_read_leaves_the_word_of_the_database(score: str) -> None:
    made = record(
        affected(), severity=[{"type": "CVSS_V3", "score": score}], database_specific={"severity": "MODERATE"}
    )

    assert rate(made, DEMO) == Rating(severity=Severity.MEDIUM, origin="database", record="PYSEC-2026-1")


def test_the_severity_for_the_project_goes_before_that_of_the_record() -> None:
    entry = affected(severity=[{"type": "CVSS_V3", "score": V3_HIGH}])
    made = record(entry, affected("other"), severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}])

    assert rate(made, DEMO).severity is Severity.HIGH


def test_a_record_that_does_not_say_is_rated_through_its_aliases_and_the_worst_counts() -> None:
    silent = record(affected(), aliases=["GHSA-1", "GHSA-2"])
    others = [
        record(affected(), identifier="GHSA-1", database_specific={"severity": "LOW"}),
        record(affected(), identifier="GHSA-2", severity=[{"type": "CVSS_V3", "score": V3_CRITICAL}]),
        record(affected(), identifier="GHSA-3"),
    ]

    rating = rate(silent, DEMO, aliases=others)

    assert (rating.severity, rating.record) == (Severity.CRITICAL, "GHSA-2")


def test_what_nothing_rates_is_unknown_and_counts_as_high() -> None:
    rating = rate(record(affected()), DEMO)

    assert (rating.severity, rating.origin) == (None, "unknown")
    assert rating.counts_as is Severity.HIGH


def test_malware_is_critical_whatever_else_is_said() -> None:
    made = record(affected(), identifier="MAL-2026-1", database_specific={"severity": "LOW"})

    assert (rate(made, DEMO).severity, rate(made, DEMO).origin) == (Severity.CRITICAL, "malware")


def test_levels_are_compared_with_a_threshold() -> None:
    assert [each.reaches(Severity.HIGH) for each in Severity] == [False, False, True, True]


def test_every_vector_of_the_real_database_is_scored(real_documents: dict[str, dict[str, Any]]) -> None:
    rated = [
        rate(record_of(each), record_of(each).affected[0].project)
        for each in real_documents.values()
        if "severity" in each
    ]

    assert len(rated) == 202
    assert all(rating.origin.startswith("cvss-3.") for rating in rated if rating.origin != "malware")


def test_a_document_without_affected_projects_is_rated_by_itself() -> None:
    made = record_of(document(affected=[], database_specific={"severity": "critical"}))

    assert rate(made, DEMO).severity is Severity.CRITICAL
