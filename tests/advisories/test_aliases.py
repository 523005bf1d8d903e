"""Folding for display, and the records that share a name."""

from typing import Any

from tests.advisories.making import affected, match, record, subject
from trued.advisories.aliases import NameIndex, fold
from trued.advisories.database import AdvisoryDatabase


def shown(*matches: Any) -> list[list[str]]:
    return [[each.record.id for each in folded.matches] for folded in fold(matches)]


def test_records_of_one_and_the_same_cve_fold_and_the_python_databases_is_shown() -> None:
    first = match("GHSA-1", aliases=["CVE-2026-1", "PYSEC-2026-1"])
    second = match("PYSEC-2026-1", aliases=["CVE-2026-1", "GHSA-1"])

    assert shown(first, second) == [["PYSEC-2026-1", "GHSA-1"]]


def test_records_of_two_cves_stay_apart_though_they_share_another_name() -> None:
    """AccessControl's PYSEC-2021-335 and 370 are so: two flaws, one wrongly shared GHSA."""
    first = match("PYSEC-2026-1", aliases=["CVE-2026-1", "GHSA-1"])
    second = match("PYSEC-2026-2", aliases=["CVE-2026-2", "GHSA-1"])

    assert shown(first, second) == [["PYSEC-2026-1"], ["PYSEC-2026-2"]]


def test_a_record_that_names_two_cves_folds_with_none() -> None:
    both = match("GHSA-1", aliases=["CVE-2026-1", "CVE-2026-2"])
    singles = [match(f"PYSEC-2026-{number}", aliases=[f"CVE-2026-{number}"]) for number in (1, 2)]

    assert shown(both, *singles) == [["GHSA-1"], ["PYSEC-2026-1"], ["PYSEC-2026-2"]]


def test_records_without_a_cve_stay_apart() -> None:
    assert shown(match("GHSA-1", aliases=["PYSEC-2026-1"]), match("PYSEC-2026-1", aliases=["GHSA-1"])) == [
        ["GHSA-1"],
        ["PYSEC-2026-1"],
    ]


def test_one_cve_in_two_releases_is_two_findings() -> None:
    first = match("GHSA-1", aliases=["CVE-2026-1"])
    second = match("GHSA-1", of=subject("other"), aliases=["CVE-2026-1"])

    assert len(fold([first, second])) == 2


def test_what_is_undecided_does_not_fold_into_what_is_known() -> None:
    first = match("GHSA-1", aliases=["CVE-2026-1"], undecided=True)

    assert len(fold([first, match("PYSEC-2026-1", aliases=["CVE-2026-1"])])) == 2


def test_malware_folds_with_nothing() -> None:
    assert len(fold([match("MAL-1", aliases=["CVE-2026-1"]), match("GHSA-1", aliases=["CVE-2026-1"])])) == 2


def test_the_true_duplicate_of_the_real_database_folds_and_the_false_ones_do_not(
    real: AdvisoryDatabase,
) -> None:
    """Of the five groups that following aliases makes in one project, only distributed's names one CVE."""
    asked = [("distributed", "2021.9.0"), ("accesscontrol", "4.2"), ("zope", "4.0"), ("parlai", "1.0")]
    matches = [real.audit([subject(name, version)]).matches for name, version in asked]

    folded = [[len(each.matches) for each in fold(found) if each.others] for found in matches]

    assert min(map(len, matches)) > 1
    assert folded == [[2], [], [], []]


def test_records_that_share_a_name_are_found_in_both_directions() -> None:
    made = record(affected(), identifier="PYSEC-2026-1", aliases=["CVE-2026-1"])
    others = [
        record(affected(), identifier="CVE-2026-1"),
        record(affected(), identifier="GHSA-1", aliases=["PYSEC-2026-1"]),
        record(affected(), identifier="GHSA-2", aliases=["CVE-2026-1"]),
        record(affected(), identifier="GHSA-3", aliases=["CVE-2026-3"]),
        made,
    ]

    assert [each.id for each in NameIndex(others).sharing(made)] == ["CVE-2026-1", "GHSA-1", "GHSA-2"]
