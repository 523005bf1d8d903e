"""Reading provenance: exactly what PEP 740 says, and the same bundle that its own library makes of it."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypi_attestations import Attestation as Pep740Attestation
from pypi_attestations import AttestationType

from tests.proof.attestation.samples import sample
from trued.core.limits import Limits
from trued.proof import signed_statement
from trued.proof.provenance import BadProvenance, TooMuch, read_provenance, read_strictly

REAL = "abi3info-2024.10.3-py3-none-any.whl.provenance"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


def read(document: object) -> object:
    return read_provenance(json.dumps(document).encode(), limits=Limits())


@given(value=JSON)
def test_json_is_read_as_any_reader_does(value: object) -> None:
    assert read_strictly(json.dumps(value).encode(), where="document") == json.loads(json.dumps(value))


@given(value=JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    with pytest.raises(BadProvenance):
        read(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"NaN",
        b"Infinity",
        b"1.0",
        b"1e3",
        b"\xff",
        b"\xef\xbb\xbf1",
        b'"\\ud800"',
        b"1 2",
        b"9" * 5000,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_json_that_readers_disagree_about_is_refused(data: bytes) -> None:
    with pytest.raises(BadProvenance):
        read_strictly(data, where="document")


def test_endless_nesting_is_a_limit() -> None:
    with pytest.raises(TooMuch):
        read_strictly(b"[" * 100_000, where="document")


@pytest.mark.parametrize(
    "text", ["", "====", "QUI", "QUJD ", "QR==", "QUJD\r\n", "QUJD-_", "QU=JD", 3, None, ["QUJD"]], ids=repr
)
def test_a_signature_that_is_not_canonical_base64_is_refused(text: object) -> None:
    document: dict[str, Any] = sample(REAL).document
    document["attestation_bundles"][0]["attestations"][0]["envelope"]["signature"] = text

    with pytest.raises(BadProvenance) as caught:
        read(document)

    assert caught.value.where.endswith("envelope.signature")


def test_base64_in_lines_is_read_as_the_first_uploads_wrote_it() -> None:
    document: dict[str, Any] = sample(REAL).document
    envelope = document["attestation_bundles"][0]["attestations"][0]["envelope"]
    raw = base64.b64decode(envelope["statement"])
    envelope["statement"] = base64.encodebytes(raw).decode()

    [attestation] = read_provenance(json.dumps(document).encode(), limits=Limits())

    assert attestation.statement == raw


@pytest.mark.parametrize("name", ["provenance_bundles", "provenance_attestations", "provenance_log_entries"])
def test_each_count_has_a_limit(name: str) -> None:
    none = Limits(**{name: 0})

    with pytest.raises(TooMuch):
        read_provenance(sample(REAL).provenance, limits=none)


@pytest.mark.parametrize(
    "name", [REAL, "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.provenance"]
)
def test_the_bundle_is_the_one_that_the_pep_740_library_makes(name: str) -> None:
    pair = sample(name)
    [attestation] = read_provenance(pair.provenance, limits=Limits())
    raw = pair.document["attestation_bundles"][0]["attestations"][0]

    ours = signed_statement._bundle(attestation, attestation.entries[0])
    theirs = Pep740Attestation.model_validate(raw).to_bundle()

    assert json.loads(ours.to_json()) == json.loads(theirs.to_json())


def test_the_two_predicates_are_those_of_the_pep_740_library() -> None:
    import hashlib

    digest = hashlib.sha256(AttestationType.PYPI_PUBLISH_V1.value.encode()).hexdigest()

    assert digest == signed_statement._PUBLISH_SHA256
    assert AttestationType.SLSA_PROVENANCE_V1.value == signed_statement._SLSA
    assert len(AttestationType) == 2
