"""Builds the local database beside the old one and puts it in its place when it is whole."""

from __future__ import annotations

from trued.advisories.bulk import Document, bulk_failure, read_folder
from trued.advisories.database_file import (
    index_tables,
    insert_records,
    insert_unreadable,
    prepare_tables,
    replacing,
    summed_up,
)
from trued.advisories.document import parse_indexed
from trued.advisories.reading_archive import Share, alone, named, pack, read_rows
from trued.advisories.record import InvalidRecord
from trued.advisories.tables import Ready, Rows, rows_of
from trued.core.errors import OperationalError
from trued.core.limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap

    from trued.advisories.about import About

__all__ = ["Records", "import_archive", "import_folder", "write_database"]

_SECONDS = len("2026-01-01T00:00:00")
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
            record = named(parse_indexed(document.data), document.identifier)
        except InvalidRecord as error:
            self.unreadable[document.identifier] = error
            return
        packed = pack(document.data) if document.packed is None else document.packed
        self.keep(rows_of(record, packed, self._ready))

    def time_of_newest(self, latest: str) -> str:
        """Return when the newest record changed, of those that changed by *latest*; that if there is none.

        Both are RFC 3339 in UTC, to the second: ``2026-01-01T00:00:00+00:00``.
        """
        times = (f"{rows.modified[:_SECONDS]}+00:00" for rows in self.rows.values())
        return max((time for time in times if time <= latest and _is_time(time)), default=latest)

    def keep(self, rows: Rows) -> None:
        """Keep the rows of a record unless a newer one of its id is there."""
        known = self.rows.get(rows.id)
        if known is None or known.modified <= rows.modified:
            self.rows[rows.id] = rows


def import_archive(
    path: str,
    archive: bytes | mmap.mmap,
    *,
    source: str,
    as_of: str,
    is_at_hand: bool = False,
    limits: Limits | None = None,
    may_shrink: bool = False,
    share: Share = alone,
) -> About:
    """Replace the database at *path* by the export *archive*; on any error the old one stays as it is.

    *as_of* is when the export was obtained (RFC 3339 in UTC). Of one that *is_at_hand* this only tells when
    the file was written, by whatever copied it last: it is as old as its newest record. Unless *may_shrink*,
    an export with less than half of the records at hand is refused. *share* lets two workers read.

    Raises :class:`OperationalError` (TRU802, TRU804).
    """
    from hashlib import sha256

    records = Records()
    for identifier, read in read_rows(archive, source=source, limits=limits or Limits(), share=share):
        if isinstance(read, InvalidRecord):
            records.unreadable[identifier] = read
        else:
            records.keep(read)
    digest = sha256(archive).hexdigest()
    _check_size(path, records, source, may_shrink=may_shrink)
    known = records.time_of_newest(as_of) if is_at_hand else as_of
    return write_database(path, records, source=source, digest=digest, as_of=known)


def import_folder(
    path: str, folder: str, *, as_of: str, limits: Limits | None = None, may_shrink: bool = False
) -> About:
    """Replace the database at *path* by the records ``*.json`` of *folder*, which is as old as the newest.

    Apart from that as :func:`import_archive`.
    """
    records = Records()
    for document in read_folder(folder, limits=limits or Limits()):
        records.add(document)
    _check_size(path, records, folder, may_shrink=may_shrink)
    known = records.time_of_newest(as_of)
    return write_database(path, records, source=folder, digest="", as_of=known)


def write_database(path: str, records: Records, *, source: str, digest: str, as_of: str) -> About:
    """Write *records* into a new file and put it at *path*. Raises :class:`OperationalError` (TRU804)."""
    with replacing(path) as connection:
        prepare_tables(connection)
        connection.execute("BEGIN")
        insert_records(connection, [records.rows[identifier] for identifier in sorted(records.rows)])
        insert_unreadable(connection, records.unreadable)
        about = summed_up(connection, source=source, digest=digest, as_of=as_of)
        connection.execute("COMMIT")
        index_tables(connection)
    return about


def _is_time(text: str) -> bool:
    from datetime import datetime

    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


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
