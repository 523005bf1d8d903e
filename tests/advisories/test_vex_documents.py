"""VEX documents, OpenVEX and CycloneDX: what is understood of them, and that the rest is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.advisories.vex import VexProduct, VexStatement, VexStatus
from trued.advisories.vex_documents import read_vex
from trued.core.errors import UsageError
from trued.core.finding import Place
from trued.core.names import ProjectName

DEMO = ProjectName("demo")
PURL = "pkg:pypi/demo@1.0"


def openvex(**fields: Any) -> tuple[VexStatement, ...]:
    said = {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": PURL}], "status": "affected"}
    return read(
        {
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": "urn:x:1",
            "author": "someone",
            "timestamp": "2026-01-01T00:00:00Z",
            "statements": [said | fields],
        }
    )


def cyclonedx(**fields: Any) -> tuple[VexStatement, ...]:
    flaw = {"id": "CVE-1", "affects": [{"ref": "d"}], "analysis": {"state": "not_affected"}}
    component = {"type": "library", "name": "demo", "purl": PURL, "bom-ref": "d"}
    return read({"bomFormat": "CycloneDX", "components": [component], "vulnerabilities": [flaw | fields]})


def read(document: object) -> tuple[VexStatement, ...]:
    return read_vex(json.dumps(document, indent=1).encode(), file="vex.json")


def test_a_statement_of_openvex_is_read() -> None:
    (said,) = openvex(
        vulnerability={"name": "PYSEC-1", "aliases": ["CVE-1", "PYSEC-1"]},
        status="not_affected",
        justification="component_not_present",
        impact_statement="it is left out",
        timestamp="2026-02-01T00:00:00+01:00",
    )

    assert said.names == ("PYSEC-1", "CVE-1")
    assert said.products == (VexProduct(project=DEMO, version="1.0"),)
    assert said.status is VexStatus.NOT_AFFECTED
    assert (said.justification, said.detail) == ("component_not_present", "it is left out")
    assert said.time == "2026-01-31T23:00:00"


def test_a_statement_without_a_time_has_that_of_its_document() -> None:
    assert openvex()[0].time == "2026-01-01T00:00:00"


def test_the_parts_of_a_product_are_meant_where_it_names_them() -> None:
    (said,) = openvex(
        products=[
            {
                "@id": "pkg:oci/image",
                "subcomponents": [{"@id": PURL}, {"identifiers": {"purl": "pkg:pypi/Other"}}],
            }
        ]
    )

    assert [(each.project, each.version) for each in said.products] == [("demo", "1.0"), ("other", "")]


def test_products_of_other_ecosystems_stay_out() -> None:
    assert openvex(products=[{"@id": "pkg:npm/demo@1.0"}, {"@id": "https://example.org"}])[0].products == ()


def test_the_first_versions_of_openvex_are_read_too() -> None:
    (said,) = openvex(vulnerability="CVE-1", products=[PURL])

    assert said.names == ("CVE-1",)
    assert said.products == (VexProduct(project=DEMO, version="1.0"),)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("resolved", VexStatus.FIXED),
        ("resolved_with_pedigree", VexStatus.FIXED),
        ("exploitable", VexStatus.AFFECTED),
        ("in_triage", VexStatus.UNDER_INVESTIGATION),
        ("false_positive", VexStatus.NOT_AFFECTED),
        ("not_affected", VexStatus.NOT_AFFECTED),
    ],
)
def test_every_state_of_cyclonedx_is_understood(state: str, status: VexStatus) -> None:
    assert cyclonedx(analysis={"state": state})[0].status is status


def test_an_analysis_of_cyclonedx_is_read_with_its_other_names() -> None:
    (said,) = cyclonedx(
        references=[{"id": "GHSA-1", "source": {}}],
        analysis={
            "state": "not_affected",
            "justification": "code_not_reachable",
            "detail": "never called",
            "lastUpdated": "2026-03-01T00:00:00Z",
        },
    )

    assert said.names == ("CVE-1", "GHSA-1")
    assert (said.justification, said.detail, said.time) == (
        "code_not_reachable",
        "never called",
        "2026-03-01T00:00:00",
    )


@pytest.mark.parametrize(
    "reference", ["d", PURL, "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:pypi/demo%401.0"]
)
def test_a_component_is_meant_by_its_reference_its_url_or_from_another_document(reference: str) -> None:
    (said,) = cyclonedx(affects=[{"ref": reference}])

    assert said.products == (VexProduct(project=DEMO, version="1.0"),)


def test_only_versions_that_are_named_are_meant_where_a_target_names_versions() -> None:
    versions = [{"version": "0.9"}, {"version": "0.8", "status": "unaffected"}, {"range": "vers:pypi/<1"}]

    assert cyclonedx(affects=[{"ref": "d", "versions": versions}])[0].products == (
        VexProduct(project=DEMO, version="0.9"),
    )


def test_a_vulnerability_without_an_analysis_says_nothing() -> None:
    assert cyclonedx(analysis=None) == ()


def test_a_component_inside_another_is_known() -> None:
    inner = {"name": "demo", "purl": PURL, "bom-ref": "inner"}
    flaw = {"id": "CVE-1", "affects": [{"ref": "inner"}], "analysis": {"state": "resolved"}}
    document = {
        "bomFormat": "CycloneDX",
        "components": [{"name": "app", "components": [inner]}],
        "vulnerabilities": [flaw],
    }

    assert read(document)[0].products == (VexProduct(project=DEMO, version="1.0"),)


def test_a_statement_knows_its_line() -> None:
    assert openvex()[0].place == Place("vex.json", 9)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"bomFormat": "SPDX"}',
        b'{"@context": "https://openvex.dev/ns", "statements": {}}',
        b'{"@context": "https://openvex.dev/ns", "statements": [1]}',
        b'{"@context": "https://openvex.dev/ns"}',
        b'{"bomFormat": "CycloneDX", "vulnerabilities": "none"}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_vex_document_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        read_vex(data[:80_000], file="vex.json")

    assert [each.code for each in refused.value.findings] == ["TRU840"]


@pytest.mark.parametrize("status", ["", "Not Affected", None, ["affected"]])
def test_a_status_that_openvex_does_not_know_is_refused(status: object) -> None:
    with pytest.raises(UsageError):
        openvex(status=status)


@pytest.mark.parametrize("vulnerability", ["", None, {}, {"@id": "CVE-1"}])
def test_a_statement_without_a_vulnerability_is_refused(vulnerability: object) -> None:
    with pytest.raises(UsageError):
        openvex(vulnerability=vulnerability)


@pytest.mark.parametrize("state", ["", "unknown", None, ["resolved"]])
def test_a_state_that_cyclonedx_does_not_know_is_refused(state: object) -> None:
    with pytest.raises(UsageError):
        cyclonedx(analysis={"state": state})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(PURL),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYS = ["vulnerability", "products", "status", "id", "affects", "analysis", "references", "timestamp"]


@given(st.sampled_from([{"@context": "openvex"}, {"bomFormat": "CycloneDX"}]), st.data())
def test_whatever_a_document_holds_it_is_read_or_refused(kind: dict[str, str], data: st.DataObject) -> None:
    item = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5)
    said = data.draw(st.lists(item, max_size=3))
    components = data.draw(JSON)
    with suppress(UsageError):
        read(kind | {"statements": said, "vulnerabilities": said, "components": components})
