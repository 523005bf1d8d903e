"""Builds the local database beside the old one and puts it in its place when it is whole."""

from __future__ import annotations

from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING

from trued.advisories.about import SCHEMA, About
from trued.advisories.bulk import Document, bulk_failure, read_archive, read_folder
from trued.advisories.document import parse_indexed
from trued.advisories.record import InvalidRecord
from trued.advisories.tables import INDEXES, TABLES, Ready, Rows, rows_of
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.limits import Limits

if TYPE_CHECKING:
    import mmap
    import sqlite3
    from collections.abc import Iterable, Iterator

    from trued.advisories.document import Indexed

__all__ = ["Records", "content_digest", "import_archive", "import_folder", "pack", "write_database"]

_SHRUNK = 2
"""An export with fewer than this part of the records at hand is taken for a cut-off one."""


class Records:
    """Documents gathered for a database: of one id the newest counts; what cannot be read is remembered.

    Where one document of an id can be read and another cannot, the one is kept and the other is told.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.unreadable: dict[str, InvalidRecord] = {}
        self._ready = Ready()

    def add(self, document: Document) -> None:
        """Take a document in."""
        try:
            record = _named(parse_indexed(document.data), document.identifier)
        except InvalidRecord as error:
            self.unreadable[document.identifier] = error
            return
        known = self.rows.get(record.id)
        if known is None or known.modified <= record.modified:
            packed = pack(document.data) if document.packed is None else document.packed
            self.rows[record.id] = rows_of(record, packed, self._ready)

    def forget(self, identifier: str) -> None:
        """Forget what is known by an id, for a newer document to take its place."""
        self.rows.pop(identifier, None)
        self.unreadable.pop(identifier, None)


def import_archive(
    path: str,
    archive: bytes | mmap.mmap,
    *,
    source: str,
    as_of: str,
    limits: Limits | None = None,
    may_shrink: bool = False,
) -> About:
    """Replace the database at *path* by the export *archive*; on any error the old one stays as it is.

    *as_of* is when the export was obtained (RFC 3339 with a zone). Unless *may_shrink*, an export with less
    than half of the records at hand is refused. Raises :class:`OperationalError` (TRU802, TRU804).
    """
    from hashlib import sha256

    records = Records()
    for document in read_archive(archive, source=source, limits=limits or Limits()):
        records.add(document)
    digest = sha256(archive).hexdigest()
    _check_size(path, records, source, may_shrink=may_shrink)
    return write_database(path, records, source=source, digest=digest, as_of=as_of)


def import_folder(
    path: str, folder: str, *, as_of: str, limits: Limits | None = None, may_shrink: bool = False
) -> About:
    """Replace the database at *path* by the records ``*.json`` of *folder*, like :func:`import_archive`."""
    records = Records()
    for document in read_folder(folder, limits=limits or Limits()):
        records.add(document)
    _check_size(path, records, folder, may_shrink=may_shrink)
    return write_database(path, records, source=folder, digest="", as_of=as_of)


def write_database(path: str, records: Records, *, source: str, digest: str, as_of: str) -> About:
    """Write *records* into a new file, sync it, and rename it to *path*. Raises :class:`OperationalError`."""
    import os
    import sqlite3

    try:
        with _replacing(path) as temporary:
            connection = sqlite3.connect(temporary, isolation_level=None)
            try:
                about = _fill(connection, records, source=source, digest=digest, as_of=as_of)
            finally:
                connection.close()
    except (OSError, sqlite3.Error) as error:
        detail = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise OperationalError(Finding(code="TRU804", subject=path, values={"detail": detail})) from error
    return about


@contextmanager
def _replacing(path: str) -> Iterator[str]:
    import os
    import tempfile

    folder = os.path.dirname(path) or "."
    os.makedirs(folder, mode=0o700, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=os.path.basename(path) + ".", dir=folder)
    os.close(handle)
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _fill(connection: sqlite3.Connection, records: Records, *, source: str, digest: str, as_of: str) -> About:
    for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "page_size=8192"):
        connection.execute(f"PRAGMA {setting}")
    connection.executescript(TABLES)
    rows = [records.rows[identifier] for identifier in sorted(records.rows)]
    about = About(
        source=source,
        digest=digest,
        content=content_digest((each.id, each.body) for each in rows),
        as_of=as_of,
        newest=max((each.modified for each in rows), default=""),
        records=len(rows),
        withdrawn=sum(bool(each.withdrawn) for each in rows),
        malware=sum(each.is_malware for each in rows),
        files=sum(len(each.files) for each in rows),
        unreadable=len(records.unreadable),
    )
    connection.execute("BEGIN")
    _insert_records(connection, rows)
    connection.executemany("INSERT INTO unreadable VALUES (?, ?, ?)", _unreadable_rows(records))
    facts = {name: str(getattr(about, name)) for name in About.__slots__}
    connection.executemany("INSERT INTO about VALUES (?, ?)", [("schema", SCHEMA), *facts.items()])
    connection.execute("COMMIT")
    connection.executescript(INDEXES)
    return about


def _insert_records(connection: sqlite3.Connection, rows: list[Rows]) -> None:
    connection.executemany(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?)",
        ((each.id, each.modified, each.withdrawn, each.is_malware, each.body) for each in rows),
    )
    # What is asked for together lies together: the entries of one project on few pages.
    entries = sorted((row for each in rows for row in each.entries), key=itemgetter(0))
    connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?)", entries)
    connection.executemany("INSERT INTO name VALUES (?, ?)", (row for each in rows for row in each.names))
    connection.executemany(
        "INSERT INTO file VALUES (?, ?, ?, ?)", (row for each in rows for row in each.files)
    )


def content_digest(bodies: Iterable[tuple[str, bytes]]) -> str:
    """Return one sha256 over all records, given in order of their ids with their packed text."""
    from hashlib import sha256

    content = sha256()
    for identifier, body in bodies:
        content.update(identifier.encode() + b"\0" + len(body).to_bytes(8, "big") + body)
    return content.hexdigest()


def _unreadable_rows(records: Records) -> Iterator[tuple[str, str, str]]:
    for identifier, error in records.unreadable.items():
        for project in error.projects or ("",):
            yield identifier, project, error.detail


def _check_size(path: str, records: Records, source: str, *, may_shrink: bool) -> None:
    count = len(records.rows) + len(records.unreadable)
    if not count:
        raise bulk_failure(source, "it holds no record")
    if not records.rows:
        raise bulk_failure(source, "none of its records can be read")
    if not may_shrink and count * _SHRUNK < _count_at(path):
        raise bulk_failure(source, f"it holds {count} records, fewer than half of those at hand")


def _count_at(path: str) -> int:
    """Return how many records the present database holds, 0 when there is none that can be read."""
    from trued.advisories.database import AdvisoryDatabase

    try:
        with AdvisoryDatabase.open(path) as present:
            return present.about.records
    except OperationalError:
        return 0


def _named(record: Indexed, identifier: str) -> Indexed:
    if record.id == identifier:
        return record
    projects = tuple(dict.fromkeys(entry.project for entry in record.affected))
    raise InvalidRecord("its id is not the name of its file", identifier=record.id, projects=projects)


def pack(data: bytes) -> bytes:
    """Return *data* as a raw deflate stream."""
    import zlib

    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()
