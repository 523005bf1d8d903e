"""Attestations of released files, as their indexes served them, and the digests of those files.

They are kept beside the checkout, not in it: what they sign names a registry's host.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.proof.attestation.toy_instance import provenance
from trued.core.names import ProjectName
from trued.proof.subject import ProofSubject

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "attestations"
UNKNOWN = {"kind": "not told"}


@dataclass(frozen=True)
class Sample:
    """One pair of a released file (by name and digest) and its provenance."""

    name: str
    subject: ProofSubject
    provenance: bytes

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.provenance)
        return document


def sample(name: str) -> Sample:
    """Return the pair of that name; a single attestation is put into a provenance document."""
    index = _read("index.json")
    found = next(entry for entry in json.loads(index) if entry["file"] == name)
    data = _read(name)
    document = json.loads(data)
    if "attestation_bundles" not in document:
        data = provenance(document, publisher=dict(UNKNOWN))
    subject = ProofSubject(
        project=ProjectName("project"),
        version="1",
        filename=found["distribution"],
        sha256=found["sha256"],
    )
    return Sample(name, subject, data)


def _read(name: str) -> bytes:
    path = FOLDER / name
    if not path.is_file():
        pytest.fail(f"{path} is missing: these tests need the folder `shared` beside the checkout")
    return path.read_bytes()
