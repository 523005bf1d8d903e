"""A bulk export of the size and mix of the real one, grown from the real but small database of the fixture.

Of ten records three are the fixture's own kind (a list of versions and ranges), two are such as GitHub's (a
severity, a summary, both list and ranges), five are of malware (few versions, half of them with digests).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["grown_bulk"]

_LEVELS = ("LOW", "MODERATE", "HIGH", "CRITICAL")


def grown_bulk(fixture: bytes) -> bytes:
    """Return an ``all.zip`` with ten records for each one of *fixture*."""
    grown = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(fixture)) as given,
        zipfile.ZipFile(grown, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for number, name in enumerate(given.namelist()):
            for record in _ten_of(json.loads(given.read(name)), number):
                made.writestr(f"{record['id']}.json", json.dumps(record, separators=(",", ":")))
    return grown.getvalue()


def _ten_of(record: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    yield record
    for copy in (1, 2):
        yield record | {"id": f"PYSEC-3{copy:03}-{number}"}
    for copy in (1, 2):
        yield _as_of_github(record, f"GHSA-{copy}-{number}", _LEVELS[number % 4])
    for copy in range(5):
        yield _malware(f"MAL-2026-{number * 5 + copy}")


def _as_of_github(record: dict[str, Any], identifier: str, level: str) -> dict[str, Any]:
    return record | {
        "schema_version": "1.7.3",
        "id": identifier,
        "aliases": [*record.get("aliases", []), record["id"]],
        "summary": record["details"][:100],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "database_specific": {"severity": level, "cwe_ids": ["CWE-79"], "github_reviewed": True},
    }


def _malware(identifier: str) -> dict[str, Any]:
    name = identifier.lower().replace("mal-", "project-")
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    listed = [{"filename": f"{name}-1.0.tar.gz", "hashes": {"sha256": digest}}]
    specific = {"indicators": {"package_integrity": listed}} if int(identifier[-1]) % 2 else {}
    return {
        "schema_version": "1.7.4",
        "id": identifier,
        "modified": "2026-10-01T00:00:00Z",
        "published": "2026-10-01T00:00:00Z",
        "summary": f"Malicious code in {name} (PyPI)",
        "details": "The package sends files of its user to a remote host when it is imported. " * 8,
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": name, "purl": f"pkg:pypi/{name}"},
                "versions": ["1.0", "1.1"],
                "database_specific": specific,
            }
        ],
        "references": [{"type": "WEB", "url": f"https://example.org/{identifier}"}],
        "database_specific": {"malicious-packages-origins": [{"source": "example", "sha256": digest}]},
    }
