"""SARIF as GitHub's code scanning shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.report.formats.making import everything, hit, outcome, package
from trued.advisories.outcome import AuditOutcome
from trued.core.finding import Place
from trued.report.formats.checkout import Checkout
from trued.report.formats.sarif import sarif_report


def run(audited: AuditOutcome, checkout: Checkout | None = None) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(sarif_report(audited, checkout=checkout))["runs"][0]
    return read


def rules(audited: AuditOutcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(audited)["tool"]["driver"]["rules"]
    return found


def test_a_result_points_at_the_line_that_asks_for_the_release() -> None:
    result = run(outcome(hit()))["results"][0]

    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "reqs/lock.txt"},
        "region": {"startLine": 7},
    }


def test_a_file_is_named_from_the_root_of_the_repository() -> None:
    result = run(outcome(hit()), Checkout(root="/repo", folder="/repo/api"))["results"][0]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "api/reqs/lock.txt"


def test_each_line_that_asks_for_the_release_has_a_result() -> None:
    twice = package(places=(Place("a.txt", 1), Place("b.txt", 2)))

    assert len(run(outcome(hit(of=twice)))["results"]) == 2


def test_a_release_of_an_environment_has_a_result_without_a_line() -> None:
    result = run(outcome(hit(of=package(places=()))))["results"][0]

    assert "physicalLocation" not in result["locations"][0]
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "pkg:pypi/demo@1.0"


def test_a_file_without_a_line_is_pointed_at_as_a_whole() -> None:
    result = run(outcome(hit(of=package(places=(Place("bom.json"),)))))["results"][0]

    assert "region" not in result["locations"][0]["physicalLocation"]


def test_an_advisory_of_two_releases_is_one_rule() -> None:
    audited = outcome(hit(of=package("a")), hit(of=package("b")))

    assert [rule["id"] for rule in rules(audited)] == ["PYSEC-2026-1"]
    assert [result["ruleIndex"] for result in run(audited)["results"]] == [0, 0]


def test_two_records_of_one_cve_are_told_once_by_all_their_names() -> None:
    demo = package()
    audited = outcome(hit("GHSA-1", of=demo), hit("PYSEC-2026-1", of=demo))

    assert [result["ruleId"] for result in run(audited)["results"]] == ["PYSEC-2026-1"]
    assert run(audited)["results"][0]["properties"]["aliases"] == ["CVE-2026-1", "GHSA-1"]


@pytest.mark.parametrize(
    ("fields", "score", "level"),
    [
        ({}, "7.5", "error"),
        ({"severity": [], "database_specific": {"severity": "LOW"}}, "2.0", "note"),
        ({"severity": [], "database_specific": {"severity": "MODERATE"}}, "5.5", "warning"),
        ({"severity": [], "database_specific": {}}, "8.0", "error"),
    ],
    ids=["cvss", "low", "medium", "unknown"],
)
def test_github_sorts_by_the_score_and_what_nobody_rates_counts_as_high(
    fields: dict[str, Any], score: str, level: str
) -> None:
    audited = outcome(hit(**fields))

    assert rules(audited)[0]["properties"]["security-severity"] == score
    assert run(audited)["results"][0]["level"] == level


def test_malware_comes_first_and_is_worth_the_highest_score() -> None:
    found = rules(everything())

    assert found[0]["id"] == "MAL-2026-1"
    assert found[0]["properties"]["security-severity"] == "10.0"
    assert found[0]["name"] == "Malware"


def test_a_rule_has_help_weaknesses_and_an_address() -> None:
    rule = rules(outcome(hit()))[0]

    assert "CVE-2026-1" in rule["help"]["text"]
    assert "<https://example.org/fix>" in rule["help"]["markdown"]
    assert rule["properties"]["tags"] == ["security", "external/cwe/cwe-022"]
    assert rule["helpUri"] == "https://osv.dev/vulnerability/PYSEC-2026-1"


def test_a_fingerprint_stays_when_lines_and_releases_move_and_differs_between_files() -> None:
    def fingerprint(line: int, version: str, file: str = "a.txt") -> str:
        release = package(version=version, places=(Place(file, line),))
        return str(run(outcome(hit(of=release)))["results"][0]["partialFingerprints"])

    assert fingerprint(1, "1.0") == fingerprint(9, "1.1")
    assert fingerprint(1, "1.0") != fingerprint(1, "1.0", "b.txt")


def test_what_was_set_aside_is_a_suppressed_result_that_says_why() -> None:
    results = run(everything())["results"]
    suppressed = {each["ruleId"]: each["suppressions"][0] for each in results if "suppressions" in each}

    assert suppressed["PYSEC-2026-9"]["justification"] == "ignored until 2027-01-01: no such path here"
    assert len([each for each in results if "suppressions" not in each]) == 4


def test_what_was_not_audited_is_told_with_the_run() -> None:
    told = run(everything())["invocations"][0]["toolExecutionNotifications"]

    assert [each["message"]["text"].partition(" was")[0] for each in told[:2]] == ["loose", "tool 1"]
    assert told[2]["level"] == "error"


def test_an_audit_of_nothing_is_not_a_success() -> None:
    told = run(outcome(packages=()))["invocations"][0]

    assert told["executionSuccessful"] is False
    assert told["exitCode"] == 3


def test_github_keeps_five_thousand_results_so_the_worst_are_those() -> None:
    many = [
        hit(of=package(f"p{number}"), severity=[], database_specific={"severity": "LOW"})
        for number in range(3)
    ]
    places = tuple(Place("a.txt", line) for line in range(1, 5_001))
    results = run(outcome(*many, hit("PYSEC-2", of=package("worst", places=places))))["results"]

    assert len(results) == 5_000
    assert {each["ruleId"] for each in results} == {"PYSEC-2"}


def test_a_sentence_ends_with_one_stop() -> None:
    told = run(outcome(hit(summary="", details="A path is not checked.")))["results"][0]["message"]["text"]

    assert told == "demo 1.0 is affected by PYSEC-2026-1 (high): A path is not checked. Update demo to 1.2."
