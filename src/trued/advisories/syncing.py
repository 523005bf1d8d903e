"""Brings a local database up to date without fetching the whole export.

Beside each export OSV keeps ``modified_id.csv``: a line ``time,ID`` for every record, newest first (OSV data
documentation). What is newer there than here is fetched by id and put in; nothing is ever taken out by a
list, for a list that was cut off would then take flaws out.
"""

from __future__ import annotations

from trued.advisories.building import Records
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.database_file import insert_records, insert_unreadable, replacing, summed_up
from trued.advisories.timestamp import InvalidTimestamp, sortable_time
from trued.core.errors import OperationalError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from trued.advisories.about import About
    from trued.advisories.bulk import Document

__all__ = ["apply_documents", "outdated", "read_modified"]

_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")
_SHRUNK = 2


def read_modified(data: bytes, *, source: str) -> dict[str, str]:
    """Read ``modified_id.csv``: the time of each id, in the form that sorts.

    Raises :class:`OperationalError` (TRU822) for a line that is not of that form and for a list without a
    line break at its end, which was cut off.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise _unusable(source, "it is no ASCII text") from error
    if not text.endswith("\n"):
        raise _unusable(source, "it is empty or was cut off")
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        time, comma, identifier = line.strip().partition(",")
        if not comma or not identifier or not _ID_CHARACTERS.issuperset(identifier):
            raise _unusable(source, f"line {number} is no time and id")
        try:
            stamp = sortable_time(time)
        except InvalidTimestamp as error:
            raise _unusable(source, f"line {number} has no time") from error
        found[identifier] = max(stamp, found.get(identifier, ""))
    return found


def outdated(present: Mapping[str, str], listed: Mapping[str, str], *, source: str) -> tuple[str, ...]:
    """Return the ids that are newer in *listed* than in the database (*present*), or not in it, in order.

    Raises :class:`OperationalError` (TRU822) when the list names fewer than half of the records at hand.
    """
    if len(listed) * _SHRUNK < len(present):
        raise _unusable(source, f"it names {len(listed)} records, fewer than half of those at hand")
    return tuple(sorted(name for name, stamp in listed.items() if present.get(name, "") < stamp))


def apply_documents(path: str, documents: Iterable[Document], *, as_of: str) -> About:
    """Put *documents* into the database at *path*, all or none, and note that it is as of *as_of*.

    Of one id the newest stays. Raises :class:`OperationalError` (TRU800, TRU801, TRU804).
    """
    with AdvisoryDatabase.open(path) as present:
        before, known = present.about, present.modified()
    records = Records()
    for document in documents:
        records.add(document)
    newer = [rows for rows in records.rows.values() if rows.modified >= known.get(rows.id, "")]
    with replacing(path, copied=True) as connection:
        connection.execute("BEGIN")
        _take_out(connection, [rows.id for rows in newer], [*records.rows, *records.unreadable])
        insert_records(connection, newer)
        insert_unreadable(connection, records.unreadable)
        about = summed_up(connection, source=before.source, digest=before.digest, as_of=as_of)
        connection.execute("COMMIT")
    return about


def _take_out(connection: sqlite3.Connection, replaced: list[str], looked_at: list[str]) -> None:
    connection.execute("CREATE TEMP TABLE gone (record TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.executemany("INSERT OR IGNORE INTO gone VALUES (?)", ((each,) for each in looked_at))
    connection.execute("DELETE FROM unreadable WHERE record IN (SELECT record FROM gone)")
    connection.execute("DELETE FROM gone")
    connection.executemany("INSERT INTO gone VALUES (?)", ((each,) for each in replaced))
    connection.execute("DELETE FROM record WHERE id IN (SELECT record FROM gone)")
    connection.execute("DELETE FROM entry WHERE record IN (SELECT record FROM gone)")
    connection.execute("DELETE FROM name WHERE record IN (SELECT record FROM gone)")
    connection.execute("DELETE FROM file WHERE record IN (SELECT record FROM gone)")
    connection.execute("DROP TABLE gone")


def _unusable(source: str, detail: str) -> OperationalError:
    return OperationalError(Finding(code="TRU822", subject=source, values={"detail": detail}))
