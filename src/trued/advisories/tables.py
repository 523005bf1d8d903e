"""The tables of the local database, and the rows of one record."""

from __future__ import annotations

from trued.advisories.evaluation import ready_range, ready_version, ready_versions
from trued.advisories.record import EventKind
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.advisories.document import Indexed
    from trued.advisories.record import AffectedProject

__all__ = ["INDEXES", "TABLES", "Ready", "Rows", "rows_of"]

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record
    (id TEXT PRIMARY KEY, modified TEXT, withdrawn TEXT, malware INTEGER, aliases TEXT, severity TEXT,
     body BLOB NOT NULL);
CREATE TABLE entry
    (project TEXT NOT NULL, record TEXT NOT NULL, versions TEXT NOT NULL, ranges TEXT NOT NULL,
     fixed TEXT NOT NULL);
CREATE TABLE name (name TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE file
    (sha256 TEXT NOT NULL, record TEXT NOT NULL, filename TEXT NOT NULL, project TEXT NOT NULL);
CREATE TABLE unreadable (record TEXT NOT NULL, project TEXT NOT NULL, detail TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX entry_project ON entry (project);
CREATE INDEX name_name ON name (name);
CREATE INDEX file_sha256 ON file (sha256);
CREATE INDEX unreadable_project ON unreadable (project);
"""
"""Made when all rows are in: sorting once is faster than keeping order."""


class Ready(dict[str, str]):
    """Versions by their text, ready to be compared; most releases are named by many records."""

    def __missing__(self, text: str) -> str:
        entry = self[text] = ready_version(text)
        return entry


@dataclass(frozen=True, slots=True)
class Rows:
    """One record as rows. ``entries`` and ``files`` are empty for a record that was taken back.

    ``aliases`` are the names as JSON (empty for none), ``severity`` what :func:`stated_severity` wrote.
    """

    id: str
    modified: str
    withdrawn: str
    is_malware: bool
    aliases: str
    severity: str
    body: bytes
    entries: list[tuple[str, str, str, str, str]]
    names: list[tuple[str, str]]
    files: list[tuple[str, str, str, str]]

    @property
    def head(self) -> tuple[str, str, str, bool, str, str]:
        """What the record's own row holds beside its text."""
        return self.id, self.modified, self.withdrawn, self.is_malware, self.aliases, self.severity


def rows_of(record: Indexed, body: bytes, ready: Ready) -> Rows:
    """Return the rows of *record*, whose text is *body* (a raw deflate stream)."""
    import json

    entries: list[tuple[str, str, str, str, str]] = []
    files: list[tuple[str, str, str, str]] = []
    if not record.withdrawn:
        entries = [(entry.project, record.id, *_texts(entry, ready)) for entry in record.affected]
        files = [(each.sha256, record.id, each.filename, each.project) for each in record.files]
    names = [(name, record.id) for name in dict.fromkeys((record.id, *record.aliases))]
    return Rows(
        record.id,
        record.modified,
        record.withdrawn,
        record.is_malware,
        json.dumps(record.aliases) if record.aliases else "",
        record.severity,
        body,
        entries,
        names,
        files,
    )


def _texts(entry: AffectedProject, ready: Ready) -> tuple[str, str, str]:
    lines = [
        ready_range(each.type, [(e.kind.value, e.version) for e in each.events], entry_of=ready.__getitem__)
        for each in entry.ranges
    ]
    fixed = [event.version for each in entry.ranges for event in each.events if event.kind is EventKind.FIXED]
    return (
        ready_versions([ready[version] for version in entry.versions]),
        "\n".join(lines),
        # What is no version by PEP 440 is never offered as a fix; no other has a line break inside.
        "\n".join([version.strip() for version in fixed if not ready[version].startswith(" ")]),
    )
