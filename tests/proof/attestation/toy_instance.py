"""A Sigstore instance in a few keys: an authority, a certificate log, a transparency log, a trusted root.

It signs whatever it is told to, so that each rule can be broken alone while every signature is good. The
formats are Fulcio's certificates, RFC 6962 (timestamps of certificates, inclusion proofs) and Rekor's first.
"""

import base64
import datetime as dt
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pypi_attestations import AttestationType

from trued.proof.trusted_root import TrustedRoot

PUBLISH = AttestationType.PYPI_PUBLISH_V1.value
SLSA = AttestationType.SLSA_PROVENANCE_V1.value
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
PAYLOAD = "application/vnd.in-toto+json"
FULCIO = "1.3.6.1.4.1.57264.1."
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")

GITHUB = {
    "1": "https://token.actions.githubusercontent.com",
    "8": "https://token.actions.githubusercontent.com",
    "12": "https://github.com/example/project",
    "13": "0f40f4f357b9141ec3472771d4cb904e229b0de2",
    "14": "refs/tags/v1",
    "18": "https://github.com/example/project/.github/workflows/release.yml@refs/tags/v1",
}
GITLAB = {
    "8": "https://gitlab.com",
    "12": "https://gitlab.com/group/sub/project",
    "13": "0f40f4f357b9141ec3472771d4cb904e229b0de2",
    "14": "refs/heads/main",
    "18": "https://gitlab.com/group/sub/project//.gitlab-ci.yml@refs/heads/main",
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def utf8_string(text: str) -> bytes:
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 128 else bytes([0x81, len(data)])
    return b"\x0c" + length + data


def statement(filename: str, sha256: str, **changes: object) -> bytes:
    """Return an in-toto statement of one file; *changes* replace its fields."""
    fields: dict[str, object] = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": filename, "digest": {"sha256": sha256}}],
        "predicateType": PUBLISH,
        "predicate": None,
    }
    return json.dumps({**fields, **changes}).encode()


