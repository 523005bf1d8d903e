"""The file of the local database: made or changed as a copy beside it, synced, then renamed over it."""

from __future__ import annotations

from contextlib import contextmanager
from operator import itemgetter

from trued.advisories.about import SCHEMA, About
from trued.advisories.tables import INDEXES, TABLES
from trued.core.errors import OperationalError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

    from trued.advisories.record import InvalidRecord
    from trued.advisories.tables import Rows

__all__ = [
    "content_digest",
    "index_tables",
    "insert_records",
    "insert_unreadable",
    "prepare_tables",
    "replacing",
    "summed_up",
]


@contextmanager
def replacing(path: str, *, copied: bool = False) -> Iterator[sqlite3.Connection]:
    """Give a connection to a new file (a copy of *path* when *copied*), which becomes *path* in the end.

    On any error *path* stays as it is. Raises :class:`OperationalError` (TRU804) for what the system or
    SQLite says.
    """
    import os
    import sqlite3

    try:
        with _beside(path, copied=copied) as temporary:
            connection = sqlite3.connect(temporary, isolation_level=None)
            try:
                # The file is thrown away when something fails: it needs neither a journal nor early syncs.
                for setting in (
                    "journal_mode=OFF",
                    "synchronous=OFF",
                    "locking_mode=EXCLUSIVE",
                    "page_size=8192",
                ):
                    connection.execute(f"PRAGMA {setting}")
                yield connection
            finally:
                connection.close()
    except (OSError, sqlite3.Error) as error:
        detail = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise OperationalError(Finding(code="TRU804", subject=path, values={"detail": detail})) from error


@contextmanager
def _beside(path: str, *, copied: bool) -> Iterator[str]:
    import os
    import shutil
    import tempfile

    folder = os.path.dirname(path) or "."
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)
    os.close(handle)
    try:
        if copied:
            shutil.copyfile(path, temporary)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def prepare_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of an empty file."""
    connection.executescript(TABLES)


def index_tables(connection: sqlite3.Connection) -> None:
    """Make the indexes, when all rows are in: sorting once is faster than keeping order."""
    connection.executescript(INDEXES)


def insert_records(connection: sqlite3.Connection, rows: list[Rows]) -> None:
    """Put records in."""
    connection.executemany(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((*each.head, each.body) for each in rows),
    )
    # What is asked for together lies together: the entries of one project on few pages.
    entries = sorted((row for each in rows for row in each.entries), key=itemgetter(0))
    connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", entries)
    connection.executemany("INSERT INTO name VALUES (?, ?)", (row for each in rows for row in each.names))
    connection.executemany(
        "INSERT INTO file VALUES (?, ?, ?, ?)", (row for each in rows for row in each.files)
    )


def insert_unreadable(connection: sqlite3.Connection, unreadable: Mapping[str, InvalidRecord]) -> None:
    """Put in what could not be read, a row for each project that it names."""
    connection.executemany(
        "INSERT INTO unreadable VALUES (?, ?, ?)",
        (
            (identifier, project, error.detail)
            for identifier, error in unreadable.items()
            for project in error.projects or ("",)
        ),
    )


def summed_up(connection: sqlite3.Connection, *, source: str, digest: str, as_of: str) -> About:
    """Count what the tables hold, write it beside them, and return it."""
    counted = "SELECT count(*), total(withdrawn <> ''), total(malware), max(modified) FROM record"
    records, withdrawn, malware, newest = connection.execute(counted).fetchone()
    about = About(
        source=source,
        digest=digest,
        content=content_digest(connection.execute("SELECT id, body FROM record ORDER BY id")),
        as_of=as_of,
        newest=newest or "",
        records=records,
        withdrawn=int(withdrawn),
        malware=int(malware),
        files=_count(connection, "SELECT count(*) FROM file"),
        unreadable=_count(connection, "SELECT count(DISTINCT record) FROM unreadable"),
    )
    facts = {name: str(getattr(about, name)) for name in About.__slots__}
    connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", [("schema", SCHEMA), *facts.items()])
    return about


def _count(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def content_digest(bodies: Iterable[tuple[str, bytes]]) -> str:
    """Return one sha256 over all records, given in order of their ids with their packed text."""
    from hashlib import sha256

    content = sha256()
    for identifier, body in bodies:
        content.update(identifier.encode() + b"\0" + len(body).to_bytes(8, "big") + body)
    return content.hexdigest()
