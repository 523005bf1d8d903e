"""Reads an export's records into rows, by two workers where the caller has a way to share work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from trued.advisories.bulk import archive_members, bulk_failure, member_document, packed_member
from trued.advisories.document import parse_indexed
from trued.advisories.record import InvalidRecord
from trued.advisories.tables import Ready, Rows, rows_of
from trued.core.errors import OperationalError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from zipfile import ZipInfo

    from trued.advisories.document import Indexed
    from trued.core.limits import Limits

__all__ = ["Share", "alone", "named", "pack", "read_rows"]

_BATCH = 256

_FAILED, _UNREADABLE, _READ = 0, 1, 2
_Found = tuple[int, int, Any]
"""Number of the member, what became of it, and its facts: all of it can be marshalled between processes."""


class Share(Protocol):
    """Runs *work* over *batches* and returns what each worker returned; ``marshal`` carries it over."""

    def __call__(
        self, work: Callable[[Iterable[tuple[int, int]]], list[_Found]], batches: Sequence[tuple[int, int]]
    ) -> list[list[_Found]]:
        """Return a list for each worker, in any order."""
        ...


def alone(
    work: Callable[[Iterable[tuple[int, int]]], list[_Found]], batches: Sequence[tuple[int, int]]
) -> list[list[_Found]]:
    """Share nothing: this process does it all."""
    return [work(batches)]


def read_rows(
    archive: bytes | mmap.mmap, *, source: str, limits: Limits, share: Share = alone
) -> Iterator[tuple[str, Rows | InvalidRecord]]:
    """Yield each member's id and its rows, or why it cannot be read, in the archive's order.

    Raises :class:`OperationalError` (TRU802) for an archive that cannot be relied on.
    """
    members = archive_members(archive, source=source, limits=limits)

    def work(batches: Iterable[tuple[int, int]]) -> list[_Found]:
        return _read(archive, members, batches, source)

    batches = [(start, min(start + _BATCH, len(members))) for start in range(0, len(members), _BATCH)]
    found = [each for part in share(work, batches) for each in part]
    found.sort(key=lambda each: each[:2])
    for number, became, facts in found:
        member = members[number]
        identifier = member.filename.removesuffix(".json")
        if became == _FAILED:
            raise bulk_failure(source, facts)
        if became == _UNREADABLE:
            detail, hint, projects = facts
            yield identifier, InvalidRecord(detail, identifier=hint, projects=projects)
        else:
            body, head, *lists = facts
            packed = packed_member(archive, member, source) if body is None else body
            yield identifier, _rows(head, packed, lists)


def named(record: Indexed, identifier: str) -> Indexed:
    """Return *record* when its id is the name of its file. Raises :class:`InvalidRecord`."""
    if record.id == identifier:
        return record
    projects = tuple(dict.fromkeys(entry.project for entry in record.affected))
    raise InvalidRecord("its id is not the name of its file", identifier=record.id, projects=projects)


def pack(data: bytes) -> bytes:
    """Return *data* as a raw deflate stream."""
    import zlib

    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _read(
    archive: bytes | mmap.mmap, members: list[ZipInfo], batches: Iterable[tuple[int, int]], source: str
) -> list[_Found]:
    """Read the members of *batches*; the first that is not as the archive says ends it."""
    found: list[_Found] = []
    ready = Ready()
    for start, stop in batches:
        for number in range(start, stop):
            try:
                found.append((number, *_facts(archive, members[number], source, ready)))
            except OperationalError as error:
                return [*found, (number, _FAILED, error.findings[0].values["detail"])]
    return found


def _facts(
    archive: bytes | mmap.mmap, member: ZipInfo, source: str, ready: Ready
) -> tuple[int, tuple[object, ...]]:
    document = member_document(archive, member, source)
    try:
        record = named(parse_indexed(document.data), document.identifier)
    except InvalidRecord as error:
        return _UNREADABLE, (error.detail, error.identifier, error.projects)
    rows = rows_of(record, b"", ready)
    body = pack(document.data) if document.packed is None else None
    return _READ, (body, rows.head, rows.entries, rows.names, rows.files)


def _rows(head: tuple[str, str, str, bool, str, str], body: bytes, lists: list[object]) -> Rows:
    entries, names, files = cast("tuple[Any, Any, Any]", lists)
    return Rows(*head, body, entries, names, files)
