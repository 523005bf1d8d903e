"""Local headers: each must repeat its central entry, and together they must fill the file without a gap.

A parser that streams reads only these, one that seeks reads only the central directory; where the two say
the same and no byte is left over, they cannot be made to see different archives.
"""

from __future__ import annotations

import struct

from trued.wheel.central import DESCRIPTOR, STORED
from trued.wheel.extra_fields import FULL, read_extra_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from mmap import mmap

    from trued.wheel.central import CentralHeader
    from trued.wheel.faults import Faults

__all__ = ["locate_data"]

_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_SIZE = 30
_FIXED = struct.Struct("<5H3LH")


def locate_data(
    data: bytes | mmap, headers: Sequence[CentralHeader], *, end: int, faults: Faults
) -> list[int]:
    """Return where each member's data begins, in the order of *headers*.

    *end* is the offset of the central directory. Every difference between the two headers of a member and
    every byte that belongs to none, or to two, is noted in *faults*.
    """
    starts = [0] * len(headers)
    order = sorted(range(len(headers)), key=[header.offset for header in headers].__getitem__)
    nexts = [headers[index].offset for index in order[1:]]
    nexts.append(end)
    first = headers[order[0]].offset if order else end
    if first:
        faults.add("TRU204", count=first, offset=0)
    for index, following in zip(order, nexts, strict=True):
        header = headers[index]
        start = header.offset + _SIZE + len(header.name)
        if start + header.packed_size == following and _is_repeated(data, header, start):
            starts[index] = start
            continue
        start, has_wide_sizes = _start_of_data(data, header, end=end, faults=faults)
        starts[index] = start
        if not start:
            continue
        left_over = following - start - header.packed_size
        if left_over < 0:
            faults.add("TRU208", path=header.path)
        elif header.flags & DESCRIPTOR:
            block = data[start + header.packed_size : following] if left_over <= 24 else b""
            _check_descriptor(block, header, has_wide_sizes=has_wide_sizes, faults=faults)
        elif left_over:
            faults.add("TRU204", count=left_over, offset=following - left_over)
    return starts


def _is_repeated(data: bytes | mmap, header: CentralHeader, start: int) -> bool:
    """Tell whether the local header before *start* is the central one over again, and nothing besides."""
    return (
        not header.flags & DESCRIPTOR
        and header.size != FULL != header.packed_size
        and data[header.offset : start] == b"".join((_SIGNATURE, header.fixed, b"\0\0", header.name))
    )


def _start_of_data(
    data: bytes | mmap, header: CentralHeader, *, end: int, faults: Faults
) -> tuple[int, bool]:
    """Return the offset of the data (0: no header there), and whether its descriptor has 64-bit sizes."""
    offset = header.offset
    local = data[offset : offset + _SIZE]
    if len(local) < _SIZE or local[:4] != _SIGNATURE or offset + _SIZE > end:
        faults.add("TRU209", path=header.path)
        return 0, False
    differs = local[4:28] != header.fixed
    name_end = offset + _SIZE + int.from_bytes(local[26:28], "little")
    if data[offset + _SIZE : name_end] != header.name:
        faults.add("TRU210", path=header.path, field="name")
    extra_length = int.from_bytes(local[28:30], "little")
    if not (differs or extra_length or FULL in (header.size, header.packed_size)):
        return name_end, False
    extra = data[name_end : name_end + extra_length]
    wide = read_extra_fields(extra, name=header.name, path=header.path, faults=faults).wide
    _compare(local, header, wide, faults)
    return name_end + extra_length, wide is not None


def _compare(local: bytes, header: CentralHeader, wide: tuple[int, ...] | None, faults: Faults) -> None:
    """Compare field by field; times and the version needed may differ, as no parser decides by them."""
    _, flags, method, _, _, crc, packed_size, size, _ = _FIXED.unpack_from(local, 4)
    if wide is not None or FULL in (packed_size, size):
        # A local ZIP64 field holds both sizes, uncompressed first (APPNOTE 4.5.3). Python's zipfile can write
        # one that repeats sizes which the header does state: both readings are the same then.
        if wide is None or len(wide) != 2 or (size, packed_size) not in (wide, (FULL, FULL)):
            faults.add("TRU219", path=header.path)
            return
        size, packed_size = wide
    pairs = [("flags", flags, header.flags), ("method", method, header.method)]
    if not (header.flags & DESCRIPTOR and (crc, packed_size, size) == (0, 0, 0)):
        pairs += [
            ("crc", crc, header.crc),
            ("compressed size", packed_size, header.packed_size),
            ("size", size, header.size),
        ]
    for field, here, there in pairs:
        if here != there:
            faults.add("TRU210", path=header.path, field=field)


def _check_descriptor(block: bytes, header: CentralHeader, *, has_wide_sizes: bool, faults: Faults) -> None:
    """Refuse a descriptor that is not exactly checksum and sizes, as wide as the local header says.

    Its signature is optional (APPNOTE 4.3.9.3). A checksum that looks like the signature, and a stored
    member, whose end no streaming parser can find, leave room for two readings.
    """
    sizes = struct.pack("<QQ" if has_wide_sizes else "<LL", header.packed_size, header.size)
    body = header.crc.to_bytes(4, "little") + sizes
    is_bare = block == body and not body.startswith(_DESCRIPTOR_SIGNATURE)
    is_ambiguous = header.method == STORED and header.size > 0
    if is_ambiguous or not (is_bare or block == _DESCRIPTOR_SIGNATURE + body):
        faults.add("TRU211", path=header.path)
