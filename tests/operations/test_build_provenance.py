"""Provenance of built wheels: what the statement names, and what signs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner

from tests.build.test_built_wheels import ORIGIN
from trued.core.record import replace
from trued.operations.build_provenance import UnusableKey, provenance_lines, statement_of

KEYS = {
    "ed25519": Ed25519PrivateKey.generate(),
    "ecdsa": generate_ec(SECP256R1()),
    "rsa": generate_rsa(65537, 2048),
}


def pem(key: object, path: Path, *, password: bytes | None = None) -> str:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))  # type: ignore[attr-defined]  # any key
    return str(path)


def test_there_is_a_line_for_each_wheel() -> None:
    other = replace(ORIGIN, filename="other-1.0-py3-none-any.whl")

    lines = provenance_lines([ORIGIN, other], run="run").splitlines()

    assert [json.loads(line)["subject"][0]["name"] for line in lines] == [ORIGIN.filename, other.filename]


def test_build_dependencies_are_named_with_their_digests() -> None:
    told = json.dumps(statement_of(ORIGIN, run="run"))

    assert all(one.sha256 in told and one.filename in told for one in ORIGIN.dependencies)


def test_a_commit_is_named_as_one() -> None:
    source = {"url": "https://git.example.org/demo", "commit": "ab" * 20, "tree": "cd" * 32}
    origin = replace(ORIGIN, request=replace(ORIGIN.request, source=source))

    told = json.dumps(statement_of(origin, run="run"))

    assert f'"gitCommit": "{"ab" * 20}"' in told


@pytest.mark.parametrize(
    ("source", "digest"),
    [
        ({"sha256": "ab" * 32}, {"sha256": "ab" * 32}),
        ({"path": "/work", "content": "cd" * 32, "history": ""}, {"treeSha256": "cd" * 32}),
        (
            {"url": "u", "commit": "ef" * 20, "tree": "cd" * 32},
            {"gitCommit": "ef" * 20, "treeSha256": "cd" * 32},
        ),
    ],
)
def test_a_source_of_any_kind_is_named_by_its_digest(source: dict[str, str], digest: dict[str, str]) -> None:
    origin = replace(ORIGIN, request=replace(ORIGIN.request, source=source))

    line = json.loads(provenance_lines([origin], run="run"))

    first = line["predicate"]["buildDefinition"]["resolvedDependencies"][0]
    assert first["digest"] == digest


def test_what_built_nothing_says_nothing() -> None:
    assert provenance_lines([], run="run") == b""


@pytest.mark.parametrize("kind", KEYS)
def test_a_line_is_signed_by_any_usual_key(kind: str, tmp_path: Path) -> None:
    path = pem(KEYS[kind], tmp_path / "key.pem")

    line = provenance_lines([ORIGIN], run="run", key=path)

    envelope = Envelope.from_dict(json.loads(line))
    assert envelope.verify([CryptoSigner(KEYS[kind]).public_key], 1)  # type: ignore[arg-type]  # of three kinds
    assert json.loads(envelope.payload)["subject"][0]["digest"] == {"sha256": ORIGIN.sha256}


def test_an_encrypted_key_is_told_as_such(tmp_path: Path) -> None:
    path = pem(KEYS["ed25519"], tmp_path / "key.pem", password=b"secret")

    with pytest.raises(UnusableKey, match="encrypted"):
        provenance_lines([ORIGIN], run="run", key=path)


def test_a_key_that_only_agrees_on_secrets_signs_nothing(tmp_path: Path) -> None:
    path = pem(X25519PrivateKey.generate(), tmp_path / "key.pem")

    with pytest.raises(UnusableKey):
        provenance_lines([ORIGIN], run="run", key=path)


def test_text_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")

    with pytest.raises(UnusableKey):
        provenance_lines([ORIGIN], run="run", key=str(tmp_path / "key.pem"))


# A statement is published: nobody needs to know what the folders of this machine are called.
@pytest.mark.parametrize(
    "source",
    [
        {"path": "/home/me/secret-project", "content": "ab" * 32, "history": ""},
        {"url": "file:///home/me/secret-project", "commit": "ab" * 20, "tree": "cd" * 32},
    ],
)
def test_where_a_source_lay_is_not_told(source: dict[str, str]) -> None:
    origin = replace(ORIGIN, request=replace(ORIGIN.request, source=source))

    told = json.dumps(statement_of(origin, run="run"))

    assert "/home/me" not in told
    assert "ab" * 20 in told
