"""The local advisory database: one SQLite file, indexed by project, by name and by sha256; only ever read.

:mod:`trued.advisories.building` replaces the file as a whole, so that a reader needs no lock.
"""

from __future__ import annotations

from trued.advisories.about import SCHEMA, About
from trued.advisories.damage import damaged, reading
from trued.advisories.evaluation import ComparedVersions
from trued.advisories.kept_ratings import KeptRatings
from trued.advisories.kept_record import KeptRecord, unpack
from trued.advisories.matching import (
    Affected,
    How,
    Indeterminate,
    Match,
    NotAffected,
    fixes_above,
    judge_entries,
)
from trued.advisories.quick_look import read_only_address
from trued.advisories.selecting import selected
from trued.advisories.severity import Rating, Severity
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Literal, Self

    from trued.advisories.record import Record
    from trued.advisories.subject import AuditSubject
    from trued.core.names import ProjectName

    _Row = tuple[str, str, str, str]
    _Judgement = tuple[str, Affected | Indeterminate, tuple[str, ...], str]

__all__ = ["AdvisoryDatabase", "AuditAnswer", "Unreadable"]


_MANY_DIGESTS = 1000
_ENTRIES = "SELECT rowid, project, record, versions, ranges, fixed FROM entry WHERE project IN "
_RECORDS = "SELECT id, modified, withdrawn, malware, aliases, severity, body FROM record WHERE id IN "
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
        self._compared = ComparedVersions()
        self._ratings = KeptRatings(connection)

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
        with reading(self.path):
            projects = dict.fromkeys(subject.project for subject in asked)
            unreadable = self._unreadable(("", *projects))
            known = self._known_files(asked)
            entries = self._entries(projects)
            judged = [
                (subject, judgement)
                for subject in asked
                for judgement in self._judged(subject, entries.get(subject.project, ()), known)
            ]
            self._load(judgement[0] for _, judgement in judged)
            matches = [
                Match(
                    subject=subject,
                    record=self._known(identifier),
                    verdict=verdict,
                    fixed_in=fixed_in,
                    sha256=sha256,
                )
                for subject, (identifier, verdict, fixed_in, sha256) in judged
            ]
        return AuditAnswer(matches=tuple(matches), unreadable=unreadable)

    def affecting(self, project: ProjectName, versions: Iterable[str]) -> dict[str, tuple[Record, ...]]:
        """Return the records that affect each of *versions*; what is undecided or unaffected is left out.

        Raises :class:`OperationalError` (TRU801) when the database turns out to be damaged.
        """
        found: dict[str, tuple[Record, ...]] = {}
        with reading(self.path):
            rows = self._entries([project]).get(project, [])
            for version in versions if rows else ():
                compared = self._compared[version]
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
        if identifier not in self._records:
            with reading(self.path):
                self._load([identifier])
        return self._records.get(identifier)

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
        record = match.record
        if record.is_malware:
            return Rating(severity=Severity.CRITICAL, origin="malware", record=record.id)
        with reading(self.path):
            return self._ratings.of(record, match.subject.project)

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

    def _load(self, identifiers: Iterable[str]) -> None:
        """Read the records *identifiers* that are not at hand, as far as there are such."""
        wanted = [each for each in dict.fromkeys(identifiers) if each not in self._records]
        for row in selected(self._connection, _RECORDS, wanted):
            identifier, modified, withdrawn, malware, aliases, said, body = row
            record = self._records[identifier] = KeptRecord(
                identifier,
                modified=modified,
                withdrawn=withdrawn,
                aliases=_names(aliases),
                is_malware=bool(malware),
                body=body,
                path=self.path,
            )
            self._ratings.add(record, said)

    def _entries(self, projects: Iterable[ProjectName]) -> dict[str, list[_Row]]:
        """Return record, versions, ranges and fixed versions of each entry, by project."""
        found: dict[str, list[_Row]] = {}
        for _, project, *row in sorted(selected(self._connection, _ENTRIES, tuple(projects))):
            found.setdefault(project, []).append((row[0], row[1], row[2], row[3]))
        return found

    def _unreadable(self, projects: tuple[str, ...]) -> tuple[Unreadable, ...]:
        """Return what cannot be read of *projects*, in their order; there is seldom anything."""
        rows = self._connection.execute("SELECT project, record, detail FROM unreadable").fetchall()
        order = {project: number for number, project in enumerate(projects)} if rows else {}
        wanted = sorted((row for row in rows if row[0] in order), key=lambda row: order[row[0]])
        found = (Unreadable(record=row[1], project=row[0], detail=row[2]) for row in wanted)
        return tuple(dict.fromkeys(found))

    def _judged(
        self, subject: AuditSubject, rows: Sequence[_Row], known: frozenset[str] | None
    ) -> Iterator[_Judgement]:
        """Yield id, verdict, fixed versions and matching digest of each record that concerns *subject*."""
        digests = self._by_digest(subject, known)
        if not rows and not digests:
            return
        by_record: dict[str, list[tuple[str, str]]] = {}
        fixed: dict[str, list[str]] = {}
        for identifier, versions, ranges, fixed_in in rows:
            by_record.setdefault(identifier, []).append((versions, ranges))
            fixed.setdefault(identifier, []).extend(fixed_in.split("\n") if fixed_in else ())
        version = self._compared[subject.version]

        def fixing(named: Sequence[str], texts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
            return fixes_above(named, version, entries=texts, compared=self._compared)

        for identifier, texts in by_record.items():
            verdict = judge_entries(texts, version)
            if identifier not in digests and not isinstance(verdict, NotAffected):
                yield identifier, verdict, fixing(fixed[identifier], texts), ""
        for identifier, sha256 in digests.items():
            texts = by_record.get(identifier, [])
            yield identifier, Affected(How.DIGEST), fixing(fixed.get(identifier, ()), texts), sha256

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
