"""CycloneDX 1.6 with vulnerabilities and their states."""

from __future__ import annotations

import json
from typing import Any

from tests.report.formats.making import SHA256, VECTOR, everything, hit, one_file, outcome, package
from trued.advisories.outcome import AuditOutcome
from trued.advisories.vex import VexStatus
from trued.advisories.vex_documents import read_vex
from trued.report.formats.cyclonedx import cyclonedx_report


def document(audited: AuditOutcome) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(cyclonedx_report(audited))
    return read


def analysis(identifier: str) -> dict[str, Any]:
    found = document(everything())["vulnerabilities"]
    return next(each["analysis"] for each in found if each["id"] == identifier)


def test_a_component_has_its_package_url_and_the_digest_of_its_one_file() -> None:
    component = document(outcome(hit(of=package(files=one_file()))))["components"][0]

    assert component["purl"] == "pkg:pypi/demo@1.0"
    assert component["hashes"] == [{"alg": "SHA-256", "content": SHA256}]


def test_digests_of_several_files_are_not_given_as_those_of_one() -> None:
    several = package(files=(*one_file("a.whl"), *one_file("b.whl")))
    component = document(outcome(hit(of=several)))["components"][0]

    assert "hashes" not in component
    assert [each["value"] for each in component["properties"]][:2] == [
        f"a.whl sha256:{SHA256}",
        f"b.whl sha256:{SHA256}",
    ]


def test_clean_releases_are_components_too() -> None:
    assert [each["name"] for each in document(outcome())["components"]] == ["demo"]


def test_a_vulnerability_is_rated_and_names_the_component() -> None:
    found = document(outcome(hit()))["vulnerabilities"][0]

    assert found["ratings"] == [
        {
            "method": "CVSSv31",
            "score": 7.5,
            "severity": "high",
            "source": {"name": "PYSEC-2026-1"},
            "vector": VECTOR,
        }
    ]
    assert found["affects"] == [{"ref": "pkg:pypi/demo@1.0"}]
    assert found["cwes"] == [22]
    assert found["recommendation"] == "Update demo to 1.2."


def test_the_states_say_no_more_than_is_known() -> None:
    assert analysis("MAL-2026-1")["state"] == "exploitable"
    assert analysis("PYSEC-2026-1") == {"response": ["update"], "state": "in_triage"}
    assert analysis("PYSEC-2026-9")["response"] == ["will_not_fix"]
    assert analysis("PYSEC-2026-12")["state"] == "not_affected"
    assert analysis("PYSEC-2026-12")["justification"] == "code_not_reachable"
    assert analysis("PYSEC-2026-13")["state"] == "resolved"


def test_the_ways_to_a_release_are_dependencies() -> None:
    edges = {each["ref"]: each.get("dependsOn") for each in document(everything())["dependencies"]}

    assert edges["pkg:pypi/app@2.0"] == ["pkg:pypi/demo@1.0"]


def test_what_was_not_audited_stands_in_the_metadata() -> None:
    properties = document(everything())["metadata"]["properties"]

    assert [each["value"] for each in properties if each["name"] == "trued:not-audited"] == [
        "loose: its version is not pinned",
        "tool 1: it comes from an address, a repository or a folder: git repository",
    ]


def test_two_audits_that_differ_have_two_serial_numbers() -> None:
    assert document(outcome())["serialNumber"] != document(outcome(hit()))["serialNumber"]


def test_the_states_that_are_written_are_read_again() -> None:
    read = read_vex(cyclonedx_report(everything()).encode(), file="bom.json")

    assert {each.names[0]: each.status for each in read}["PYSEC-2026-12"] is VexStatus.NOT_AFFECTED
    assert all(each.products for each in read)
