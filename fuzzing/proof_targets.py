"""The targets for proofs and advisories: provenance, signatures, digests, OSV, bills of materials."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from fuzzing.target import Target
from trued.core.errors import TruedError
from trued.core.limits import Limits
from trued.core.names import normalize

__all__ = ["targets"]

DEMO = normalize("demo")
NOW = "2026-01-02T03:04:05Z"
REAL = Path(__file__).parents[2] / "shared" / "data" / "attestations"
"""Real provenance, which names public hosts and therefore stands beside the checkout."""

OSV = (
    b'{"schema_version": "1.6.0", "id": "PYSEC-2024-1", "modified": "2024-01-02T03:04:05Z", "aliases":'
    b' ["CVE-2024-1"], "summary": "s", "severity": [{"type": "CVSS_V3", "score":'
    b' "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": [{"package": {"ecosystem": "PyPI",'
    b' "name": "demo", "purl": "pkg:pypi/demo"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced":'
    b' "0"}, {"fixed": "1.2"}]}], "versions": ["1.0", "1.1"]}], "references": [{"type": "WEB", "url":'
    b' "https://example.org"}], "withdrawn": "2024-02-03T00:00:00Z"}'
)
BATCH = b'{"results": [{"vulns": [{"id": "PYSEC-2024-1", "modified": "2024"}], "next_page_token": "t"}]}'
INDEX_JSON = (
    b'{"info": {"name": "demo", "version": "1.0"}, "vulnerabilities": [{"id": "PYSEC-2024-1", "aliases":'
    b' ["CVE-2024-1"], "fixed_in": ["1.2"], "details": "d", "summary": null, "withdrawn": null, "link": ""}]}'
)
PROVENANCE = json.dumps(
    {
        "version": 1,
        "attestation_bundles": [
            {
                "publisher": {
                    "kind": "GitHub",
                    "repository": "a/b",
                    "workflow": "c.yml",
                    "environment": None,
                },
                "attestations": [
                    {
                        "version": 1,
                        "verification_material": {
                            "certificate": "AAAA",
                            "transparency_entries": [{"logIndex": "1", "canonicalizedBody": "AAAA"}],
                        },
                        "envelope": {"statement": "e30=", "signature": "AAAA"},
                    }
                ],
            }
        ],
    }
).encode()
CHECKSUMS = (
    b"ab" * 32 + b"  demo-1.0-py3-none-any.whl\n" + b"cd" * 32 + b" *other-2.0.tar.gz\n"
    b"SHA512 (demo-1.0.tar.gz) = " + b"ef" * 64 + b"\n\\" + b"01" * 32 + b"  with\\nnewline\n# comment\n"
)
ARMORED = (
    b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- text\n-----BEGIN PGP SIGNATURE-----\n\n"
    b"wsBcBAABCgAQBQJlAAAACRAAAAAAAAAAAAAA\n=AAAA\n-----END PGP SIGNATURE-----\n"
)
VEX = (
    b'{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/v", "author": "a",'
    b' "timestamp": "2024-01-02T03:04:05Z", "version": 1, "statements": [{"vulnerability": {"name":'
    b' "CVE-2024-1"}, "products": [{"@id": "pkg:pypi/demo@1.0"}], "status": "not_affected", "justification":'
    b' "vulnerable_code_not_present"}]}'
)
CYCLONEDX = (
    b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "bom-ref": "a",'
    b' "name": "demo", "version": "1.0", "purl": "pkg:pypi/demo@1.0", "hashes": [{"alg": "SHA-256",'
    b' "content": "'
    + b"ab" * 32
    + b'"}], "components": []}], "dependencies": [{"ref": "a", "dependsOn": []}]}'
)
SPDX = (
    b'{"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "SPDXRef-a", "name": "demo", "versionInfo": "1.0",'
    b' "checksums": [{"algorithm": "SHA256", "checksumValue": "' + b"ab" * 32 + b'"}], "externalRefs":'
    b' [{"referenceType": "purl", "referenceLocator": "pkg:pypi/demo@1.0"}]}], "relationships": []}'
)


def provenance(data: bytes) -> None:
    """Verify provenance of a file: none of what the fuzzer makes may be evidence."""
    from trued.proof.attestation import verify_provenance
    from trued.proof.publisher import Publisher
    from trued.proof.subject import ProofSubject
    from trued.proof.trusted_root import shipped_root

    subject = ProofSubject(
        project=DEMO,
        version="1.0",
        filename="demo-1.0-py3-none-any.whl",
        sha256="ab" * 32,
        digests={"sha256": "ab" * 32},
    )
    known = Publisher(kind="github", repository="a/b", workflow="c.yml")
    result = verify_provenance(
        subject, data, rules=(), known=(known,), roots=shipped_root(), remembered=None, now=NOW
    )
    if result.proof.evidence:
        raise AssertionError("evidence out of nothing")


def checksums(data: bytes) -> None:
    """Read a list of digests; what is written of a sound one must read the same."""
    from trued.proof.checksum_list import read_checksum_list

    read_checksum_list(data, file="SHA256SUMS", max_bytes=Limits().document_bytes)


def openpgp(data: bytes) -> None:
    """Take the frame of an OpenPGP signature apart."""
    from trued.proof.openpgp_frame import BadFrame, signature_packets, split_clear_signed

    for read in (signature_packets, split_clear_signed):
        try:
            read(data)
        except BadFrame:
            continue


def minisign(data: bytes) -> None:
    """Verify a minisign signature with a key that did not make it."""
    from trued.proof.minisign import MinisignRule, verify_minisign

    rule = MinisignRule(keys=(b"RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",))
    if verify_minisign(b"x", data, rule, subject="x", now=datetime(2026, 1, 1, tzinfo=UTC)).signers:
        raise AssertionError("a signature out of nothing")


def osv_record(data: bytes) -> None:
    """Read an advisory, and tell whether it affects a release."""
    from trued.advisories.document import parse_indexed, parse_record
    from trued.advisories.matching import fixes, judge
    from trued.advisories.record import InvalidRecord

    for read in (parse_record, parse_indexed):
        try:
            read(data)
        except InvalidRecord:
            continue
    try:
        record = parse_record(data)
    except InvalidRecord:
        return
    for version in ("1.0", "1.1rc1+local"):
        judge(record, DEMO, version)
        fixes(record, DEMO, version)


def services(data: bytes) -> None:
    """Read the answers of the services that tell of advisories."""
    from trued.advisories.osv import OsvAudit
    from trued.advisories.pypi import read_index_answer
    from trued.advisories.subject import AuditSubject

    subject = AuditSubject(project=DEMO, version="1.0")
    asked = OsvAudit((subject,), url="https://example.org")
    for _ in range(3):
        for request in asked.requests():
            try:
                asked.take(request, status=200, body=data)
            except TruedError:
                break
    try:
        read_index_answer(subject, url="https://example.org", status=200, body=data)
    except TruedError:
        return


def documents(data: bytes) -> None:
    """Read documents about components and about what affects them."""
    from trued.advisories.vex_documents import read_vex
    from trued.operations.audit.documents import read_document

    for read in (read_vex, read_document):
        try:
            read(data, file="document.json")
        except TruedError:
            continue


def known_files(data: bytes) -> None:
    """Read an export of the known files."""
    from trued.proof.known.exchange import read_exchange

    try:
        read_exchange(data, file="known.jsonl")
    except TruedError:
        return


def targets() -> tuple[Target, ...]:
    """Return the targets of this module."""
    real = tuple(path.read_bytes() for path in sorted(REAL.glob("*.provenance")))
    return (
        Target(name="provenance", run=provenance, seeds=(PROVENANCE, *real), most_bytes=20_000),
        Target(name="checksums", run=checksums, seeds=(CHECKSUMS,)),
        Target(name="openpgp", run=openpgp, seeds=(ARMORED, bytes.fromhex("c20704000108000000"))),
        Target(
            name="minisign",
            run=minisign,
            seeds=(b"untrusted comment: a\n" + b"A" * 100 + b"\ntrusted comment: b\n" + b"A" * 88 + b"\n",),
        ),
        Target(name="osv-record", run=osv_record, seeds=(OSV,)),
        Target(name="advisory-services", run=services, seeds=(BATCH, OSV, INDEX_JSON)),
        Target(name="documents", run=documents, seeds=(VEX, CYCLONEDX, SPDX)),
        Target(
            name="known-files",
            run=known_files,
            seeds=(b'{"trued": "known-files", "format": 1}\n{"document": {"name": "a", "serial": 1}}\n',),
        ),
    )