class ToyInstance:
    """One instance. Its keys count from 2020 on, or in the period that is given."""

    def __init__(self, *, start: str = "2020-01-01T00:00:00Z", end: str = "") -> None:
        self._authority, self._certificates, self._log = new_key(), new_key(), new_key()
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "toy authority")])
        self._root = self._root_certificate()
        self._period = {"start": start, **({"end": end} if end else {})}

    def trusted_root(self, folder: Path) -> TrustedRoot:
        """Write the trusted root into *folder* and return it, pinned."""
        data = json.dumps(self.description()).encode()
        path = folder / "trusted_root.json"
        path.write_bytes(data)
        return TrustedRoot(path, sha256=hashlib.sha256(data).hexdigest())

    def description(self) -> dict[str, Any]:
        authority = {
            "subject": {"organization": "example.org", "commonName": "toy"},
            "uri": "https://fulcio.example.org",
            "certChain": {"certificates": [{"rawBytes": b64(self._root.public_bytes(Encoding.DER))}]},
            "validFor": self._period,
        }
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self._described(self._log, "https://rekor.example.org")],
            "certificateAuthorities": [authority],
            "ctlogs": [self._described(self._certificates, "https://ctfe.example.org")],
            "timestampAuthorities": [],
        }

    def attest(
        self,
        signed: bytes,
        *,
        claims: dict[str, str] = GITHUB,
        email: str = "",
        issued: dt.datetime = NOON,
        logged: dt.datetime = NOON + MINUTE,
        payload_type: str = PAYLOAD,
    ) -> dict[str, Any]:
        """Return an attestation over the statement *signed* by a key with a new certificate."""
        key = new_key()
        certificate = self._leaf(key, claims, email, issued)
        pae = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(signed), signed)
        signature = sign(key, pae)
        return {
            "version": 1,
            "verification_material": {
                "certificate": b64(certificate.public_bytes(Encoding.DER)),
                "transparency_entries": [self._entry(certificate, signed, signature, logged)],
            },
            "envelope": {"statement": b64(signed), "signature": b64(signature)},
        }

    def _root_certificate(self) -> x509.Certificate:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        public = self._authority.public_key()
        builder = x509.CertificateBuilder(self._name, self._name, public, x509.random_serial_number())
        builder = builder.not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        builder = builder.not_valid_after(dt.datetime(2040, 1, 1, tzinfo=dt.UTC))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        return builder.sign(self._authority, hashes.SHA256())

    def _leaf(
        self, key: ec.EllipticCurvePrivateKey, claims: dict[str, str], email: str, issued: dt.datetime
    ) -> x509.Certificate:
        """Return a certificate as Fulcio makes them: signed for the certificate log, then with its stamp."""
        builder = self._unsigned(key, claims, email, issued)
        before = builder.sign(self._authority, hashes.SHA256())
        stamp = self._stamp(before.tbs_certificate_bytes, issued)
        stamped = builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, stamp), critical=False)
        return stamped.sign(self._authority, hashes.SHA256())

    def _unsigned(
        self, key: ec.EllipticCurvePrivateKey, claims: dict[str, str], email: str, issued: dt.datetime
    ) -> x509.CertificateBuilder:
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        name: x509.GeneralName = x509.UniformResourceIdentifier(claims.get("18", "https://example.org"))
        if email:
            name = x509.RFC822Name(email)
        own, authority = key.public_key(), self._authority.public_key()
        builder = x509.CertificateBuilder(self._name, x509.Name([]), own, x509.random_serial_number())
        builder = builder.not_valid_before(issued).not_valid_after(issued + 10 * MINUTE)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
        )
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False
        )
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=True)
        for number, value in claims.items():
            raw = value.encode() if int(number) < 8 else utf8_string(value)
            oid = x509.ObjectIdentifier(FULCIO + number)
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, raw), critical=False)
        return builder

    def _stamp(self, certificate: bytes, issued: dt.datetime) -> bytes:
        """Return the extension with one timestamp of the certificate log (RFC 6962, section 3.3)."""
        time = int(issued.timestamp() * 1000)
        issuer = hashlib.sha256(spki(self._authority)).digest()
        entry = issuer + len(certificate).to_bytes(3, "big") + certificate
        signature = sign(self._certificates, struct.pack("!BBQH", 0, 0, time, 1) + entry + b"\0\0")
        log = hashlib.sha256(spki(self._certificates)).digest()
        stamp = struct.pack("!B32sQHBBH", 0, log, time, 0, 4, 3, len(signature)) + signature
        stamps = struct.pack("!HH", len(stamp) + 2, len(stamp)) + stamp
        return b"\x04" + (bytes([len(stamps)]) if len(stamps) < 128 else bytes([0x81, len(stamps)])) + stamps

    def _entry(
        self, certificate: x509.Certificate, signed: bytes, signature: bytes, logged: dt.datetime
    ) -> dict[str, Any]:
        """Return the log's entry: body, proof that a log of two entries holds it, and the signed time."""
        body = self._body(certificate, signed, signature)
        key = hashlib.sha256(spki(self._log)).digest()
        other = hashlib.sha256(b"\0 another entry").digest()
        root = hashlib.sha256(b"\1" + other + hashlib.sha256(b"\0" + body).digest()).digest()
        note = f"rekor.example.org - 1\n2\n{b64(root)}\n"
        stamp = b64(key[:4] + sign(self._log, note.encode()))
        time = int(logged.timestamp())
        promised = {"body": b64(body), "integratedTime": time, "logID": key.hex(), "logIndex": 7}
        promise = sign(self._log, json.dumps(promised, separators=(",", ":"), sort_keys=True).encode())
        return {
            "logIndex": "7",
            "logId": {"keyId": b64(key)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(time),
            "inclusionPromise": {"signedEntryTimestamp": b64(promise)},
            "inclusionProof": {
                "logIndex": "1",
                "treeSize": "2",
                "rootHash": b64(root),
                "hashes": [b64(other)],
                "checkpoint": {"envelope": f"{note}\n\u2014 rekor.example.org {stamp}\n"},
            },
            "canonicalizedBody": b64(body),
        }

    @staticmethod
    def _body(certificate: x509.Certificate, signed: bytes, signature: bytes) -> bytes:
        signatures = [{"signature": b64(signature), "verifier": b64(certificate.public_bytes(Encoding.PEM))}]
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(b"envelope").hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(signed).hexdigest()},
            "signatures": signatures,
        }
        return json.dumps(
            {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}, separators=(",", ":")
        ).encode()

    def _described(self, key: ec.EllipticCurvePrivateKey, url: str) -> dict[str, Any]:
        public = {
            "rawBytes": b64(spki(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": self._period,
        }
        return {
            "baseUrl": url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": public,
            "logId": {"keyId": b64(hashlib.sha256(spki(key)).digest())},
        }


def provenance(*attestations: dict[str, Any], publisher: dict[str, object] | None = None) -> bytes:
    """Return a provenance document with one bundle; the index says of the publisher what is given."""
    claimed = publisher or {"kind": "GitHub", "repository": "example/project", "workflow": "release.yml"}
    bundle = {"publisher": claimed, "attestations": list(attestations)}
    return json.dumps({"version": 1, "attestation_bundles": [bundle]}).encode()
