"""The central directory of a ZIP archive, entry by entry (APPNOTE 4.3.12)."""

from __future__ import annotations

import stat
import struct

from trued.core.record import NamedTuple
from trued.wheel.extra_fields import FULL, read_extra_fields
from trued.wheel.faults import Faults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from mmap import mmap

    from trued.core.limits import Limits
    from trued.wheel.end_record import Directory

__all__ = ["DEFLATED", "DESCRIPTOR", "STORED", "CentralHeader", "find_central", "read_central"]

STORED = 0
DEFLATED = 8
DESCRIPTOR = 0x0008
"""Flag: sizes and checksum follow the data."""

_METHODS = frozenset({STORED, DEFLATED})
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8 = 0x0800
_DEFLATE_OPTIONS = 0x0006
_KNOWN_FLAGS = DESCRIPTOR | _UTF8 | _DEFLATE_OPTIONS | _ENCRYPTED

_HEADER = struct.Struct("<4s6H3L5H2L")
_SIGNATURE = b"PK\x01\x02"
_DOS_DIRECTORY = 0x10
_DOS_REPARSE_POINT = 0x400
_UNIX = 3


class CentralHeader(NamedTuple):
    """One entry of the central directory. A named tuple, because a wheel has thousands.

    ``fixed`` are the bytes that the local header repeats, from the version needed to the length of the name.
    Sizes in bytes; ``mode`` is the Unix mode of the external attributes, 0 where there is none.
    """

    name: bytes
    path: str
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int
    mode: int
    fixed: bytes


def read_central(
    data: bytes | mmap, directory: Directory, *, limits: Limits, faults: Faults
) -> list[CentralHeader]:
    """Return the entries of *directory*, noting each that no two parsers need agree on."""
    if directory.count > limits.wheel_members:
        faults.add("TRU231", count=directory.count, limit=limits.wheel_members)
        return []
    block = data[directory.offset : directory.offset + directory.size]
    headers: list[CentralHeader] = []
    position = 0
    files: set[int] = set()
    for _ in range(directory.count):
        if block[position : position + 4] != _SIGNATURE or position + _HEADER.size > len(block):
            faults.add("TRU207")
            return headers
        header = _plain_header(block, position, files)
        if header is None:
            header, position = _read_header(block, position, faults)
            if stat.S_IFMT(header.mode) == stat.S_IFREG:
                files.add(header.mode << 16)
        else:
            position += _HEADER.size + len(header.name)
        headers.append(header)
    if position != len(block):
        faults.add("TRU207")
    return headers


def find_central(
    data: bytes, directory: Directory, *, ending: bytes, limits: Limits, faults: Faults
) -> list[CentralHeader]:
    """Return those entries of :func:`read_central` whose names end with *ending*, noting faults as it does.

    For who wants one of thousands. Entries that need no second look, and are not wanted, are passed over;
    where there are any others, or the directory is not whole, all is read.
    """
    block = data[directory.offset : directory.offset + directory.size]
    found: list[CentralHeader] = []
    position = 0
    files: set[int] = set()
    ignored = Faults("")
    unpack, length = _HEADER.unpack_from, len(block)
    for _ in range(min(directory.count, limits.wheel_members)):
        if position + _HEADER.size > length:
            break
        (
            signature, _, _, flags, method, _, _, _, packed_size, size,
            name_length, extra_length, comment_length, disk, _, attributes, offset,
        ) = unpack(block, position)  # fmt: skip
        start, position = position, position + _HEADER.size + name_length
        name = block[position - name_length : position]
        if (
            attributes in files
            and signature == _SIGNATURE
            and not (extra_length or comment_length or disk or flags & ~(_UTF8 | DESCRIPTOR))
            and method in _METHODS
            and packed_size != FULL
            and size != FULL
            and offset != FULL
            and name.isascii()
            and not name.endswith((b"/", ending))
        ):
            continue
        if signature != _SIGNATURE:
            break
        header, position = _read_header(block, start, ignored)
        if stat.S_IFMT(header.mode) == stat.S_IFREG:
            files.add(header.mode << 16)
        if header.name.endswith(ending):
            found.append(header)
    else:
        if position == length and not ignored and directory.count <= limits.wheel_members:
            return found
    return [
        one
        for one in read_central(data, directory, limits=limits, faults=faults)
        if one.name.endswith(ending)
    ]


