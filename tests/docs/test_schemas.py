"""The published schemas, held against what the commands really write and read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.docs.page_blocks import blocks_of
from tests.docs.reader import Reader, a_reader
from trued.config.option import Kind, Option, Type
from trued.config.options import OPTIONS
from trued.config.value import InvalidValue, from_toml

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_bytes())
    for path in (DOCS / "reference").rglob("*.schema.json")
}


def faults(name: str, content: object) -> list[str]:
    found = Draft202012Validator(SCHEMAS[name]).iter_errors(content)
    return [f"{each.json_path}: {each.message}" for each in found]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who locked requests, installed it, and accepted flask at first sight."""
    with a_reader(tmp_path_factory.mktemp("schemas")) as reader:
        for call in ("lock requests", "sync", "install flask --trust-on-first-use"):
            done = reader.machine.trued(*call.split(), **reader.session.environ)
            assert done.status == 0, done.err
        yield reader


def printed(reader: Reader, call: str) -> str:
    return reader.machine.trued(*call.split(), **reader.session.environ).out


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_every_schema_is_told_of() -> None:
    page = (DOCS / "reference" / "schemas.md").read_text(encoding="utf-8")

    assert {name for name in SCHEMAS if f"{name}.schema.json" not in page} == set()


CALLS = {
    "plan and verdicts": "install six --trust-on-first-use --dry-run --json",
    "findings": "install six --json",
    "findings with a place": "install -r pylock.broken.toml --json",
    "a usage error": "install --no-such-option --json",
    "verify": "verify --json",
    "freeze": "freeze --json",
    "policy": "policy check --json",
    "selftest": "selftest --json",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_document_of_a_command_is_as_its_schema_says(reader: Reader, call: str) -> None:
    lock = (reader.folder / "pylock.toml").read_text()
    (reader.folder / "pylock.broken.toml").write_text(lock.replace('sha256 = "', 'sha256 = "g'))

    assert faults("document", json.loads(printed(reader, call))) == []


def test_a_list_is_as_its_schema_says(reader: Reader) -> None:
    assert faults("list", json.loads(printed(reader, "list --format json"))) == []


def test_receipts_are_as_their_schema_says(reader: Reader) -> None:
    receipts = list(reader.machine.libraries.glob("*.dist-info/trued-receipt.json"))

    assert len(receipts) == 7
    assert [fault for path in receipts for fault in faults("receipt", json.loads(path.read_bytes()))] == []


def test_an_export_of_known_files_is_as_its_schema_says(reader: Reader) -> None:
    lines = printed(reader, "known export").splitlines()

    assert len(lines) == 5
    assert [fault for line in lines for fault in faults("known-files", json.loads(line))] == []


def test_a_lock_is_as_its_schema_says(reader: Reader) -> None:
    document = tomllib.loads((reader.folder / "pylock.toml").read_text())

    assert "roots" in document["tool"]["trued"]
    assert faults("lock-tool", json.loads(json.dumps(document, default=str))) == []


def test_an_audit_is_as_its_schema_says(reader: Reader) -> None:
    assert faults("audit", json.loads(printed(reader, "audit pylock.toml --format json"))) == []


@pytest.mark.parametrize("name", sorted(set(SCHEMAS) - {"lock-tool"}))
def test_a_schema_refuses_what_it_does_not_know(name: str) -> None:
    """One that takes everything would pass all tests above."""
    assert faults(name, {"no-such-key": 1}) != []


# Policy files: the schema against what reads them

VALUES: tuple[Any, ...] = (True, 1, "text", "3d", ["a", "b"], {"a": "b"}, [1])


def is_read(option: Option, value: Any) -> bool:
    try:
        from_toml(option, value, "/", {})
    except (InvalidValue, ValueError):
        return False
    return True


@pytest.mark.parametrize("option", [one for one in OPTIONS if one.configurable], ids=lambda one: one.name)
def test_the_schema_of_policy_files_refuses_no_value_that_is_read(option: Option) -> None:
    samples = (*VALUES, *option.choices)

    refused = [
        value for value in samples if is_read(option, value) and faults("policy", {option.name: value})
    ]

    assert refused == []


@pytest.mark.parametrize("option", [one for one in OPTIONS if one.configurable], ids=lambda one: one.name)
def test_the_schema_of_policy_files_refuses_what_is_of_another_type(option: Option) -> None:
    wrong: Any = {"a": "b"} if option.kind in (Kind.LIST, Kind.NAMES) else ["a"]
    if option.type is Type.BOOLEAN:
        wrong = "yes"

    assert option.kind is Kind.COUNT or faults("policy", {option.name: wrong}) != []


def policies() -> Iterator[tuple[str, str]]:
    """Every policy file that the documentation shows; ``part`` marks lines of a table."""
    for page in sorted(DOCS.rglob("*.md")):
        for block in blocks_of(page):
            is_another = "[packages" in block.text or "[project]" in block.text
            if block.language == "toml" and not is_another and "part" not in block.words:
                yield f"{page.relative_to(DOCS)}:{block.line}", block.text


@pytest.mark.parametrize(("place", "text"), [*policies()])
def test_what_a_page_shows_of_a_policy_file_is_as_the_schema_says(place: str, text: str) -> None:
    content = json.loads(json.dumps(tomllib.loads(text), default=str))

    assert faults("policy", content) == []
