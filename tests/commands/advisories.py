"""Advisories for tests of whole runs: a local database of them, and a server that plays the OSV service."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.advisories.making import affected, document
from tests.commands.conftest import Machine, Ran
from tests.index.server import Asked, Reply, Server
from trued.advisories.document import record_of
from trued.advisories.matching import Affected, judge
from trued.core.names import normalize

NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
"""When records were changed of which nothing else is said: a local export is as old as the newest of them."""

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"


def flaw(
    identifier: str = "PYSEC-2026-1",
    name: str = "demo",
    *,
    events: str = "introduced=0 fixed=1.2",
    vector: str = HIGH,
    **fields: Any,
) -> dict[str, Any]:
    """An advisory about the releases of *name* within *events*."""
    rated = {"severity": [{"type": "CVSS_V3", "score": vector}]} if vector else {}
    about = {"summary": f"A flaw of {name}", "affected": [affected(name, events=events)]}
    return document(identifier, **({"modified": NOW} | about | rated | fields))


def malware(name: str, *versions: str, sha256: str = "", identifier: str = "MAL-2026-1") -> dict[str, Any]:
    """A record of the malicious-packages collection, with the digest of a file when it has one."""
    hashes = [{"filename": f"{name}.whl", "hashes": {"sha256": sha256}}] if sha256 else []
    specific: dict[str, Any] = (
        {"database_specific": {"indicators": {"package_integrity": hashes}}} if hashes else {}
    )
    return document(
        identifier,
        modified=NOW,
        summary=f"Malicious code in {name}",
        affected=[affected(name, versions=versions, **specific)],
    )


def archive_of(*documents: dict[str, Any]) -> bytes:
    """The bulk export of *documents*."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for one in documents:
            file.writestr(f"{one['id']}.json", json.dumps(one))
    return data.getvalue()


def with_archive(machine: Machine, *documents: dict[str, Any]) -> Path:
    """Write *documents* into the export ``all.zip`` of *machine*."""
    path = machine.work / "all.zip"
    path.write_bytes(archive_of(*documents))
    return path


def with_database(machine: Machine, *documents: dict[str, Any]) -> Ran:
    """Make *documents* the local database of *machine*."""
    with_archive(machine, *documents)
    done = machine.trued("audit", "db", "update", "all.zip")
    assert done.status == 0, done.err
    return done


class OsvService:
    """Plays the OSV service: batches with pages of *page* ids, and records. *bend* changes an answer."""

    def __init__(self, server: Server, *documents: dict[str, Any], page: int = 100) -> None:
        self._server = server
        self._records = {one["id"]: one for one in documents}
        self._page = page
        self.bend: Callable[[str, Reply], Reply] = lambda _path, reply: reply
        server.routes["/osv/v1/querybatch"] = self._batch
        for one in documents:
            server.routes[f"/osv/v1/vulns/{one['id']}"] = self._record

    @property
    def url(self) -> str:
        return self._server.url("/osv")

    @property
    def names_sent(self) -> set[str]:
        """The names of all projects that were ever asked about."""
        bodies = [json.loads(asked.body) for asked in self._server.asked if asked.body]
        return {query["package"]["name"] for body in bodies for query in body["queries"]}

    def _batch(self, asked: Asked) -> Reply:
        queries = json.loads(asked.body)["queries"]
        body = json.dumps({"results": [self._result(query) for query in queries]}).encode()
        return self.bend(asked.path, Reply(body=body))

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        named = sorted(self._named(query["package"]["name"], query.get("version")))
        start = int(query.get("page_token", "0"))
        result: dict[str, Any] = {"vulns": [{"id": one} for one in named[start : start + self._page]]}
        if start + self._page < len(named):
            result["next_page_token"] = str(start + self._page)
        return result if result["vulns"] else {}

    def _named(self, name: str, version: str | None) -> Iterable[str]:
        for identifier, one in self._records.items():
            if not any(entry["package"]["name"] == name for entry in one["affected"]):
                continue
            if version is None or isinstance(judge(record_of(one), normalize(name), version), Affected):
                yield identifier

    def _record(self, asked: Asked) -> Reply:
        body = json.dumps(self._records[asked.path.rpartition("/")[2]]).encode()
        return self.bend(asked.path, Reply(body=body))
