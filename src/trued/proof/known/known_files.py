"""The known files of a user: asked while a run judges, told once at its end, in one transaction."""

from __future__ import annotations

from datetime import timedelta

from trued.core.errors import Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field
from trued.proof.known import rows
from trued.proof.known.database import Database
from trued.proof.known.judgement import History, judge, publishers_of
from trued.proof.known.model import KnownDocument, KnownFile, ListedFile, Run
from trued.proof.known.verified import Verified

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from typing import Self

    from trued.core.names import ProjectName
    from trued.proof.publisher import Publisher
    from trued.proof.subject import Proof, ProofSubject

__all__ = ["LATE_AFTER", "KnownFiles", "Learned"]

LATE_AFTER = timedelta(days=14)
"""How long files may be added to a release, unless the user says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A file to be known from now on.

    ``accepted`` says what stood for it. ``listed`` maps the names of the release's files, as the index lists
    them now, to the sha256 it claims, empty where it claims none.
    """

    subject: ProofSubject
    accepted: str
    index: str = ""
    publishers: tuple[Publisher, ...] = ()
    listed: Mapping[str, str] = field(default_factory=dict)


class KnownFiles:
    """The database at *path* as *run* sees it; ``run.time`` is what the clock says.

    Nothing is created by asking. A context manager: leaving it closes the file. All methods raise
    OperationalError TRU775 or TRU776 where the database is damaged or cannot be used.
    """

    def __init__(self, path: str, *, run: Run, late_after: timedelta = LATE_AFTER) -> None:
        self.database = Database(path)
        self.verified = Verified(self.database, now=run.time)
        self._run = run
        self._late_after = late_after
        self._now = ""
        self._newest = ""
        self._learned: list[Learned] = []
        self._documents: list[KnownDocument] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @property
    def now(self) -> str:
        """The time that counts: the clock's, or the newest record's. A clock set back makes nothing new."""
        if not self._now:
            with self.database.reading() as connection:
                self._newest = rows.newest_time(connection) if connection else ""
            self._now = max(self._run.time, self._newest)
        return self._now

    def clock_findings(self) -> tuple[Finding, ...]:
        """Tell where the clock stands before the newest record."""
        if self.now == self._run.time:
            return ()
        values = {"clock": self._run.time, "newest": self._newest}
        finding = Finding(code="TRU777", level=Level.WARNING, subject=self.database.path, values=values)
        return (finding,)

    def look(self, project: ProjectName, filename: str) -> KnownFile | None:
        """Return what is known of the file of that name."""
        with self.database.reading() as connection:
            if connection is None:
                return None
            return next(rows.files(connection, project=project, filename=filename), None)

    def publishers(self, project: ProjectName) -> tuple[Publisher, ...]:
        """Return the publishers that files of *project* were verified to have, each once."""
        found = [one for file in self._attested(project) for one in publishers_of(file)]
        return tuple({one.identity: one for one in found}.values())

    def judge(self, subject: ProofSubject, publishers: Sequence[Publisher]) -> Proof:
        """Judge *subject*, whose verified *publishers* are given, by what is known of it and its project."""
        return judge(subject, publishers, self._history(subject), now=self.now, late_after=self._late_after)

    def _history(self, subject: ProofSubject) -> History:
        with self.database.reading() as connection:
            if connection is None:
                return History()
            known = list(rows.files(connection, project=subject.project))
            listed = list(rows.listed(connection, project=subject.project))
        release = [one.first_seen for one in known if one.version == subject.version]
        return History(
            file=next((one for one in known if one.filename == subject.filename), None),
            listed=next((one for one in listed if one.filename == subject.filename), None),
            release_since=min(release, default=""),
            attested=tuple(one for one in known if one.publishers),
        )

    def _attested(self, project: ProjectName) -> list[KnownFile]:
        with self.database.reading() as connection:
            if connection is None:
                return []
            return [one for one in rows.files(connection, project=project) if one.publishers]

    def remember(self, learned: Learned) -> None:
        """Have *learned* written by the next :meth:`commit`."""
        self._learned.append(learned)

    def document(self, name: str) -> KnownDocument | None:
        """Return the newest edition seen of the signed document *name*."""
        with self.database.reading() as connection:
            return next(rows.documents(connection, name=name), None) if connection else None

    def documents(self) -> list[KnownDocument]:
        """Return the newest edition seen of each signed document."""
        with self.database.reading() as connection:
            return list(rows.documents(connection)) if connection else []

    def forget_document(self, name: str) -> bool:
        """Forget which edition of a document was seen; tell whether one was."""
        if self.document(name) is None:
            return False
        with self.database.writing() as connection:
            return rows.forget_document(connection, name)

    def remember_document(self, name: str, *, edition: str, sha256: str) -> None:
        """Have this edition of a document written by the next :meth:`commit`, unless a newer one is known."""
        document = KnownDocument(name=name, edition=edition, sha256=sha256, first_seen=self.now)
        self._documents.append(document)

    def commit(self) -> None:
        """Write everything remembered, all or nothing.

        Raises: Refused TRU770 where another run has meanwhile accepted other bytes under the same name;
        nothing is written then.
        """
        learned, documents = self._learned, self._documents
        if not learned and not documents and not self.verified.is_changed:
            return
        now = self.now
        with self.database.writing() as connection:
            refused = [finding for one in learned if (finding := _taken(connection, one))]
            if refused:
                raise Refused(*refused)
            if learned:
                rows.add_run(connection, self._run)
            for one in learned:
                self._add(connection, one, now)
            for document in documents:
                rows.add_document(connection, document)
            self.verified.write(connection)
        self._learned, self._documents = [], []

    def _add(self, connection: sqlite3.Connection, one: Learned, now: str) -> None:
        subject = one.subject
        file = KnownFile(
            project=subject.project,
            version=subject.version,
            filename=subject.filename,
            sha256=subject.sha256,
            digests=dict(subject.digests),
            publishers=tuple(publisher.to_identity() for publisher in one.publishers),
            index=one.index,
            first_seen=now,
            run=self._run,
            accepted=one.accepted,
        )
        rows.add_file(connection, file)
        for filename, sha256 in one.listed.items():
            rows.add_listed(
                connection,
                ListedFile(
                    project=subject.project,
                    version=subject.version,
                    filename=filename,
                    sha256=sha256,
                    first_seen=now,
                ),
            )

    def files(self, name: str = "") -> list[KnownFile]:
        """Return the files known by *name*, which is a project, ``project==version`` or a file's name."""
        from trued.core.names import normalize

        with self.database.reading() as connection:
            everything = list(rows.files(connection)) if connection else []
        project, _, version = name.partition("==")
        return [
            one
            for one in everything
            if not name
            or one.filename == name
            or (one.project == normalize(project) and version in ("", one.version))
        ]

    def forget(self, files: Sequence[KnownFile]) -> None:
        """Forget *files*, and what was listed of releases of which nothing is known any more."""
        with self.database.writing() as connection:
            for file in files:
                rows.forget_file(connection, file)
            for project, version in {(file.project, file.version) for file in files}:
                rows.forget_listed(connection, project, version)


def _taken(connection: sqlite3.Connection, one: Learned) -> Finding | None:
    subject = one.subject
    known = next(rows.files(connection, project=subject.project, filename=subject.filename), None)
    if known is None or known.sha256 == subject.sha256:
        return None
    told = judge(subject, (), History(file=known), now=known.first_seen, late_after=LATE_AFTER)
    return told.findings[0]
