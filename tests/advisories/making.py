"""OSV documents, archives and databases as tests need them."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from trued.advisories.building import import_archive
from trued.advisories.document import record_of
from trued.advisories.matching import Affected, How, Indeterminate, Match, Reason, Verdict, judge
from trued.advisories.record import Record
from trued.advisories.subject import AuditSubject
from trued.core.finding import Finding
from trued.core.names import ProjectName, normalize

AS_OF = "2026-01-01T00:00:00+00:00"
DEMO = ProjectName("demo")


def document(identifier: str = "PYSEC-2026-1", **fields: Any) -> dict[str, Any]:
    return {"id": identifier, "modified": "2026-01-01T00:00:00Z", "affected": [affected()]} | fields


def affected(
    name: str = "demo",
    *,
    versions: tuple[str, ...] = (),
    events: str = "",
    kind: str = "ECOSYSTEM",
    ecosystem: str = "PyPI",
    **fields: Any,
) -> dict[str, Any]:
    """Make an affected entry; events are words such as ``introduced=0 fixed=1.2``, ranges parted by ``|``."""
    entry: dict[str, Any] = {"package": {"ecosystem": ecosystem, "name": name}, **fields}
    if versions:
        entry["versions"] = list(versions)
    if events:
        entry["ranges"] = [{"type": kind, "events": _events(each)} for each in events.split("|")]
    return entry


def _events(text: str) -> list[dict[str, str]]:
    return [{kind: bound} for kind, _, bound in (word.partition("=") for word in text.split())]


def record(*entries: dict[str, Any], **fields: Any) -> Record:
    return record_of(document(**fields) | {"affected": list(entries)})


def verdict(version: str, *entries: dict[str, Any], **fields: Any) -> Verdict:
    return judge(record(*entries, **fields), DEMO, version)


def subject(name: str = "demo", version: str = "1.0", *sha256s: str) -> AuditSubject:
    return AuditSubject(project=normalize(name), version=version, sha256s=sha256s)


def archive(*documents: dict[str, Any]) -> bytes:
    return archive_of({f"{each['id']}.json": json.dumps(each).encode() for each in documents})


def archive_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return made.getvalue()


def database(folder: Path, *documents: dict[str, Any]) -> str:
    path = str(folder / "advisories.sqlite3")
    import_archive(path, archive(*documents), source="an export", as_of=AS_OF)
    return path


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def match(
    identifier: str = "PYSEC-2026-1",
    *,
    of: AuditSubject | None = None,
    undecided: bool = False,
    **fields: Any,
) -> Match:
    """Make a match of a record for a release of the demo project."""
    made = record(affected(versions=("1.0",)), identifier=identifier, **fields)
    judged: Affected | Indeterminate = Indeterminate(Reason.LOCAL) if undecided else Affected(How.LISTED)
    return Match(subject=of or subject(), record=made, verdict=judged, fixed_in=("1.1",))
