"""The local advisory database: one SQLite file, indexed by project, by name and by sha256; only ever read.

:mod:`trued.advisories.building` replaces the file as a whole, so that a reader needs no lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from trued.advisories.about import SCHEMA, About
from trued.advisories.damage import damaged, reading
from trued.advisories.evaluation import ComparedVersion
from trued.advisories.kept_record import KeptRecord, unpack
from trued.advisories.matching import Affected, How, Match, NotAffected, fixes_above, judge_entries
from trued.advisories.quick_look import read_only_address
from trued.advisories.severity import Rating, Scores, Severity, rate_itself, worst
from trued.advisories.stated_severity import severity_record
from trued.advisories.tables import Ready
from trued.core.errors import OperationalError
from trued.core.finding import Finding

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from trued.advisories.record import Record
    from trued.advisories.subject import AuditSubject
    from trued.core.names import ProjectName

__all__ = ["AdvisoryDatabase", "AuditAnswer", "Unreadable"]


_MANY_DIGESTS = 1000
_RATED = """
SELECT record.id, record.severity FROM name JOIN record ON record.id = name.record
WHERE name.name = ? AND record.severity <> '' AND record.withdrawn = ''
"""
_RECORD = "SELECT modified, withdrawn, malware, aliases, severity, body FROM record WHERE id = ?"
_ALL_ROWS = {
    "record": "SELECT id, modified, withdrawn, malware, aliases, severity FROM record",
    "entry": "SELECT project, record, versions, ranges, fixed FROM entry",
    "name": "SELECT name, record FROM name",
    "file": "SELECT sha256, record, filename, project FROM file",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A record that could not be read, and the project it names; that is empty when it names none."""

    record: str
    project: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnswer:
    """What is known about the releases that were asked for.

    ``unreadable`` are the records of their projects, and those of no known project, that cannot be read: with
    one of them a release is not known to be clean.
    """

    matches: tuple[Match, ...]
    unreadable: tuple[Unreadable, ...] = ()


