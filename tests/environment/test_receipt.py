"""Receipts: exactly what PEP 610 and PEP 710 allow, and no secret."""

from __future__ import annotations

import json

import pytest

from tests.environment.conftest import Shelf, site
from trued.environment.listing import installed_folders, recorded_sha256
from trued.environment.made import Addition
from trued.environment.receipt import direct_url, provenance_url, receipt, without_credentials
from trued.environment.target import Target
from trued.environment.transaction import change


def test_a_file_of_an_index_gets_the_two_keys_of_pep_710() -> None:
    document = json.loads(provenance_url("https://example.org/a-1.whl", {"sha256": "00" * 32}))

    assert document == {
        "url": "https://example.org/a-1.whl",
        "archive_info": {"hashes": {"sha256": "00" * 32}},
    }


def test_both_documents_together_are_refused(shelf: Shelf) -> None:
    addition = shelf.wheel("alpha")

    with pytest.raises(ValueError, match="PEP 710"):
        Addition(
            entry=addition.entry,
            manifest=addition.manifest,
            documents={**addition.documents, "direct_url.json": b"{}"},
            requested=True,
        )


def test_a_direct_url_gets_the_computed_digests() -> None:
    document = json.loads(direct_url("https://example.org/a-1.whl#md5=ff", hashes={"sha256": "00" * 32}))

    assert document == {
        "url": "https://example.org/a-1.whl",
        "archive_info": {"hashes": {"sha256": "00" * 32}},
    }


def test_an_editable_folder_says_so() -> None:
    document = json.loads(direct_url("file:///src/a", editable=True))

    assert document == {"url": "file:///src/a", "dir_info": {"editable": True}}


def test_a_version_control_source_names_its_commit_and_subdirectory() -> None:
    document = json.loads(
        direct_url("https://example.org/a.git", vcs={"vcs": "git", "commit_id": "abc"}, subdirectory="x")
    )

    assert document == {
        "url": "https://example.org/a.git",
        "vcs_info": {"vcs": "git", "commit_id": "abc"},
        "subdirectory": "x",
    }


def test_a_direct_url_is_of_one_kind_only() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        direct_url("https://example.org/a", hashes={}, editable=False)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://user:secret@example.org/a.whl", "https://example.org/a.whl"),
        ("https://token@example.org/a.whl", "https://example.org/a.whl"),
        ("https://us@er:se@cret@example.org:8443/a.whl?x=1", "https://example.org:8443/a.whl?x=1"),
        ("https://example.org/a@b.whl", "https://example.org/a@b.whl"),
        ("https://example.org?who=me@example.org", "https://example.org?who=me@example.org"),
        ("https://${USER}:${TOKEN}@example.org/a.whl", "https://${USER}:${TOKEN}@example.org/a.whl"),
        ("git+ssh://git@example.org/a.git", "git+ssh://git@example.org/a.git"),
        ("git+ssh://me:pw@example.org/a.git", "git+ssh://example.org/a.git"),
        ("file:///src/a.whl", "file:///src/a.whl"),
    ],
)
def test_no_secret_of_a_url_is_kept(url: str, kept: str) -> None:
    assert without_credentials(url) == kept


def test_the_receipt_says_where_the_file_came_from_and_what_proved_it() -> None:
    evidence = [
        {"kind": "pin", "authority": "r.txt:3", "detail": "sha256:00", "time": "2026-01-01T00:00:00Z"}
    ]

    document = json.loads(
        receipt(
            filename="a-1-py3-none-any.whl",
            sha256="00" * 32,
            size=7,
            index="https://user:pw@example.org/simple/",
            url="https://example.org/a-1-py3-none-any.whl",
            requirement="r.txt:3",
            evidence=evidence,
            level="standard",
            version="0.1",
            time="2026-01-01T00:00:00Z",
        )
    )

    assert document == {
        "format": 1,
        "filename": "a-1-py3-none-any.whl",
        "sha256": "00" * 32,
        "size": 7,
        "source": {
            "index": "https://example.org/simple/",
            "url": "https://example.org/a-1-py3-none-any.whl",
        },
        "requirement": "r.txt:3",
        "evidence": evidence,
        "level": "standard",
        "trued": "0.1",
        "time": "2026-01-01T00:00:00Z",
    }


def test_the_digest_of_what_is_installed_is_read_from_its_receipt(environment: Target, shelf: Shelf) -> None:
    addition = shelf.wheel("alpha")
    change(environment, additions=[addition])

    [(version, folder)] = installed_folders(environment.libraries)["alpha"]

    assert version == "1.0"
    assert recorded_sha256(folder) == addition.manifest["sha256"]


@pytest.mark.parametrize("name", ["RECORD", "trued-receipt.json"])
def test_what_a_power_cut_left_empty_counts_as_unknown(environment: Target, shelf: Shelf, name: str) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    folder = site(environment) / "alpha-1.0.dist-info"
    (folder / name).write_bytes(b"")

    assert recorded_sha256(str(folder)) is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"sha256": "00"}',
        b'{\n  "x": {\n    "sha256": "' + b"0" * 64 + b'"\n  }\n}\n',
        b'{\n  "sha256": "' + b"0" * 63 + b'"\n}\n',
        b'{\n  "sha256": "' + b"G" * 64 + b'"\n}\n',
    ],
)
def test_a_receipt_of_another_form_says_nothing(environment: Target, shelf: Shelf, text: bytes) -> None:
    change(environment, additions=[shelf.wheel("alpha")])
    folder = site(environment) / "alpha-1.0.dist-info"
    (folder / "trued-receipt.json").write_bytes(text)

    assert recorded_sha256(str(folder)) is None


def test_names_of_folders_are_normalised(environment: Target) -> None:
    (site(environment) / "Zope.Interface_x-5.0.post1.dist-info").mkdir()

    assert list(installed_folders(environment.libraries)) == ["zope-interface-x"]
