"""OpenVEX documents: what an audit claims, and never more."""

from __future__ import annotations

import json
from typing import Any

from tests.report.formats.making import SHA256, everything, hit, one_file, outcome, package
from trued.advisories.outcome import AuditOutcome
from trued.advisories.vex import VexStatus
from trued.advisories.vex_documents import read_vex
from trued.report.formats.openvex import openvex_report


def statements(audited: AuditOutcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(openvex_report(audited))["statements"]
    return found


def of(identifier: str) -> dict[str, Any]:
    return next(each for each in statements(everything()) if each["vulnerability"]["name"] == identifier)


def test_an_affected_release_is_stated_with_what_mends_it() -> None:
    assert statements(outcome(hit(of=package(files=one_file()))))[0] == {
        "vulnerability": {
            "name": "PYSEC-2026-1",
            "description": "Anyone can read files",
            "aliases": ["CVE-2026-1"],
        },
        "products": [
            {
                "@id": "pkg:pypi/demo@1.0",
                "identifiers": {"purl": "pkg:pypi/demo@1.0"},
                "hashes": {"sha-256": SHA256},
            }
        ],
        "status": "affected",
        "action_statement": "Update demo to 1.2.",
    }


def test_what_is_undecided_is_under_investigation() -> None:
    assert statements(outcome(hit(undecided=True)))[0]["status"] == "under_investigation"


def test_releases_of_which_the_same_is_said_share_a_statement() -> None:
    audited = outcome(hit(of=package(version="1.0")), hit(of=package(version="1.1")))

    assert [each["@id"] for each in statements(audited)[0]["products"]] == [
        "pkg:pypi/demo@1.0",
        "pkg:pypi/demo@1.1",
    ]


def test_what_is_ignored_stays_affected_with_the_reason() -> None:
    told = of("PYSEC-2026-9")

    assert told["status"] == "affected"
    assert told["action_statement"].endswith("Set aside: ignored until 2027-01-01: no such path here.")


def test_what_a_vex_document_said_is_passed_on() -> None:
    assert of("PYSEC-2026-12")["justification"] == "vulnerable_code_not_in_execute_path"
    assert of("PYSEC-2026-13")["status"] == "fixed"
    assert of("PYSEC-2026-14")["impact_statement"] == "code_not_reachable: never called"


def test_what_is_written_is_read_again() -> None:
    read = read_vex(openvex_report(everything()).encode(), file="vex.json")

    assert len(read) == len(statements(everything()))
    assert {each.status for each in read} == set(VexStatus)
    assert all(each.products and each.is_complete for each in read)


def test_a_local_version_is_encoded_as_package_urls_have_it() -> None:
    product = statements(outcome(hit(of=package(version="1.0+cu117"))))[0]["products"][0]

    assert product["@id"] == "pkg:pypi/demo@1.0%2Bcu117"
