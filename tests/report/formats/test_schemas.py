"""Every format, whatever the audit found and whoever wrote it, is valid by its published schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from jsonschema import Draft202012Validator

from tests.report.formats.demands import GITLAB, OPENVEX
from tests.report.formats.making import everything, hit, hostile, outcome
from trued.advisories.outcome import AuditOutcome
from trued.report.formats.choice import MACHINE_FORMATS, formatted

ROOT = Path(__file__).parents[3]
SARIF = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.schema.json").read_bytes())
OWN = json.loads((ROOT / "docs" / "reference" / "audit.schema.json").read_bytes())
OUTCOMES: dict[str, Callable[[], AuditOutcome]] = {
    "one hit": lambda: outcome(hit()),
    "everything": everything,
    "hostile": hostile,
    "clean": outcome,
    "nothing": lambda: outcome(packages=()),
}


def faults(schema: dict[str, Any], text: str) -> list[str]:
    Draft202012Validator.check_schema(schema)
    found = Draft202012Validator(schema).iter_errors(json.loads(text))
    return [f"{each.json_path}: {each.message}" for each in found]


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize(
    ("chosen", "schema"),
    [
        pytest.param("sarif", SARIF, id="sarif"),
        pytest.param("gitlab", GITLAB, id="gitlab"),
        pytest.param("openvex", OPENVEX, id="openvex"),
        pytest.param("json", OWN, id="json"),
    ],
)
def test_a_report_is_valid_by_its_schema(chosen: str, schema: dict[str, Any], name: str) -> None:
    assert faults(schema, formatted(chosen, OUTCOMES[name]())) == []


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_cyclonedx_document_is_valid_by_the_strict_schema_of_1_6(name: str) -> None:
    text = formatted("cyclonedx", OUTCOMES[name]())

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_cyclonedx_document_says_the_same_in_xml(name: str) -> None:
    made = json.loads(formatted("cyclonedx", OUTCOMES[name]()))
    space = {"b": "http://cyclonedx.org/schema/bom/1.6"}

    root = ET.fromstring(formatted("cyclonedx-xml", OUTCOMES[name]()))

    found = [one.text for one in root.iterfind("b:components/b:component/b:purl", space)]
    assert found == [one["purl"] for one in made.get("components", [])]
    found = [one.text for one in root.iterfind("b:vulnerabilities/b:vulnerability/b:id", space)]
    assert found == [one["id"] for one in made.get("vulnerabilities", [])]
    assert root.attrib["serialNumber"] == made["serialNumber"]


@pytest.mark.parametrize("chosen", MACHINE_FORMATS)
@pytest.mark.parametrize("make", [everything, hostile])
def test_the_same_audit_gives_the_same_text(chosen: str, make: Callable[[], AuditOutcome]) -> None:
    assert formatted(chosen, make()) == formatted(chosen, make())


def test_a_schema_can_fail() -> None:
    report = json.loads(formatted("sarif", outcome(hit())))
    report["runs"][0]["results"][0]["message"] = {}

    assert len(faults(SARIF, json.dumps(report))) == 1


def test_a_format_of_another_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        formatted("xml", outcome())
