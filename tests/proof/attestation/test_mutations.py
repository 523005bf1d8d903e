"""Every field of a provenance document changed: that is refused, or what was verified stays the same."""

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.proof.attestation.conftest import FILENAME, SHA256
from tests.proof.attestation.samples import sample
from tests.proof.attestation.toy_instance import ToyInstance, provenance, statement
from trued.proof.attestation import AttestationResult, verify_provenance
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot, shipped_root

NOW = "2026-11-21T12:00:00Z"
REAL = "sampleproject-4.0.0.tar.gz.provenance"
JsonPath = tuple[str | int, ...]

MEANINGLESS = {
    "environment": "an index may say what it likes of an environment that the certificate does not name",
    "claims": "PEP 740 leaves further claims of a publisher to the index",
    "workflow": "a claim that is left out contradicts nothing; a false one is refused",
}
"""Fields that may be missing, with the reason: none reaches what was verified."""


def paths(value: object, before: JsonPath = ()) -> Iterator[JsonPath]:
    """Yield the path of each value in a JSON document, the document's own first."""
    yield before
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*before, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*before, number))


def at(document: Any, path: JsonPath) -> Any:
    for step in path:
        document = document[step]
    return document


def replaced(document: Any, path: JsonPath, value: object) -> Any:
    """Return a copy of *document* with another value at *path*."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def without(document: Any, path: JsonPath) -> Any:
    changed = copy.deepcopy(document)
    del at(changed, path[:-1])[path[-1]]
    return changed


def variants(value: object) -> Iterator[object]:
    """Yield other values: of another type, empty, and of the same type with one piece changed."""
    yield from (None, [], {}, "", 0, -1, True, [value], {"x": value}, "x" * 50)
    if isinstance(value, str):
        yield value + "A"
        yield value[:-1]
        yield value + " "
        yield value.swapcase()
        for place in {0, len(value) // 2, max(0, len(value) - 6)}:
            if place < len(value):
                yield value[:place] + ("B" if value[place] != "B" else "C") + value[place + 1 :]
        if value.isdecimal():
            yield str(int(value) + 1)
            yield f"0{value}"
    if isinstance(value, list):
        yield value + value
    if isinstance(value, dict):
        yield {**value, "other": 1}


def is_harmless(result: AttestationResult, expected: AttestationResult) -> bool:
    refused = bool(result.proof.findings) and not result.publishers
    return refused or result == expected


def judged(subject: ProofSubject, root: TrustedRoot, document: object) -> AttestationResult:
    data = json.dumps(document).encode()
    return verify_provenance(subject, data, rules=(), known=(), roots=root, remembered=None, now=NOW)


REAL_PATHS = list(paths(sample(REAL).document))


@pytest.mark.parametrize("path", REAL_PATHS, ids=lambda path: ".".join(map(str, path)) or "document")
def test_a_changed_field_is_refused_or_changes_nothing(path: JsonPath) -> None:
    pair, root = sample(REAL), ROOT
    expected = judged(pair.subject, root, pair.document)

    changed = [replaced(pair.document, path, value) for value in variants(at(pair.document, path))]

    assert expected.publishers
    bad = [each for each in changed if not is_harmless(judged(pair.subject, root, each), expected)]
    assert bad == []


@pytest.mark.parametrize("path", REAL_PATHS[1:], ids=lambda path: ".".join(map(str, path)))
def test_a_lost_field_is_refused(path: JsonPath) -> None:
    pair = sample(REAL)

    result = judged(pair.subject, ROOT, without(pair.document, path))

    assert path[-1] in MEANINGLESS or (result.proof.findings and not result.publishers)


CERTIFICATE: JsonPath = (
    "attestation_bundles",
    0,
    "attestations",
    0,
    "verification_material",
    "certificate",
)
ROOT = shipped_root()
"""One for all: building it is what costs."""


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_of_what_is_encoded_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    pair = sample(REAL)
    encoded = [path for path in REAL_PATHS if _is_encoded(at(pair.document, path))]
    path = data.draw(st.sampled_from(encoded))
    raw = bytearray(base64.b64decode(at(pair.document, path)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    expected = judged(pair.subject, ROOT, pair.document)

    changed = replaced(pair.document, path, base64.b64encode(raw).decode())

    assert is_harmless(judged(pair.subject, ROOT, changed), expected)


@given(place=st.integers(0, 1_700), bits=st.integers(1, 255))
@settings(max_examples=200, deadline=None)
@example(place=12, bits=1)
def test_a_changed_byte_of_the_certificate_is_refused(place: int, bits: int) -> None:
    pair = sample(REAL)
    raw = bytearray(base64.b64decode(at(pair.document, CERTIFICATE)))
    raw[place % len(raw)] ^= bits

    result = judged(pair.subject, ROOT, replaced(pair.document, CERTIFICATE, base64.b64encode(raw).decode()))

    assert result.publishers == ()
    assert result.proof.findings


@pytest.mark.parametrize("place", range(24))
def test_a_certificate_whose_head_is_changed_is_refused(place: int) -> None:
    pair = sample(REAL)
    raw = bytearray(base64.b64decode(at(pair.document, CERTIFICATE)))
    raw[place] ^= 1

    result = judged(pair.subject, ROOT, replaced(pair.document, CERTIFICATE, base64.b64encode(raw).decode()))

    assert result.proof.findings


@given(cut=st.integers(0, 9_900))
@settings(max_examples=50, deadline=None)
def test_a_document_that_ends_early_is_refused(cut: int) -> None:
    pair = sample(REAL)
    short = pair.provenance[:cut]

    result = verify_provenance(pair.subject, short, rules=(), known=(), roots=ROOT, remembered=None, now=NOW)

    assert result.publishers == ()
    assert result.proof.findings


@given(junk=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_answered_with_findings(junk: bytes) -> None:
    pair = sample(REAL)

    result = verify_provenance(pair.subject, junk, rules=(), known=(), roots=ROOT, remembered=None, now=NOW)

    assert result.publishers == ()
    assert [finding.code for finding in result.proof.findings] == ["TRU701"]


def test_a_part_of_one_attestation_in_another(
    toy: ToyInstance, toy_root: TrustedRoot, subject: ProofSubject
) -> None:
    first = toy.attest(statement(FILENAME, SHA256))
    second = toy.attest(statement(FILENAME, SHA256))
    swapped = [
        {**first, "envelope": second["envelope"]},
        {**first, "verification_material": second["verification_material"]},
        replaced(
            first, ("verification_material", "certificate"), second["verification_material"]["certificate"]
        ),
        replaced(first, ("envelope", "signature"), second["envelope"]["signature"]),
    ]

    results = [judged(subject, toy_root, json.loads(provenance(each))) for each in swapped]

    assert [result.publishers for result in results] == [()] * 4
    assert all(result.proof.findings for result in results)


def _is_encoded(value: object) -> bool:
    if not isinstance(value, str) or len(value) < 40:
        return False
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except ValueError:
        return False
