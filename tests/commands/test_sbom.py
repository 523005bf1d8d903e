"""``trued sbom`` on real environments: receipts, other tools' packages, documents inside packages, locks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.commands.conftest import Machine, Wheel, make_wheel, run_pip
from tests.report.formats.making import NASTY

EPOCH = {"SOURCE_DATE_EPOCH": "1790000000"}
LEAF = make_wheel("leaf")
DEMO = make_wheel("demo", "2.1", requires=("leaf>=1", "absent; extra == 'more'"))
INSIDE = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.3"},
        {"type": "library", "name": NASTY, "components": "no list"},
        7,
    ],
}


def metadata(name: str, *lines: str) -> bytes:
    return "".join(
        f"{line}\n" for line in ("Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines)
    ).encode()


def settled(machine: Machine, *wheels: Wheel) -> Machine:
    for wheel in wheels or (DEMO, LEAF):
        machine.index.add(wheel)
    assert machine.install(*(wheel.line for wheel in wheels or (DEMO, LEAF))).status == 0
    return machine


def components(machine: Machine, *arguments: str) -> dict[str, dict[str, Any]]:
    """The components of the document, by name; it has to be valid."""
    ran = machine.trued("sbom", *arguments)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(ran.out) is None
    return {one["name"]: one for one in json.loads(ran.out)["components"]}


def test_what_is_installed_is_listed_with_the_digest_of_its_receipt_without_asking_anybody(
    machine: Machine,
) -> None:
    settled(machine)
    before = len(machine.index.server.asked)

    found = components(machine)

    assert found["demo"]["hashes"] == [{"alg": "SHA-256", "content": DEMO.sha256}]
    assert found["demo"]["evidence"]["identity"][0]["methods"][0]["technique"] == "hash-comparison"
    assert len(machine.index.server.asked) == before


def test_the_graph_has_what_is_needed_and_no_extra_that_nobody_asked_for(machine: Machine) -> None:
    settled(machine)

    document = json.loads(machine.trued("sbom").out)

    assert {one["ref"]: one.get("dependsOn") for one in document["dependencies"]} == {
        "component:demo": ["component:leaf"],
        "component:leaf": None,
        "subject": ["component:demo"],
    }


def test_the_same_environment_and_time_give_the_same_bytes(machine: Machine) -> None:
    settled(machine)

    for form in ("cyclonedx", "spdx"):
        one, other = (machine.trued("sbom", "--format", form, **EPOCH) for _ in range(2))
        assert one == other
        assert "2026-09-21T" in one.out


@pytest.mark.parametrize("stated", ["yesterday", "-1", "", "9" * 30])
def test_a_time_that_cannot_be_read_is_refused(machine: Machine, stated: str) -> None:
    ran = machine.trued("sbom", SOURCE_DATE_EPOCH=stated)

    assert (ran.status, ran.codes, ran.out) == (2, ["TRU982"], "")


def test_what_pip_installed_is_proven_by_its_content_or_has_no_digest(machine: Machine) -> None:
    machine.index.add(LEAF)
    machine.write(LEAF.line, name="by-pip.txt")
    run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "by-pip.txt")

    assert components(machine)["leaf"]["hashes"] == [{"alg": "SHA-256", "content": LEAF.sha256}]
    offline = machine.trued("sbom", "--offline")
    assert "hashes" not in json.loads(offline.out)["components"][0]
    assert (offline.status, offline.codes) == (0, ["TRU983"])


def test_licence_and_people_come_from_metadata(machine: Machine) -> None:
    lines = ("License-Expression: MIT", "License-File: LICENSE", "Author-email: Ann <ann@example.org>")
    settled(machine, make_wheel("leaf", metadata=metadata("leaf", *lines)))

    leaf = components(machine)["leaf"]

    assert leaf["licenses"] == [{"acknowledgement": "declared", "expression": "MIT"}]
    assert leaf["authors"] == [{"email": "ann@example.org", "name": "Ann"}]


def test_hostile_metadata_makes_a_valid_document_without_a_control_character(machine: Machine) -> None:
    text = NASTY.replace("\r\n", " ").replace("\n", " ")
    lines = (f"Summary: {text}", f"License: {text}", f"Author: {text}", f"Project-URL: {text}, javascript:1")
    settled(machine, make_wheel("leaf", metadata=metadata("leaf", *lines)))

    for form in ("cyclonedx", "spdx"):
        ran = machine.trued("sbom", "--format", form)
        assert ran.status == 0
        assert "\\u202e" not in ran.out.replace("\\\\u202e", "")
    assert "externalReferences" not in components(machine)["leaf"] or "javascript" not in str(
        components(machine)["leaf"]["externalReferences"]
    )


def test_a_document_inside_a_package_is_named_and_what_it_lists_is_taken_over(machine: Machine) -> None:
    text = json.dumps(INSIDE).encode()
    files = {"leaf/__init__.py": b"", "leaf-1.0.dist-info/sboms/leaf.cdx.json": text}
    settled(machine, make_wheel("leaf", files=files))

    leaf = components(machine)["leaf"]

    assert "zlib" in [one["name"] for one in leaf["components"]]
    (reference,) = (one for one in leaf["externalReferences"] if one["type"] == "bom")
    assert reference["url"].endswith("leaf-1.0.dist-info/sboms/leaf.cdx.json")


@pytest.mark.parametrize("content", [b"<bom/>", b"[" * 100_000, b"{}", b"\xff\xfe"])
def test_a_document_that_cannot_be_read_is_named_and_told(machine: Machine, content: bytes) -> None:
    files = {"leaf/__init__.py": b"", "leaf-1.0.dist-info/sboms/leaf.bin": content}
    settled(machine, make_wheel("leaf", files=files))

    ran = machine.trued("sbom")

    assert (ran.status, ran.codes) == (0, ["TRU984"])
    assert "sboms/leaf.bin" in ran.out


def test_files_have_the_digests_of_what_is_on_disk(machine: Machine) -> None:
    settled(machine)
    import hashlib

    files = {one["name"]: one for one in components(machine, "--files")["leaf"]["components"]}
    path = next(name for name in files if name.endswith("leaf/__init__.py"))
    content = (machine.work / ".venv" / path).read_bytes()

    assert files[path]["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]


def test_a_record_that_leads_out_of_the_environment_has_nothing_read_there(machine: Machine) -> None:
    settled(machine)
    secret = machine.home / "secret"
    secret.write_text("the user's own")
    record = next(machine.libraries.glob("leaf-1.0.dist-info/RECORD"))
    record.chmod(0o644)
    record.write_text(f"{record.read_text()}{secret},,\n../../../../../home/secret,,\n")

    assert "secret" not in machine.trued("sbom", "--files").out


def test_an_editable_package_is_no_release_of_an_index(machine: Machine) -> None:
    folder = machine.libraries / "own-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_bytes(metadata("own"))
    document = {"url": (machine.work / "own").as_uri(), "dir_info": {"editable": True}}
    (folder / "direct_url.json").write_text(json.dumps(document))

    own = components(machine)["own"]

    assert own["purl"] == "pkg:generic/own@1.0"
    assert "hashes" not in own


def test_a_lock_is_listed_with_every_file_that_it_admits(machine: Machine) -> None:
    machine.index.add(LEAF)
    machine.write("leaf", name="requirements.in")
    assert machine.trued("lock", "-r", "requirements.in").status == 0

    assert components(machine, "pylock.toml")["leaf"]["hashes"] == [
        {"alg": "SHA-256", "content": LEAF.sha256}
    ]


def test_credentials_in_a_direct_url_that_another_tool_wrote_are_not_passed_on(machine: Machine) -> None:
    folder = machine.libraries / "own-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_bytes(metadata("own"))
    url = "https://user:hunter2@example.org/own.git"
    document = {"url": url, "vcs_info": {"vcs": "git", "commit_id": "c" * 40}}
    (folder / "direct_url.json").write_text(json.dumps(document))

    for form in ("cyclonedx", "spdx"):
        ran = machine.trued("sbom", "--format", form)
        assert "hunter2" not in ran.out + ran.err
        assert "own.git" in ran.out


def test_an_empty_environment_is_a_valid_document_and_suspicious(machine: Machine) -> None:
    ran = machine.trued("sbom")

    assert (ran.status, ran.codes) == (3, ["TRU985"])
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(ran.out) is None


def test_the_document_goes_into_a_file_whole(machine: Machine) -> None:
    settled(machine)

    ran = machine.trued("sbom", ".venv", "--format", "spdx", "-o", "sbom.spdx.json")

    assert (ran.status, ran.out) == (0, "")
    assert json.loads((machine.work / "sbom.spdx.json").read_text())["spdxVersion"] == "SPDX-2.3"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--format", "swid"), "TRU905"),
        (("pylock.missing.toml",), "TRU575"),
        (("-o", "missing/sbom.json"), "TRU579"),
        ((".venv", ".venv"), "TRU912"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(
    machine: Machine, arguments: tuple[str, ...], code: str
) -> None:
    settled(machine)

    ran = machine.trued("sbom", *arguments)

    assert (ran.status, ran.codes, ran.out) == (2, [code], "")


def test_as_json_the_call_says_what_was_written_and_what_is_missing(machine: Machine) -> None:
    document = machine.trued("sbom", "--json", "-o", "sbom.json").document

    assert document["result"] == {
        "output": "sbom.json", "text": None, "format": "cyclonedx", "components": 0,
    }  # fmt: skip
    assert str(document["findings"]).count("TRU985") == 1
