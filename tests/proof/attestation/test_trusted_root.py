"""The trusted root: used with its digest and never without."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded

from tests.proof.attestation.toy_instance import ToyInstance
from trued.core.errors import OperationalError
from trued.core.finding import Place
from trued.proof.trusted_root import SHIPPED_SHA256, TrustedRoot, shipped_root

PLACE = Place("trued.toml", 7)


def pinned(path: Path, data: bytes) -> TrustedRoot:
    path.write_bytes(data)
    return TrustedRoot(path, sha256=hashlib.sha256(data).hexdigest(), place=PLACE)


def test_the_shipped_root_is_the_one_that_the_library_carries() -> None:
    assert hashlib.sha256(read_embedded("trusted_root.json", DEFAULT_TUF_URL)).hexdigest() == SHIPPED_SHA256
    assert hashlib.sha256(shipped_root().read()).hexdigest() == SHIPPED_SHA256


def test_the_shipped_root_names_no_host_but_the_instances() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", shipped_root().read().decode()))

    assert {host.split(".", 1)[1] for host in hosts} <= {"sigstore.dev", "rekor.sigstore.dev"}


def test_a_root_of_the_users_own_is_used_by_its_digest(toy: ToyInstance, tmp_path: Path) -> None:
    root = toy.trusted_root(tmp_path)

    assert root.instance() is root.instance()


def test_a_root_with_another_digest_is_not_used(tmp_path: Path) -> None:
    """Attack: the file is exchanged for one of an instance that the attacker runs."""
    path = tmp_path / "root.json"
    pinned(path, b"{}")

    with pytest.raises(OperationalError) as caught:
        TrustedRoot(path, sha256="0" * 64, place=PLACE).instance()

    [finding] = caught.value.findings
    assert finding.code == "TRU721"
    assert finding.place == PLACE


def test_a_root_that_is_missing_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        TrustedRoot(tmp_path / "gone.json", sha256="0" * 64).instance()

    [finding] = caught.value.findings
    assert finding.code == "TRU720"
    assert finding.subject.endswith("gone.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"mediaType": "application/json"},
        {"tlogs": []},
        {"certificateAuthorities": []},
        {"certificateAuthorities": [{}]},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_file_that_is_no_trusted_root_is_told(
    changes: dict[str, object], toy: ToyInstance, tmp_path: Path
) -> None:
    data = json.dumps({**toy.description(), **changes}).encode()

    with pytest.raises(OperationalError) as caught:
        pinned(tmp_path / "root.json", data).instance()

    assert [finding.code for finding in caught.value.findings] == ["TRU722"]


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_any_bytes_that_are_no_root_are_told(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        pinned(tmp_path / "root.json", data).instance()

    assert [finding.code for finding in caught.value.findings] == ["TRU722"]


def test_nothing_is_read_before_it_is_needed(tmp_path: Path) -> None:
    assert TrustedRoot(tmp_path / "gone.json", sha256="0" * 64).sha256 == "0" * 64
