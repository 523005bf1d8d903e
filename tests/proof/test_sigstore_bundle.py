"""Sigstore bundles over documents, signed by a toy instance; each rule broken alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.proof.attestation.toy_instance import GITHUB, MINUTE, NOON, ToyInstance, b64, new_key, sign
from tests.requirements.reading import assert_complete
from trued.core.limits import Limits
from trued.core.names import normalize
from trued.proof.checksum_document import ChecksumRule, open_document, prove
from trued.proof.publisher import PublisherRule
from trued.proof.signed import Signed
from trued.proof.sigstore_bundle import SigstoreRule, verify_bundle
from trued.proof.subject import ProofSubject
from trued.proof.trusted_root import TrustedRoot

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LIST = b"a" * 64 + b"  demo-1.0-py3-none-any.whl\n"
WORKFLOW = GITHUB["18"]
ISSUER = GITHUB["8"]
BY_PUBLISHER = SigstoreRule(
    publisher=PublisherRule(
        project="demo", kind="github", repository="example/project", workflow="release.yml"
    )
)
BY_IDENTITY = SigstoreRule(identity=WORKFLOW, issuer=ISSUER)
BY_EMAIL = SigstoreRule(identity="signer@example.org", issuer="https://accounts.example.org")


class DocumentSigner(ToyInstance):
    """The toy instance with the kind of log entry that signatures over whole files have."""

    @staticmethod
    def _body(certificate: x509.Certificate, signed: bytes, signature: bytes) -> bytes:
        public = {"content": b64(certificate.public_bytes(Encoding.PEM))}
        spec = {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(signed).hexdigest()}},
            "signature": {"content": b64(signature), "publicKey": public},
        }
        return json.dumps(
            {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}, separators=(",", ":")
        ).encode()

    def bundle(
        self,
        data: bytes = LIST,
        *,
        claims: dict[str, str] = GITHUB,
        email: str = "",
        logged: dt.datetime = NOON + MINUTE,
    ) -> dict[str, Any]:
        key = new_key()
        certificate = self._leaf(key, claims, email, NOON)
        signature = sign(key, data)
        entry = self._entry(certificate, data, signature, logged)
        entry["kindVersion"] = {"kind": "hashedrekord", "version": "0.0.1"}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [entry],
            },
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(data).digest())},
                "signature": b64(signature),
            },
        }


@pytest.fixture(scope="module")
def signer() -> DocumentSigner:
    return DocumentSigner()


@pytest.fixture(scope="module")
def root(signer: DocumentSigner, tmp_path_factory: pytest.TempPathFactory) -> TrustedRoot:
    folder: Path = tmp_path_factory.mktemp("root")
    return signer.trusted_root(folder)


def judged(
    bundle: dict[str, Any] | bytes,
    root: TrustedRoot | None,
    rule: SigstoreRule = BY_PUBLISHER,
    *,
    data: bytes = LIST,
    now: dt.datetime = NOW,
) -> Signed:
    encoded = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    signed = verify_bundle(data, encoded, rule, subject="SHA256SUMS", roots=root, now=now)
    for finding in signed.findings:
        assert_complete(finding)
    return signed


def is_refused(signed: Signed, code: str) -> bool:
    return signed.content == b"" and [finding.code for finding in signed.findings] == [code]


def test_a_publishers_pipeline_signs_a_document(signer: DocumentSigner, root: TrustedRoot) -> None:
    signed = judged(signer.bundle(), root)

    assert signed.content == LIST
    assert signed.findings == ()
    [who] = signed.signers
    assert who.identity == "github repository=example/project workflow=release.yml"
    assert who.made == "2026-03-01T12:01:00Z"


def test_an_identity_with_its_issuer_signs_a_document(signer: DocumentSigner, root: TrustedRoot) -> None:
    claims = {"8": "https://accounts.example.org"}
    bundle = signer.bundle(claims=claims, email="signer@example.org")

    assert judged(signer.bundle(), root, BY_IDENTITY).signers[0].identity == f"{WORKFLOW} ({ISSUER})"
    assert judged(bundle, root, BY_EMAIL).signers


def test_the_issuer_may_stand_in_the_older_extension(signer: DocumentSigner, root: TrustedRoot) -> None:
    bundle = signer.bundle(claims={"1": "https://accounts.example.org"}, email="signer@example.org")

    assert judged(bundle, root, BY_EMAIL).signers


def test_a_list_in_a_bundle_proves_its_files(signer: DocumentSigner, root: TrustedRoot) -> None:
    rule = ChecksumRule(project="demo", document="SHA256SUMS", signer=BY_PUBLISHER)
    document = open_document(
        rule,
        name="SHA256SUMS",
        data=LIST,
        signature=json.dumps(signer.bundle()).encode(),
        now=NOW,
        limits=Limits(),
        roots=root,
    )
    subject = ProofSubject(
        project=normalize("demo"), version="1.0", filename="demo-1.0-py3-none-any.whl", sha256="a" * 64
    )

    assert document.edition == "2026-03-01T12:01:00Z"
    assert prove(subject, [document], now=NOW).evidence


def test_a_workflows_identity_may_leave_its_tag_open(signer: DocumentSigner, root: TrustedRoot) -> None:
    workflow = WORKFLOW.partition("@")[0]

    for tag in ("@*", "@refs/tags/*"):
        assert judged(signer.bundle(), root, SigstoreRule(identity=workflow + tag, issuer=ISSUER)).signers


@pytest.mark.parametrize(
    "identity",
    [
        pytest.param(WORKFLOW.partition("@")[0] + "@refs/heads/*", id="a branch, where a tag is meant"),
        pytest.param("https://github.com/example/*", id="no workflow at all"),
        pytest.param("*", id="everybody"),
        pytest.param("https://github.com/*@refs/tags/v1", id="a star in the middle"),
    ],
)
def test_nothing_but_the_tag_may_be_left_open(
    signer: DocumentSigner, root: TrustedRoot, identity: str
) -> None:
    rule = SigstoreRule(identity=identity, issuer=ISSUER)

    assert is_refused(judged(signer.bundle(), root, rule), "TRU767")


def test_an_address_has_no_star(signer: DocumentSigner, root: TrustedRoot) -> None:
    bundle = signer.bundle(claims={"8": "https://accounts.example.org"}, email="signer@example.org")
    rule = SigstoreRule(identity="signer@*", issuer="https://accounts.example.org")

    assert is_refused(judged(bundle, root, rule), "TRU767")


# Bundles that do not count


def test_bundle_of_another_document(signer: DocumentSigner, root: TrustedRoot) -> None:
    assert is_refused(judged(signer.bundle(b"another list"), root), "TRU768")


def test_same_identity_name_by_another_issuer(signer: DocumentSigner, root: TrustedRoot) -> None:
    claims = {"8": "https://accounts.evil.example.org"}
    bundle = signer.bundle(claims=claims, email="signer@example.org")

    assert is_refused(judged(bundle, root, BY_EMAIL), "TRU767")


def test_pipeline_of_another_repository(signer: DocumentSigner, root: TrustedRoot) -> None:
    other = {name: value.replace("example/project", "evil/project") for name, value in GITHUB.items()}

    assert is_refused(judged(signer.bundle(claims=other), root), "TRU767")


def test_bundle_of_another_instance_such_as_staging(root: TrustedRoot) -> None:
    assert is_refused(judged(DocumentSigner().bundle(), root), "TRU768")


def test_log_that_the_root_no_longer_names_at_that_time(signer: DocumentSigner, tmp_path: Path) -> None:
    description = signer.description()
    for log in description["tlogs"]:
        log["publicKey"]["validFor"]["end"] = "2026-02-01T00:00:00Z"
    data = json.dumps(description).encode()
    (tmp_path / "root.json").write_bytes(data)
    ended = TrustedRoot(tmp_path / "root.json", sha256=hashlib.sha256(data).hexdigest())

    assert is_refused(judged(signer.bundle(), ended), "TRU768")


def test_entry_that_was_logged_after_the_certificate_had_expired(
    signer: DocumentSigner, root: TrustedRoot
) -> None:
    assert is_refused(judged(signer.bundle(logged=NOON + 60 * MINUTE), root), "TRU768")


def test_entry_of_the_future(signer: DocumentSigner, root: TrustedRoot) -> None:
    assert is_refused(judged(signer.bundle(), root, now=NOON - 90 * MINUTE), "TRU764")


def entry(bundle: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda b: b.pop("messageSignature"), "TRU766", id="no signature"),
        pytest.param(lambda b: b["verificationMaterial"].pop("certificate"), "TRU766", id="no certificate"),
        pytest.param(lambda b: b["verificationMaterial"].update(tlogEntries=[]), "TRU766", id="no log entry"),
        pytest.param(
            lambda b: b["verificationMaterial"].update(tlogEntries=[entry(b), entry(b)]), "TRU766",
            id="a second log entry",
        ),
        pytest.param(lambda b: entry(b).pop("inclusionPromise"), "TRU766", id="a time that nobody signed"),
        pytest.param(lambda b: entry(b).pop("inclusionProof"), "TRU766", id="no proof that it is in the log"),
        pytest.param(lambda b: entry(b).update(integratedTime="1772366500"), "TRU768", id="another time"),
        pytest.param(lambda b: entry(b).update(integratedTime="0"), "TRU766", id="no time"),
        pytest.param(lambda b: entry(b).update(integratedTime="9" * 18), "TRU766", id="past all years"),
        pytest.param(
            lambda b: entry(b)["inclusionProof"].update(rootHash=b64(b"0" * 32)), "TRU768", id="another root",
        ),
        pytest.param(
            lambda b: b["messageSignature"].update(signature=b64(b"0" * 70)), "TRU768", id="other bytes",
        ),
        pytest.param(lambda b: b.update(mediaType="text/plain"), "TRU766", id="another type"),
    ],
)  # fmt: skip
def test_bundle_with_one_part_changed(
    signer: DocumentSigner, root: TrustedRoot, change: Callable[[dict[str, Any]], object], code: str
) -> None:
    bundle = signer.bundle()
    change(bundle)

    assert is_refused(judged(bundle, root), code)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"<html>", b"\xff", b'{"mediaType": 1}', b"[" * 5000])
def test_bytes_that_are_no_bundle(root: TrustedRoot, data: bytes) -> None:
    assert is_refused(judged(data, root), "TRU766")


def test_a_rule_without_identity_or_root_verifies_nothing(signer: DocumentSigner, root: TrustedRoot) -> None:
    assert is_refused(judged(signer.bundle(), None), "TRU769")
    assert is_refused(judged(signer.bundle(), root, SigstoreRule(identity=WORKFLOW)), "TRU769")
    assert is_refused(judged(signer.bundle(), root, SigstoreRule()), "TRU769")
