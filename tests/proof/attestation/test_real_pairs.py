"""Thirteen pairs from public indexes, each judged right, with no network and no cache to ask."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.proof.attestation.samples import Sample, sample
from trued.proof.attestation import AttestationResult, verify_provenance
from trued.proof.publisher import PublisherRule
from trued.proof.trusted_root import shipped_root

NOW = "2026-11-21T12:00:00Z"
ROOT = shipped_root()
OWN = "github repository=trailofbits/pypi-attestations workflow=release.yml"
ABI3 = "github repository=woodruffw/abi3info workflow=release.yml"
SAMPLE = "github repository=pypa/sampleproject workflow=release.yml"
GOOD = {
    "pypi_attestations-0.0.19.tar.gz.publish.attestation": OWN,
    "pypi_attestations-0.0.19.tar.gz.slsa.attestation": OWN,
    "pypi_attestations-0.0.19.tar.gz.provenance": OWN,
    "pypi_attestation_models-0.0.4a2.tar.gz.attestation": (
        "github repository=trailofbits/pypi-attestation-models workflow=release.yml"
    ),
    "abi3info-2024.10.3-py3-none-any.whl.provenance": ABI3,
    "abi3info-2024.10.8-py3-none-any.whl.provenance": ABI3,
    "abi3info-2024.10.8.tar.gz.provenance": ABI3,
    "sampleproject-4.0.0.tar.gz.provenance": SAMPLE,
    "sampleproject-4.0.0-py3-none-any.whl.publish.attestation": SAMPLE,
    "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.provenance": (
        "circleci project_id=fdd9283f-e619-46af-8f9c-851f7d3e8b2b"
        " pipeline_definition_id=8e4f8ab2-8d7c-4827-9f15-de076d6d647f"
    ),
    "gcb_attestation_test-0.0.0.tar.gz.provenance": (
        "google email=919436158236-compute@developer.gserviceaccount.com"
    ),
}
STAGING = (
    "shelf-reader-0.1.tar.gz.publish.attestation",
    "shelf_reader-0.1-py2-none-any.whl.publish.attestation",
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def judged(pair: Sample, *rules: PublisherRule) -> AttestationResult:
    return verify_provenance(
        pair.subject, pair.provenance, rules=rules, known=(), roots=ROOT, remembered=None, now=NOW
    )


@pytest.mark.parametrize("name", GOOD)
def test_a_real_attestation_names_its_publisher(name: str) -> None:
    result = judged(sample(name))

    assert [publisher.identity for publisher in result.publishers] == [GOOD[name]]
    assert result.proof.findings == ()
    assert result.proof.evidence == ()


@pytest.mark.parametrize("name", STAGING)
def test_a_signature_of_the_staging_instance_is_none(name: str) -> None:
    result = judged(sample(name))

    assert result.publishers == ()
    assert [finding.code for finding in result.proof.findings] == ["TRU710"]


@pytest.mark.parametrize("name", GOOD)
def test_a_valid_signature_by_another_identity_proves_nothing(name: str) -> None:
    rule = PublisherRule(project="project", kind="github", repository="somebody/else", workflow="release.yml")

    result = judged(sample(name), rule)

    assert result.proof.evidence == ()
    assert [finding.code for finding in result.proof.findings] == ["TRU704"]


def test_what_is_signed_is_about_one_file_only() -> None:
    wheel, sdist = (
        sample("abi3info-2024.10.8-py3-none-any.whl.provenance"),
        sample("abi3info-2024.10.8.tar.gz.provenance"),
    )

    result = verify_provenance(
        wheel.subject, sdist.provenance, rules=(), known=(), roots=ROOT, remembered=None, now=NOW
    )

    assert result.publishers == ()
    assert [finding.code for finding in result.proof.findings] == ["TRU703"]


def test_a_poisoned_cache_of_the_sigstore_library_is_not_looked_at(tmp_path: Path) -> None:
    """Whoever can write the user's cache puts another instance's root there, and `offline=True` trusts it."""
    pair = sample(STAGING[0])
    document = tmp_path / "provenance.json"
    document.write_bytes(pair.provenance)

    told = subprocess.run(
        [sys.executable, "-c", POISONED, str(document), pair.subject.filename, pair.subject.sha256],
        env={**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )

    library, ours = json.loads(told.stdout)
    assert library == "verified"
    assert ours == ["TRU710"]


POISONED = """
import json, sys
from importlib import resources
from pathlib import Path
from sigstore._internal.tuf import DEFAULT_TUF_URL, STAGING_TUF_URL, _get_dirs
from sigstore._utils import read_embedded

cache = _get_dirs(DEFAULT_TUF_URL)[1]
cache.mkdir(parents=True)
(cache / "trusted_root.json").write_bytes(read_embedded("trusted_root.json", STAGING_TUF_URL))

from pypi_attestations import Attestation, Distribution
from sigstore.verify.policy import UnsafeNoOp
from trued.proof.attestation import verify_provenance
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import shipped_root

path, filename, sha256 = sys.argv[1:]
data = Path(path).read_bytes()
attestation = json.loads(data)["attestation_bundles"][0]["attestations"][0]
distribution = Distribution(name=filename, digest=sha256)
Attestation.model_validate(attestation).verify(UnsafeNoOp(), distribution, offline=True)
subject = ProofSubject(project="project", version="1", filename=filename, sha256=sha256)
result = verify_provenance(
    subject, data, rules=(), known=(), roots=shipped_root(), remembered=None, now="2026-11-21T12:00:00Z"
)
print(json.dumps(["verified", [finding.code for finding in result.proof.findings]]))
"""
