"""The end of a ZIP archive: where its central directory lies (APPNOTE 4.3.14 to 4.3.16).

The records must stand exactly at the end of the file and lie against each other without a gap. Parsers that
search for them backwards, forwards, or not at all then agree; CVE-2025-54368 and its kin came from archives
in which they do not.
"""

from __future__ import annotations

import struct

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap

    from trued.wheel.faults import Faults

__all__ = ["Directory", "find_directory"]

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END_SIGNATURE = b"PK\x05\x06"
_END_64_SIGNATURE = b"PK\x06\x06"
_LOCATOR_64_SIGNATURE = b"PK\x06\x07"
_SIGNATURES = (_END_SIGNATURE, _END_64_SIGNATURE, _LOCATOR_64_SIGNATURE, b"PK\x01\x02", b"PK\x03\x04")
_LONGEST_COMMENT = 0xFFFF
_FULL_16 = 0xFFFF
_FULL_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Where the central directory lies: offset and size in bytes, and the number of its entries."""

    offset: int
    size: int
    count: int


def find_directory(data: bytes | mmap, faults: Faults) -> Directory | None:
    """Return where the central directory lies, or note why the end of *data* cannot be trusted."""
    position = _position_of_end(data, faults)
    if position is None:
        return None
    _, disk, first_disk, here, total, size, offset, _ = _END.unpack_from(data, position)
    if disk or first_disk or here != total:
        faults.add("TRU237")
        return None
    directory = Directory(offset=offset, size=size, count=total)
    end_of_directory = position
    if data[max(position - _LOCATOR_64.size, 0) : position].startswith(_LOCATOR_64_SIGNATURE):
        wide = _wide_directory(data, position, directory, faults)
        if wide is None:
            return None
        directory, end_of_directory = wide
    elif total == _FULL_16 or _FULL_32 in (size, offset):
        faults.add("TRU206")
        return None
    if directory.offset + directory.size != end_of_directory:
        _note_misplaced(directory, end_of_directory, faults)
        return None
    return directory


def _position_of_end(data: bytes | mmap, faults: Faults) -> int | None:
    first = max(len(data) - _END.size - _LONGEST_COMMENT, 0)
    position = data.rfind(_END_SIGNATURE, first)
    if len(data) < _END.size or position < 0 or position + _END.size > len(data):
        faults.add("TRU201")
        return None
    candidates = _ends_that_reach_the_last_byte(data, first)
    if not candidates:
        faults.add("TRU202", count=len(data) - position - _END.size - _comment_length(data, position))
        return None
    if len(candidates) > 1:
        faults.add("TRU205", count=len(candidates))
        return None
    position = candidates[0]
    comment = data[position + _END.size :]
    if any(signature in comment for signature in _SIGNATURES):
        faults.add("TRU203")
        return None
    return position


def _ends_that_reach_the_last_byte(data: bytes | mmap, first: int) -> list[int]:
    found = []
    position = data.find(_END_SIGNATURE, first)
    while 0 <= position <= len(data) - _END.size:
        if position + _END.size + _comment_length(data, position) == len(data):
            found.append(position)
        position = data.find(_END_SIGNATURE, position + 1)
    return found


def _comment_length(data: bytes | mmap, position: int) -> int:
    return int.from_bytes(data[position + 20 : position + 22], "little")


def _wide_directory(
    data: bytes | mmap, end: int, narrow: Directory, faults: Faults
) -> tuple[Directory, int] | None:
    """Return what the ZIP64 record says and where it begins, if it says what the short record says."""
    locator = end - _LOCATOR_64.size
    _, disk, position, disks = _LOCATOR_64.unpack_from(data, locator)
    if disk or disks != 1 or position + _END_64.size != locator:
        faults.add("TRU206")
        return None
    signature, length, _, _, disk, first_disk, here, total, size, offset = _END_64.unpack_from(data, position)
    if signature != _END_64_SIGNATURE or length != _END_64.size - 12 or disk or first_disk or here != total:
        faults.add("TRU206")
        return None
    pairs = (
        (narrow.count, total, _FULL_16),
        (narrow.size, size, _FULL_32),
        (narrow.offset, offset, _FULL_32),
    )
    if any(short not in (wide, full) for short, wide, full in pairs):
        faults.add("TRU206")
        return None
    return Directory(offset=offset, size=size, count=total), position


def _note_misplaced(directory: Directory, end: int, faults: Faults) -> None:
    difference = end - (directory.offset + directory.size)
    if difference > 0:
        faults.add("TRU204", count=difference, offset=end - difference)
    else:
        faults.add("TRU207")
