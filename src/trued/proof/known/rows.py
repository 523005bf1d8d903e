"""Rows of the database as data, and back. Every statement about files and runs stands here."""

from __future__ import annotations

import json

from trued.core.names import ProjectName
from trued.proof.known.model import KnownDocument, KnownFile, ListedFile, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

__all__ = [
    "add_document",
    "add_file",
    "add_listed",
    "add_run",
    "documents",
    "files",
    "forget_document",
    "forget_file",
    "forget_listed",
    "listed",
    "newest_time",
]

_FILES = (
    "SELECT f.project, f.filename, f.version, f.sha256, f.digests, f.publishers, f.source, f.first_seen,"
    " f.accepted, f.run, coalesce(r.time, ''), coalesce(r.command, ''), coalesce(r.folder, '')"
    " FROM files f LEFT JOIN runs r ON r.id = f.run"
)


def files(connection: sqlite3.Connection, *, project: str = "", filename: str = "") -> Iterator[KnownFile]:
    """Yield the known files, in order of project and name; those of one *project* or *filename* only."""
    where = " WHERE (? = '' OR f.project = ?) AND (? = '' OR f.filename = ?) ORDER BY f.project, f.filename"
    for row in connection.execute(_FILES + where, (project, project, filename, filename)):
        yield _file(row)


def _file(row: tuple[str, ...]) -> KnownFile:
    project, filename, version, sha256, digests, publishers, source, first_seen, accepted = row[:9]
    return KnownFile(
        project=ProjectName(project),
        version=version,
        filename=filename,
        sha256=sha256,
        digests=json.loads(digests),
        publishers=tuple(json.loads(publishers)),
        index=source,
        first_seen=first_seen,
        accepted=accepted,
        run=Run(id=row[9], time=row[10], command=row[11], folder=row[12]),
    )


def add_file(connection: sqlite3.Connection, file: KnownFile) -> None:
    """Add *file*; where its name is known the row stays, and gets publishers if it had none."""
    publishers = json.dumps([dict(one) for one in file.publishers], sort_keys=True)
    connection.execute(
        "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (project, filename) DO UPDATE SET publishers = excluded.publishers"
        " WHERE publishers = '[]' AND sha256 = excluded.sha256",
        (
            file.project,
            file.filename,
            file.version,
            file.sha256,
            json.dumps(dict(file.digests), sort_keys=True),
            publishers,
            file.index,
            file.first_seen,
            file.run.id,
            file.accepted,
        ),
    )


def add_run(connection: sqlite3.Connection, run: Run) -> None:
    """Add *run* unless it is known."""
    connection.execute(
        "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?)", (run.id, run.time, run.command, run.folder)
    )


def listed(connection: sqlite3.Connection, *, project: str = "") -> Iterator[ListedFile]:
    """Yield what indexes listed, in order of project and name."""
    rows = connection.execute(
        "SELECT project, version, filename, sha256, first_seen FROM listed"
        " WHERE (? = '' OR project = ?) ORDER BY project, filename",
        (project, project),
    )
    for name, version, filename, sha256, first_seen in rows:
        yield ListedFile(
            project=ProjectName(name),
            version=version,
            filename=filename,
            sha256=sha256,
            first_seen=first_seen,
        )


def add_listed(connection: sqlite3.Connection, one: ListedFile) -> None:
    """Add *one* unless the file was listed before: the first listing counts."""
    connection.execute(
        "INSERT OR IGNORE INTO listed (project, filename, version, sha256, first_seen)"
        " VALUES (?, ?, ?, ?, ?)",
        (one.project, one.filename, one.version, one.sha256, one.first_seen),
    )


def forget_file(connection: sqlite3.Connection, file: KnownFile) -> None:
    """Remove *file*, what was listed under its name, and runs that no file refers to any more."""
    key = (file.project, file.filename)
    connection.execute("DELETE FROM files WHERE project = ? AND filename = ?", key)
    connection.execute("DELETE FROM listed WHERE project = ? AND filename = ?", key)
    connection.execute("DELETE FROM runs WHERE id NOT IN (SELECT run FROM files)")


def forget_listed(connection: sqlite3.Connection, project: str, version: str = "") -> None:
    """Remove what was listed of *project*, or of one *version* of it, whose files are known no more."""
    connection.execute(
        "DELETE FROM listed WHERE project = ? AND (? = '' OR version = ?)"
        " AND version NOT IN (SELECT version FROM files WHERE project = ?)",
        (project, version, version, project),
    )


def documents(connection: sqlite3.Connection, *, name: str = "") -> Iterator[KnownDocument]:
    """Yield the newest edition seen of each signed document."""
    rows = connection.execute(
        "SELECT name, edition, sha256, first_seen FROM documents WHERE (? = '' OR name = ?) ORDER BY name",
        (name, name),
    )
    for called, edition, sha256, first_seen in rows:
        yield KnownDocument(name=called, edition=edition, sha256=sha256, first_seen=first_seen)


def add_document(connection: sqlite3.Connection, document: KnownDocument) -> None:
    """Add *document* where it is newer than the edition that is known."""
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " edition = excluded.edition, sha256 = excluded.sha256, first_seen = excluded.first_seen"
        " WHERE excluded.edition > edition",
        (document.name, document.edition, document.sha256, document.first_seen),
    )


def forget_document(connection: sqlite3.Connection, name: str) -> bool:
    """Forget the newest edition seen of the document *name*; tell whether one was known."""
    return connection.execute("DELETE FROM documents WHERE name = ?", (name,)).rowcount > 0


def newest_time(connection: sqlite3.Connection) -> str:
    """Return the latest time of any record, empty where there is none."""
    row = connection.execute(
        "SELECT max(t) FROM (SELECT max(first_seen) AS t FROM files"
        " UNION ALL SELECT max(first_seen) FROM listed UNION ALL SELECT max(first_seen) FROM documents)"
    ).fetchone()
    return str(row[0] or "")