class AdvisoryDatabase:
    """A local database, open for reading. Use it as a context manager, by one thread at a time."""

    def __init__(self, path: str, connection: sqlite3.Connection, about: About) -> None:
        self.path = path
        self.about = about
        self._connection = connection
        self._records: dict[str, Record] = {}
        self._ready = Ready()
        self._scores = Scores()
        self._said: dict[str, str] = {}
        self._severities: dict[str, dict[str, str]] = {}
        self._own_ratings: dict[tuple[str, ProjectName], Rating | None] = {}
        self._ratings: dict[tuple[str, ProjectName], Rating] = {}

    @classmethod
    def open(cls, path: str) -> Self:
        """Open the database at *path*.

        Raises :class:`OperationalError`: there is none (TRU800), it cannot be read or is of another layout
        (TRU801).
        """
        import os
        import sqlite3

        if not os.path.isfile(path):
            raise OperationalError(Finding(code="TRU800", subject=path))
        with reading(path):
            connection = sqlite3.connect(read_only_address(path), uri=True, check_same_thread=False)
            try:
                connection.execute("PRAGMA trusted_schema=OFF")
                connection.execute("PRAGMA cell_size_check=ON")
                facts = dict(connection.execute("SELECT name, value FROM about"))
                about = _about(path, facts)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection, about)

    def audit(self, subjects: Iterable[AuditSubject]) -> AuditAnswer:
        """Look every release up, by version and by the digests of its files. In order of the subjects.

        Raises :class:`OperationalError` (TRU801) when the database turns out to be damaged.
        """
        asked = tuple(subjects)
        found: list[Match] = []
        unreadable: dict[Unreadable, None] = {}
        with reading(self.path):
            for project in ("", *dict.fromkeys(subject.project for subject in asked)):
                unreadable |= dict.fromkeys(self._unreadable(project))
            known = self._known_files(asked)
            entries: dict[ProjectName, list[tuple[str, str, str, str]]] = {}
            for subject in asked:
                rows = entries.get(subject.project)
                if rows is None:
                    rows = entries[subject.project] = self._entries(subject.project)
                found += self._matches(subject, rows, known)
        return AuditAnswer(matches=tuple(found), unreadable=tuple(unreadable))

    def affecting(self, project: ProjectName, versions: Iterable[str]) -> dict[str, tuple[Record, ...]]:
        """Return the records that affect each of *versions*; what is undecided or unaffected is left out.

        Raises :class:`OperationalError` (TRU801) when the database turns out to be damaged.
        """
        found: dict[str, tuple[Record, ...]] = {}
        with reading(self.path):
            rows = self._entries(project)
            for version in versions if rows else ():
                compared = ComparedVersion(version)
                named = {
                    identifier
                    for identifier, *texts in rows
                    if isinstance(judge_entries([(texts[0], texts[1])], compared), Affected)
                }
                records = (self.record(identifier) for identifier in sorted(named))
                if named:
                    found[version] = tuple(each for each in records if each is not None)
        return found

    def record(self, identifier: str) -> Record | None:
        """Return one record, withdrawn ones too, or ``None``. Raises :class:`OperationalError` (TRU801)."""
        known = self._records.get(identifier)
        if known is not None:
            return known
        with reading(self.path):
            row = self._connection.execute(_RECORD, (identifier,)).fetchone()
            if row is None:
                return None
            modified, withdrawn, malware, aliases, self._said[identifier], body = row
            record = self._records[identifier] = KeptRecord(
                identifier,
                modified=modified,
                withdrawn=withdrawn,
                aliases=_names(aliases),
                is_malware=bool(malware),
                body=body,
                path=self.path,
            )
        return record

    def named(self, names: Iterable[str]) -> tuple[Record, ...]:
        """Return the records that go by one of *names*, as id or alias, withdrawn ones left out."""
        found: dict[str, None] = {}
        with reading(self.path):
            for name in names:
                rows = self._connection.execute("SELECT record FROM name WHERE name = ?", (name,))
                found |= dict.fromkeys(row[0] for row in rows)
        records = [self.record(identifier) for identifier in found]
        return tuple(each for each in records if each is not None and not each.withdrawn)

    def rating(self, match: Match) -> Rating:
        """Rate the record of *match*, through the records of its aliases where it does not say itself."""
        record, project = match.record, match.subject.project
        if record.is_malware:
            return Rating(severity=Severity.CRITICAL, origin="malware", record=record.id)
        known = self._ratings.get((record.id, project))
        if known is None:
            known = self._ratings[record.id, project] = self._rated(record, project)
        return known

    def _rated(self, record: Record, project: ProjectName) -> Rating:
        """Rate by the record itself, else by those that share a name with it; none is followed further."""
        found: dict[str, str] = {}
        with reading(self.path):
            own = self._rated_itself(record.id, self._said.get(record.id, ""), project)
            if own is not None:
                return own
            for name in (record.id, *record.aliases):
                found |= self._stated(name)
            found.pop(record.id, None)
            others = [self._rated_itself(identifier, text, project) for identifier, text in found.items()]
        return worst(each for each in others if each is not None)

    def _rated_itself(self, identifier: str, text: str, project: ProjectName) -> Rating | None:
        if not text:
            return None
        key = (identifier, project)
        if key not in self._own_ratings:
            record = severity_record(identifier, text)
            self._own_ratings[key] = rate_itself(record, project, scores=self._scores)
        return self._own_ratings[key]

    def _stated(self, name: str) -> dict[str, str]:
        """Return what the records that go by *name* say of their severity, by their ids."""
        known = self._severities.get(name)
        if known is None:
            known = self._severities[name] = dict(self._connection.execute(_RATED, (name,)))
        return known

    def modified(self) -> Mapping[str, str]:
        """Return when each record changed last, by id (RFC 3339 UTC without a zone, empty if unknown)."""
        with reading(self.path):
            return dict(self._connection.execute("SELECT id, modified FROM record"))

    def documents(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield id, JSON text, and the text as a raw deflate stream, of every record, in order of ids."""
        with reading(self.path):
            for identifier, body in self._connection.execute("SELECT id, body FROM record ORDER BY id"):
                yield identifier, unpack(body), body

    def unreadable(self) -> tuple[Unreadable, ...]:
        """Return every record that could not be read."""
        with reading(self.path):
            rows = self._connection.execute("SELECT record, project, detail FROM unreadable").fetchall()
        return tuple(Unreadable(record=row[0], project=row[1], detail=row[2]) for row in rows)

    def faults(self) -> tuple[str, ...]:
        """Return what SQLite itself finds wrong with the file."""
        with reading(self.path):
            rows = self._connection.execute("PRAGMA integrity_check(10)").fetchall()
        return tuple(row[0] for row in rows if row[0] != "ok")

    def rows(self, table: Literal["record", "entry", "name", "file"]) -> list[tuple[object, ...]]:
        """Return all rows of one table of the index."""
        with reading(self.path):
            return self._connection.execute(_ALL_ROWS[table]).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entries(self, project: ProjectName) -> list[tuple[str, str, str, str]]:
        query = "SELECT record, versions, ranges, fixed FROM entry WHERE project = ?"
        return self._connection.execute(query, (project,)).fetchall()

    def _unreadable(self, project: str) -> Iterator[Unreadable]:
        query = "SELECT record, detail FROM unreadable WHERE project = ?"
        for record, detail in self._connection.execute(query, (project,)):
            yield Unreadable(record=record, project=project, detail=detail)

    def _matches(
        self, subject: AuditSubject, rows: list[tuple[str, str, str, str]], known: frozenset[str] | None
    ) -> Iterator[Match]:
        by_record: dict[str, list[tuple[str, str]]] = {}
        fixed: dict[str, list[str]] = {}
        for identifier, versions, ranges, fixed_in in rows:
            by_record.setdefault(identifier, []).append((versions, ranges))
            fixed.setdefault(identifier, []).extend(fixed_in.split("\n") if fixed_in else ())
        digests = self._by_digest(subject, known)
        version = ComparedVersion(subject.version)
        for identifier, texts in by_record.items():
            verdict = judge_entries(texts, version)
            if identifier not in digests and not isinstance(verdict, NotAffected):
                fixing = self._fixing(fixed[identifier], texts, subject.version)
                yield Match(subject=subject, record=self._known(identifier), verdict=verdict, fixed_in=fixing)
        for identifier, sha256 in digests.items():
            fixing = self._fixing(fixed.get(identifier, ()), by_record.get(identifier, ()), subject.version)
            yield Match(
                subject=subject,
                record=self._known(identifier),
                verdict=Affected(How.DIGEST),
                fixed_in=fixing,
                sha256=sha256,
            )

    def _by_digest(self, subject: AuditSubject, known: frozenset[str] | None) -> dict[str, str]:
        """Return the records that name one of the files by its digest, whatever project they speak of."""
        found: dict[str, str] = {}
        for sha256 in subject.sha256s if self.about.files else ():
            wanted = sha256.lower()
            if known is None or wanted in known:
                rows = self._connection.execute("SELECT record FROM file WHERE sha256 = ?", (wanted,))
                found |= {row[0]: wanted for row in rows}
        return found

    def _known_files(self, subjects: tuple[AuditSubject, ...]) -> frozenset[str] | None:
        """Return every digest at hand when many are asked for (a lock names all files), else ``None``."""
        if sum(len(subject.sha256s) for subject in subjects) < _MANY_DIGESTS:
            return None
        return frozenset(row[0] for row in self._connection.execute("SELECT sha256 FROM file"))

    def _known(self, identifier: str) -> Record:
        record = self.record(identifier)
        if record is None:
            raise damaged(self.path, f"record {identifier} is missing")
        return record

    def _fixing(
        self, fixed: Iterable[str], entries: Iterable[tuple[str, str]], version: str
    ) -> tuple[str, ...]:
        """Return the fixed versions above *version* that the entries do not affect, nearest first."""
        entry_of = self._ready.__getitem__
        nearest = {entry_of(each): each for each in reversed(tuple(fixed))}
        ordered = [nearest[key] for key in sorted(nearest)]
        return fixes_above(ordered, version, entries=entries, entry_of=entry_of)


def _names(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    import json

    return tuple(json.loads(text))


def _about(path: str, facts: dict[str, str]) -> About:
    if facts.get("schema") != SCHEMA:
        raise damaged(path, f"its layout is {facts.get('schema')}, not {SCHEMA}")
    from datetime import datetime

    try:
        if datetime.fromisoformat(facts["as_of"]).tzinfo is None:
            raise damaged(path, "it does not say in which zone its time is")
        return About(
            source=facts["source"],
            digest=facts["digest"],
            content=facts["content"],
            as_of=facts["as_of"],
            newest=facts["newest"],
            records=int(facts["records"]),
            withdrawn=int(facts["withdrawn"]),
            malware=int(facts["malware"]),
            files=int(facts["files"]),
            unreadable=int(facts["unreadable"]),
        )
    except (KeyError, ValueError) as error:
        raise damaged(path, "it does not say what it holds") from error
