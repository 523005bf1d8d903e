"""Checks a local database against itself, and writes it out as the export it came from."""

from __future__ import annotations

from trued.advisories.database_file import content_digest
from trued.advisories.document import parse_indexed
from trued.advisories.record import InvalidRecord
from trued.advisories.tables import Ready, rows_of
from trued.core.errors import OperationalError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.advisories.database import AdvisoryDatabase

__all__ = ["export_archive", "verify_database"]

_DATE = (1980, 1, 1, 0, 0, 0)


def verify_database(database: AdvisoryDatabase) -> tuple[Finding, ...]:
    """Return what is wrong with *database*: nothing, when its records are whole and its index is theirs.

    Every record is read again and every row of the index made again and compared (TRU801).
    """
    details = [*database.faults()]
    if not details:
        details += _differences(database)
    return tuple(
        Finding(code="TRU801", subject=database.path, values={"detail": detail}) for detail in details
    )


def export_archive(database: AdvisoryDatabase, path: str) -> int:
    """Write every record into a new ``all.zip`` at *path* and return how many.

    The same records give the same bytes. Raises :class:`OperationalError` (TRU804); then nothing is left at
    *path* but what was there.
    """
    import os
    import tempfile
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    count = 0
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=os.path.basename(path) + ".", dir=os.path.dirname(path) or "."
        )
        with os.fdopen(handle, "wb") as file, ZipFile(file, "w") as archive:
            for identifier, data, _ in database.documents():
                member = ZipInfo(f"{identifier}.json", date_time=_DATE)
                archive.writestr(member, data, compress_type=ZIP_DEFLATED)
                count += 1
        os.replace(temporary, path)
    except BaseException as error:
        if temporary:
            os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
        values = {"detail": error.strerror or str(error)}
        raise OperationalError(Finding(code="TRU804", subject=path, values=values)) from error
    return count


def _differences(database: AdvisoryDatabase) -> list[str]:
    ready = Ready()
    bodies: list[tuple[str, bytes]] = []
    heads: list[tuple[object, ...]] = []
    entries: list[tuple[str, ...]] = []
    names: list[tuple[str, ...]] = []
    files: list[tuple[str, ...]] = []
    for identifier, data, packed in database.documents():
        bodies.append((identifier, packed))
        try:
            rows = rows_of(parse_indexed(data), packed, ready)
        except InvalidRecord as error:
            return [f"record {identifier} cannot be read ({error.detail})"]
        heads.append(rows.head)
        entries += rows.entries
        names += rows.names
        files += rows.files
    kept_and_made = (
        ("record", database.rows("record"), heads),
        ("entry", database.rows("entry"), entries),
        ("name", database.rows("name"), names),
        ("file", database.rows("file"), files),
    )
    details = [
        f"its table {table} is not that of its records"
        for table, kept, made in kept_and_made
        if sorted(kept) != sorted(made)
    ]
    if content_digest(bodies) != database.about.content:
        details.append("its records are not those that were put in")
    return details
