"""The local advisory database: one SQLite file, indexed by project, by name and by sha256; only ever read.

:mod:`trued.advisories.building` replaces the file as a whole, so that a reader needs no lock.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from trued.advisories.about import SCHEMA, About
from trued.advisories.document import parse_record
from trued.advisories.evaluation import ComparedVersion
from trued.advisories.matching import Affected, How, Match, NotAffected, fixes, judge_entries
from trued.advisories.quick_look import read_only_address
from trued.advisories.record import InvalidRecord
from trued.advisories.severity import Scores, rate
from trued.advisories.tables import Ready
from trued.core.errors import OperationalError
from trued.core.finding import Finding

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType

    from trued.advisories.matching import Indeterminate
    from trued.advisories.record import Record
    from trued.advisories.severity import Rating
    from trued.advisories.subject import AuditSubject
    from trued.core.names import ProjectName

__all__ = ["AdvisoryDatabase", "AuditAnswer", "Unreadable"]


_MANY_DIGESTS = 1000
_RATED = """
SELECT record.id FROM name JOIN record ON record.id = name.record
WHERE name.name = ? AND record.rated AND record.withdrawn = ''
"""
_ALL_ROWS = {
    "entry": "SELECT project, record, versions, ranges FROM entry",
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
        with _reading(path):
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
        with _reading(self.path):
            for project in ("", *dict.fromkeys(subject.project for subject in asked)):
                unreadable |= dict.fromkeys(self._unreadable(project))
            known = self._known_files(asked)
            entries: dict[ProjectName, list[tuple[str, str, str]]] = {}
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
        with _reading(self.path):
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
        with _reading(self.path):
            row = self._connection.execute("SELECT body FROM record WHERE id = ?", (identifier,)).fetchone()
            if row is None:
                return None
            record = self._records[identifier] = parse_record(_unpack(row[0]))
        return record

    def named(self, names: Iterable[str]) -> tuple[Record, ...]:
        """Return the records that go by one of *names*, as id or alias, withdrawn ones left out."""
        found: dict[str, None] = {}
        with _reading(self.path):
            for name in names:
                rows = self._connection.execute("SELECT record FROM name WHERE name = ?", (name,))
                found |= dict.fromkeys(row[0] for row in rows)
        records = [self.record(identifier) for identifier in found]
        return tuple(each for each in records if each is not None and not each.withdrawn)

    def rating(self, match: Match) -> Rating:
        """Rate the record of *match*, through the records of its aliases where it does not say itself."""
        project = match.subject.project
        own = rate(match.record, project, scores=self._scores)
        if own.origin != "unknown":
            return own
        return rate(match.record, project, aliases=self._rated_aliases(match.record), scores=self._scores)

    def _rated_aliases(self, record: Record) -> tuple[Record, ...]:
        """Return the others that share a name with *record* and say how severe; none is followed further."""
        found: dict[str, None] = {}
        with _reading(self.path):
            for name in (record.id, *record.aliases):
                found |= dict.fromkeys(row[0] for row in self._connection.execute(_RATED, (name,)))
        found.pop(record.id, None)
        records = [self.record(identifier) for identifier in found]
        return tuple(each for each in records if each is not None)

    def modified(self) -> Mapping[str, str]:
        """Return when each record changed last, by id (RFC 3339 UTC without a zone, empty if unknown)."""
        with _reading(self.path):
            return dict(self._connection.execute("SELECT id, modified FROM record"))

    def documents(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield id, JSON text, and the text as a raw deflate stream, of every record, in order of ids."""
        with _reading(self.path):
            for identifier, body in self._connection.execute("SELECT id, body FROM record ORDER BY id"):
                yield identifier, _unpack(body), body

    def unreadable(self) -> tuple[Unreadable, ...]:
        """Return every record that could not be read."""
        with _reading(self.path):
            rows = self._connection.execute("SELECT record, project, detail FROM unreadable").fetchall()
        return tuple(Unreadable(record=row[0], project=row[1], detail=row[2]) for row in rows)

    def faults(self) -> tuple[str, ...]:
        """Return what SQLite itself finds wrong with the file."""
        with _reading(self.path):
            rows = self._connection.execute("PRAGMA integrity_check(10)").fetchall()
        return tuple(row[0] for row in rows if row[0] != "ok")

    def rows(self, table: Literal["entry", "name", "file"]) -> list[tuple[str, ...]]:
        """Return all rows of one table of the index."""
        with _reading(self.path):
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

    def _entries(self, project: ProjectName) -> list[tuple[str, str, str]]:
        query = "SELECT record, versions, ranges FROM entry WHERE project = ?"
        return self._connection.execute(query, (project,)).fetchall()

    def _unreadable(self, project: str) -> Iterator[Unreadable]:
        query = "SELECT record, detail FROM unreadable WHERE project = ?"
        for record, detail in self._connection.execute(query, (project,)):
            yield Unreadable(record=record, project=project, detail=detail)

    def _matches(
        self, subject: AuditSubject, rows: list[tuple[str, str, str]], known: frozenset[str] | None
    ) -> Iterator[Match]:
        by_record: dict[str, list[tuple[str, str]]] = {}
        for identifier, versions, ranges in rows:
            by_record.setdefault(identifier, []).append((versions, ranges))
        digests = self._by_digest(subject, known)
        version = ComparedVersion(subject.version)
        for identifier, texts in by_record.items():
            verdict = judge_entries(texts, version)
            if identifier not in digests and not isinstance(verdict, NotAffected):
                yield self._match(subject, identifier, verdict, texts)
        for identifier, sha256 in digests.items():
            texts = by_record.get(identifier, [])
            yield self._match(subject, identifier, Affected(How.DIGEST), texts, sha256=sha256)

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

    def _match(
        self,
        subject: AuditSubject,
        identifier: str,
        verdict: Affected | Indeterminate,
        entries: list[tuple[str, str]],
        *,
        sha256: str = "",
    ) -> Match:
        record = self.record(identifier)
        if record is None:
            raise _damaged(self.path, f"record {identifier} is missing")
        fixed_in = fixes(
            record, subject.project, subject.version, entries=entries, entry_of=self._ready.__getitem__
        )
        return Match(subject=subject, record=record, verdict=verdict, fixed_in=fixed_in, sha256=sha256)


def _unpack(body: bytes) -> bytes:
    import zlib

    return zlib.decompress(body, -zlib.MAX_WBITS)


def _about(path: str, facts: dict[str, str]) -> About:
    if facts.get("schema") != SCHEMA:
        raise _damaged(path, f"its layout is {facts.get('schema')}, not {SCHEMA}")
    from datetime import datetime

    try:
        if datetime.fromisoformat(facts["as_of"]).tzinfo is None:
            raise _damaged(path, "it does not say in which zone its time is")
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
        raise _damaged(path, "it does not say what it holds") from error


def _damaged(path: str, detail: str) -> OperationalError:
    return OperationalError(Finding(code="TRU801", subject=path, values={"detail": detail}))


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """Turn what SQLite, zlib and the parser say of a damaged file into our error."""
    import sqlite3
    import zlib

    try:
        yield
    except (sqlite3.Error, zlib.error, InvalidRecord) as error:
        raise _damaged(path, str(error)) from error
