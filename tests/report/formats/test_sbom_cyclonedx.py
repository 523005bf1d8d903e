"""CycloneDX 1.6 of environments and locks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tests.report.inventories import (
    PUBLISHER,
    component,
    every_kind,
    hostile,
    inventory,
    locked,
    many,
    sha256_of,
)
from trued.report.formats.cyclonedx_sbom import cyclonedx_sbom
from trued.report.inventory import Inventory, LicenseField, Source, SourceKind, StatedLicense

INVENTORIES: dict[str, Callable[[], Inventory]] = {
    "every kind": every_kind,
    "lock": locked,
    "nothing": inventory,
    "hostile": hostile,
    "many": lambda: many(60),
}


def document(of: Inventory) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(cyclonedx_sbom(of))
    return read


def listed(name: str, of: Inventory | None = None) -> dict[str, Any]:
    """The component *name* as the document has it."""
    return next(one for one in document(of or every_kind())["components"] if one["name"] == name)


def properties(one: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in one.get("properties", ()):
        found.setdefault(each["name"].removeprefix("trued:"), []).append(each["value"])
    return found


@pytest.mark.parametrize("name", INVENTORIES)
def test_every_document_is_valid_by_the_strict_schema(name: str) -> None:
    text = cyclonedx_sbom(INVENTORIES[name]())

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_same_inventory_gives_the_same_bytes_in_ascii(name: str) -> None:
    text = cyclonedx_sbom(INVENTORIES[name]())

    assert text == cyclonedx_sbom(INVENTORIES[name]())
    assert text.isascii()


def test_the_document_bears_the_time_of_the_inventory_and_names_the_tool() -> None:
    head = document(every_kind())["metadata"]

    assert head["timestamp"] == "2026-11-21T12:30:00+00:00"
    assert [tool["name"] for tool in head["tools"]["components"]] == ["trued"]


def test_the_digest_of_the_archive_is_the_components() -> None:
    assert listed("web")["hashes"] == [{"alg": "SHA-256", "content": sha256_of("web")}]


def test_without_a_proven_file_there_is_no_digest_and_the_reason_is_said() -> None:
    older = listed("older")

    assert "hashes" not in older
    assert properties(older)["no-digest"] == ["no receipt of trued says which file was installed"]


@pytest.mark.parametrize(
    ("name", "purl"),
    [
        ("web", "pkg:pypi/web@4.2?file_name=web-4.2-py3-none-any.whl"),
        (
            "offline",
            "pkg:pypi/offline@1.0?file_name=offline-1.0-py3-none-any.whl",
        ),
        (
            "forked",
            "pkg:pypi/forked@1.0?file_name=forked-1.0-py3-none-any.whl",
        ),
        (
            "direct",
            "pkg:pypi/direct@1.0?download_url=https://example.org/direct.whl",
        ),
        ("own", "pkg:generic/own@1.0"),
    ],
)
def test_the_package_url_names_the_release_and_the_file(name: str, purl: str) -> None:
    assert listed(name)["purl"].startswith(purl)


@pytest.mark.parametrize(
    ("name", "qualifiers"),
    [
        ("web", {"file_name"}),
        ("offline", {"file_name", "repository_url"}),
        ("forked", {"file_name", "vcs_url"}),
        ("direct", {"file_name", "download_url"}),
        ("own", set()),
    ],
)
def test_the_package_url_says_from_where_when_that_is_no_default_index(
    name: str, qualifiers: set[str]
) -> None:
    found = PackageURL.from_string(listed(name)["purl"]).qualifiers

    assert set(found) == qualifiers


def test_a_repository_is_named_with_its_commit() -> None:
    found = PackageURL.from_string(listed("forked")["purl"]).qualifiers

    assert found["vcs_url"] == f"git+https://example.org/forked.git@{'c' * 40}"


def test_a_proof_is_evidence_of_the_digest() -> None:
    (identity,) = listed("web")["evidence"]["identity"]

    assert identity["field"] == "hash"
    assert [method["technique"] for method in identity["methods"]] == ["attestation", "hash-comparison"]
    assert identity["methods"][0]["value"].startswith(f"attestation {PUBLISHER}")


def test_where_it_is_installed_is_told_below_the_environment() -> None:
    (occurrence,) = listed("web")["evidence"]["occurrences"]

    assert occurrence["location"] == "lib/python3.11/site-packages/web-4.2.dist-info"


def test_only_a_verified_publisher_is_a_supplier() -> None:
    assert listed("web")["supplier"]["name"] == PUBLISHER
    assert "supplier" not in listed("text")


def test_authors_are_those_that_metadata_names() -> None:
    assert {one["email"]: one.get("name") for one in listed("web")["authors"]} == {
        "team@example.org": None,
        "ann@example.org": "Ann Author",
    }


def test_an_expression_is_a_licence_expression() -> None:
    assert listed("web")["licenses"] == [{"expression": "MIT", "acknowledgement": "declared"}]


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("text", "License", "BSD see the file"),
        ("signed", "Classifier", "License :: OSI Approved :: MIT License"),
        ("older", "License-Expression", "MIT or so"),
    ],
)
def test_what_is_no_expression_is_told_in_its_own_words_with_its_field(
    name: str, field: str, words: str
) -> None:
    one = listed(name)

    assert one["licenses"] == [{"license": {"name": words, "acknowledgement": "declared"}}]
    assert properties(one)["license-field"] == [field]


def test_a_licence_that_nobody_states_is_not_made_up() -> None:
    assert "licenses" not in listed("offline")


def test_the_graph_leads_from_the_subject_to_what_it_needs() -> None:
    found = {one["ref"]: one.get("dependsOn", []) for one in document(every_kind())["dependencies"]}

    assert "component:web" in found["subject"]
    assert found["component:web"] == ["component:native", "component:text"]
    assert found["component:native"] == ["component:text"]


def test_a_document_inside_a_package_is_referred_to_by_path_and_digest() -> None:
    references = [one for one in listed("native")["externalReferences"] if one["type"] == "bom"]

    assert [one["url"].rpartition("/")[2] for one in references] == [
        "native.cdx.json", "native.spdx.json", "x.xml",
    ]  # fmt: skip
    assert references[0]["hashes"] == [{"alg": "SHA-256", "content": sha256_of("document")}]


def test_what_it_says_is_inside_is_listed_inside_the_package_with_whose_word_it_is() -> None:
    inside = {one["name"]: one for one in listed("native")["components"]}

    assert set(inside) == {"zlib", "libfoo"}
    assert inside["zlib"]["purl"] == "pkg:generic/zlib@1.3"
    assert properties(inside["zlib"])["stated-by"][0].endswith("sboms/native.cdx.json")


def test_files_are_listed_with_their_digests_where_they_were_asked_for() -> None:
    files = listed("web")["components"]

    assert [(one["type"], one["name"]) for one in files] == [
        ("file", "lib/web/a.py"),
        ("file", "lib/web/b.py"),
    ]
    assert files[0]["hashes"] == [{"alg": "SHA-256", "content": sha256_of("a")}]


def test_of_several_files_that_a_lock_admits_none_is_the_components_digest() -> None:
    one = listed("demo", locked())

    assert "hashes" not in one
    assert properties(one)["file"] == [
        f"demo-1.0-{tag}.whl sha256:{sha256_of(tag)}" for tag in ("cp311", "cp312")
    ]


def test_two_versions_in_one_lock_are_two_components() -> None:
    references = [one["bom-ref"] for one in document(locked())["components"]]

    assert references == ["component:demo@1.0", "component:leaf@1.0", "component:leaf@2.0"]


def test_an_address_with_credentials_is_no_reference() -> None:
    secret = Source(kind=SourceKind.INDEX, index="https://user:secret@index.example.org/simple/")
    text = cyclonedx_sbom(
        inventory(component(source=secret, links=(("Docs", "https://u:secret@example.org"),)))
    )

    assert "secret" not in text


def test_licence_files_are_named() -> None:
    stated = StatedLicense(field=LicenseField.EXPRESSION, values=("MIT",), files=("LICENSE", "NOTICE"))
    one = listed("demo", inventory(component(license=stated)))

    assert properties(one)["license-file"] == ["LICENSE", "NOTICE"]
