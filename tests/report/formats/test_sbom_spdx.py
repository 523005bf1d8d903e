"""SPDX 2.3 of environments and locks, read and validated by the SPDX project's own tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from tests.report.inventories import PUBLISHER, every_kind, hostile, inventory, locked, many, sha256_of
from trued.report.formats.spdx_sbom import spdx_sbom
from trued.report.inventory import Inventory

INVENTORIES: dict[str, Callable[[], Inventory]] = {
    "every kind": every_kind,
    "lock": locked,
    "nothing": inventory,
    "hostile": hostile,
    "many": lambda: many(40),
}


def document(of: Inventory | None = None) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(spdx_sbom(of or every_kind()))
    return read


def listed(name: str, of: Inventory | None = None) -> dict[str, Any]:
    return next(one for one in document(of)["packages"] if one["name"] == name)


def comments(one: dict[str, Any]) -> list[str]:
    return [each["comment"] for each in one["annotations"]]


@pytest.mark.parametrize("name", INVENTORIES)
def test_every_document_is_valid_to_the_tools_of_spdx(name: str) -> None:
    read = JsonLikeDictParser().parse(json.loads(spdx_sbom(INVENTORIES[name]())))

    assert [one.validation_message for one in validate_full_spdx_document(read)] == []


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_same_inventory_gives_the_same_bytes_in_ascii(name: str) -> None:
    text = spdx_sbom(INVENTORIES[name]())

    assert text == spdx_sbom(INVENTORIES[name]())
    assert text.isascii()


def test_another_inventory_has_another_namespace() -> None:
    assert document(locked())["documentNamespace"] != document()["documentNamespace"]


def test_a_package_has_its_url_its_file_and_its_digest() -> None:
    web = listed("web")

    assert web["externalRefs"][0]["referenceLocator"] == "pkg:pypi/web@4.2?file_name=web-4.2-py3-none-any.whl"
    assert web["packageFileName"] == "web-4.2-py3-none-any.whl"
    assert web["checksums"] == [{"algorithm": "SHA256", "checksumValue": sha256_of("web")}]


def test_a_supplier_is_a_verified_publisher_an_originator_the_author_that_metadata_names() -> None:
    assert listed("web")["supplier"] == f"Organization: {PUBLISHER}"
    assert listed("web")["originator"] == "Person: Ann Author (ann@example.org)"
    assert listed("text")["supplier"] == "NOASSERTION"


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("web", "MIT"),
        ("listed", "LicenseRef-Own AND MIT"),
        ("offline", "NOASSERTION"),
    ],
)
def test_a_stated_expression_is_declared_and_a_missing_one_is_not_made_up(name: str, declared: str) -> None:
    assert listed(name)["licenseDeclared"] == declared


def test_words_that_are_no_expression_are_kept_as_a_licence_of_the_document() -> None:
    texts = {one["licenseId"]: one["extractedText"] for one in document()["hasExtractedLicensingInfos"]}

    assert texts[listed("text")["licenseDeclared"]] == "BSD\nsee the file"
    assert texts[listed("signed")["licenseDeclared"]] == "License :: OSI Approved :: MIT License"
    assert listed("signed")["licenseComments"] == "stated in the field Classifier"


def test_how_it_was_proven_stands_in_annotations() -> None:
    assert f"proof: attestation {PUBLISHER} 2026-11-01T10:00:00Z" in comments(listed("web"))
    assert "no digest: no receipt of trued says which file was installed" in comments(listed("older"))


def test_dependencies_are_relations() -> None:
    found = {
        (one["spdxElementId"], one["relationshipType"], one["relatedSpdxElement"])
        for one in document()["relationships"]
    }

    assert ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-subject") in found
    assert ("SPDXRef-subject", "DEPENDS_ON", "SPDXRef-web") in found
    assert ("SPDXRef-web", "DEPENDS_ON", "SPDXRef-native") in found


def test_an_spdx_document_inside_a_package_is_an_external_document() -> None:
    (reference,) = document()["externalDocumentRefs"]

    assert reference["spdxDocument"] == "https://example.org/native-3.1"
    assert reference["checksum"]["checksumValue"] == sha256_of("spdx")


def test_what_documents_inside_a_package_list_is_contained_in_it() -> None:
    zlib = listed("zlib")
    contained = [
        one["relatedSpdxElement"]
        for one in document()["relationships"]
        if (one["spdxElementId"], one["relationshipType"]) == ("SPDXRef-native", "CONTAINS")
    ]

    assert zlib["SPDXID"] in contained
    assert zlib["comment"].startswith("stated by ")
    assert listed("libfoo")["licenseDeclared"] == "NOASSERTION"


def test_files_come_with_the_digests_and_the_code_that_spdx_asks_for() -> None:
    found = document()

    assert [one["fileName"] for one in found["files"]] == ["./lib/web/a.py", "./lib/web/b.py"]
    assert listed("web")["filesAnalyzed"] is True
    assert len(listed("web")["packageVerificationCode"]["packageVerificationCodeValue"]) == 40


def test_no_license_id_is_used_without_its_text() -> None:
    found = document(hostile())
    named = {one["licenseId"] for one in found["hasExtractedLicensingInfos"]}

    assert {one["licenseDeclared"] for one in found["packages"] if "licenseDeclared" in one} <= {
        *named, "MIT", "NOASSERTION",
    }  # fmt: skip