def _plain_header(block: bytes, position: int, files: Collection[int]) -> CentralHeader | None:
    """Return an entry that needs no second look, as nearly all; :func:`_read_header` judges what is ``None``.

    That is a file with an ASCII name and nothing after it, with sizes of 32 bits, packed in a usual way,
    whose attributes are one of *files*: nothing but the mode of a regular file.
    """
    (
        _, _, _, flags, method, _, _, crc, packed_size, size,
        name_length, extra_length, comment_length, disk, _, attributes, offset,
    ) = _HEADER.unpack_from(block, position)  # fmt: skip
    start = position + _HEADER.size
    name = block[start : start + name_length]
    if (
        extra_length
        or comment_length
        or disk
        or flags & ~(_UTF8 | DESCRIPTOR)
        or method not in _METHODS
        or attributes not in files
        or FULL in (packed_size, size, offset)
        or len(name) != name_length
        or not name.isascii()
        or name.endswith(b"/")
    ):
        return None
    return CentralHeader(
        name, name.decode("ascii"), flags, method, crc, packed_size, size, offset, attributes >> 16,
        block[position + 6 : position + 30],
    )  # fmt: skip


def _read_header(block: bytes, position: int, faults: Faults) -> tuple[CentralHeader, int]:
    (
        _, made_by, _, flags, method, _, _, crc, packed_size, size,
        name_length, extra_length, comment_length, disk, _, attributes, offset,
    ) = _HEADER.unpack_from(block, position)  # fmt: skip
    start = position + _HEADER.size
    after_name = start + name_length
    end = after_name + extra_length + comment_length
    name = block[start:after_name]
    path = _decoded(name, flags, faults)
    if end > len(block):
        faults.add("TRU207")
    if disk:
        faults.add("TRU237")
    if extra_length or FULL in (packed_size, size, offset):
        extra = block[after_name : after_name + extra_length]
        packed_size, size, offset = _widened(
            (packed_size, size, offset), extra, name=name, path=path, faults=faults
        )
    if flags & ~(_UTF8 | DESCRIPTOR) or method not in (STORED, DEFLATED):
        _note_unreadable(path, flags, method, faults)
    if attributes:
        _check_attributes(path, made_by >> 8, attributes, faults)
    fixed = block[position + 6 : position + 30]
    header = CentralHeader(
        name, path, flags, method, crc, packed_size, size, offset, attributes >> 16, fixed
    )  # fmt: skip
    return header, end


def _decoded(name: bytes, flags: int, faults: Faults) -> str:
    """Return the member's path. Without the UTF-8 flag only ASCII means the same to every parser."""
    if name.isascii():
        return name.decode("ascii")
    try:
        path = name.decode()
    except UnicodeDecodeError:
        path = name.decode("latin-1")
        faults.add("TRU218", path=path)
        return path
    if not flags & _UTF8:
        faults.add("TRU218", path=path)
    return path


def _widened(
    values: tuple[int, int, int], extra: bytes, *, name: bytes, path: str, faults: Faults
) -> tuple[int, int, int]:
    """Return packed size, size and offset with the open ones taken from the ZIP64 field."""
    packed_size, size, offset = values
    wide = list(read_extra_fields(extra, name=name, path=path, faults=faults).wide or ())
    if len(wide) != values.count(FULL):
        faults.add("TRU219", path=path)
        return values
    # The field holds them in this order, whatever the order in the header (APPNOTE 4.5.3).
    size = wide.pop(0) if size == FULL else size
    packed_size = wide.pop(0) if packed_size == FULL else packed_size
    offset = wide.pop(0) if offset == FULL else offset
    return packed_size, size, offset


def _note_unreadable(path: str, flags: int, method: int, faults: Faults) -> None:
    if flags & _ENCRYPTED:
        faults.add("TRU213", path=path)
    if flags & ~_KNOWN_FLAGS:
        faults.add("TRU215", path=path, flags=f"{flags & ~_KNOWN_FLAGS:#06x}")
    if method not in (STORED, DEFLATED):
        faults.add("TRU214", path=path, method=method)


def _check_attributes(path: str, system: int, attributes: int, faults: Faults) -> None:
    """Refuse what is neither a file nor a directory, by Unix type or by DOS attribute."""
    kind = stat.S_IFMT(attributes >> 16)
    is_directory = path.endswith("/")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or attributes & _DOS_REPARSE_POINT:
        faults.add("TRU227", path=path, mode=f"{attributes >> 16:o}")
        return
    is_dos_directory = system != _UNIX and bool(attributes & _DOS_DIRECTORY)
    if (kind and (kind == stat.S_IFDIR) != is_directory) or (is_dos_directory and not is_directory):
        faults.add("TRU230", path=path)
