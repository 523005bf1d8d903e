"""GitLab's dependency scanning report."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.report.formats.making import VECTOR, everything, hit, outcome, package
from trued.advisories.outcome import AuditOutcome
from trued.core.finding import Place
from trued.report.formats.gitlab import gitlab_report


def report(audited: AuditOutcome) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(gitlab_report(audited))
    return read


def found(audited: AuditOutcome) -> dict[str, Any]:
    first: dict[str, Any] = report(audited)["vulnerabilities"][0]
    return first


def test_a_vulnerability_stands_at_the_file_and_release() -> None:
    assert found(outcome(hit()))["location"] == {
        "file": "reqs/lock.txt",
        "dependency": {"package": {"name": "demo"}, "version": "1.0", "direct": True},
    }


def test_a_release_that_another_pulls_in_is_not_direct() -> None:
    way = package(paths=(("app 2.0", "demo 1.0"),))

    assert found(outcome(hit(of=way)))["location"]["dependency"]["direct"] is False


def test_the_first_identifier_is_the_record_and_cves_and_weaknesses_follow() -> None:
    identifiers = found(outcome(hit()))["identifiers"]

    assert [(each["type"], each["value"]) for each in identifiers] == [
        ("pysec", "PYSEC-2026-1"),
        ("cve", "CVE-2026-1"),
        ("cwe", "22"),
    ]


def test_more_than_twenty_identifiers_are_cut_for_gitlab_reads_no_more() -> None:
    many = hit(aliases=[f"CVE-2026-{number}" for number in range(30)])

    assert len(found(outcome(many))["identifiers"]) == 20


def test_an_identity_is_the_same_for_the_same_line_moved_and_another_for_another_release() -> None:
    def identity(version: str, line: int) -> str:
        return str(found(outcome(hit(of=package(version=version, places=(Place("a.txt", line),)))))["id"])

    assert identity("1.0", 1) == identity("1.0", 5)
    assert identity("1.0", 1) != identity("1.1", 1)


def test_a_vector_is_given_where_the_schema_knows_its_version() -> None:
    v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"

    assert found(outcome(hit()))["cvss_vectors"] == [{"vendor": "PYSEC-2026-1", "vector": VECTOR}]
    assert "cvss_vectors" not in found(outcome(hit(severity=[{"type": "CVSS_V4", "score": v4}])))


def test_a_release_asked_for_twice_in_a_file_is_one_vulnerability() -> None:
    twice = package(places=(Place("a.txt", 1), Place("a.txt", 9), Place("b.txt", 2)))

    assert [each["location"]["file"] for each in report(outcome(hit(of=twice)))["vulnerabilities"]] == [
        "a.txt",
        "b.txt",
    ]


def test_without_a_file_the_location_is_what_was_audited() -> None:
    bare = package(places=())

    assert found(outcome(hit(of=bare), inputs=(".venv",)))["location"]["file"] == ".venv"
    assert found(outcome(hit(of=bare), inputs=()))["location"]["file"] == "environment"


def test_what_fix_changed_is_a_remediation_of_what_it_ends() -> None:
    told = report(everything())
    remedy = told["remediations"][0]
    ended = next(
        each
        for each in told["vulnerabilities"]
        if each["name"] and each["location"]["dependency"]["package"]["name"] == "demo"
    )

    assert remedy["fixes"] == [{"id": ended["id"]}]
    assert remedy["summary"] == "Update demo 1.0 to 1.2"
    assert base64.b64decode(remedy["diff"]).decode() == everything().diff


def test_an_audit_with_gaps_is_told_as_such() -> None:
    scan = report(everything())["scan"]

    assert [each["level"] for each in scan["messages"]] == ["info", "warn", "warn", "fatal"]
    assert report(outcome(packages=()))["scan"]["status"] == "failure"
