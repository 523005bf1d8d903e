"""Reads OSV's bulk export, ``all.zip``: one ``ID.json`` a record, nothing else (OSV data documentation).

The archive comes from elsewhere: its members are inflated within bounds, compared with their checksums, and
never written to disk under their names. An archive that is not exactly of this form is refused as a whole,
for half of a database would call half of the flaws clean.
"""

from __future__ import annotations

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import Protocol, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator
    from zipfile import ZipInfo

    from trued.core.limits import Limits

__all__ = [
    "Document",
    "archive_members",
    "bulk_failure",
    "member_document",
    "packed_member",
    "read_folder",
]

_STORED, _DEFLATED = 0, 8
_LOCAL_HEADER = b"PK\x03\x04"
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")
_ENDING = ".json"


@dataclass(frozen=True, slots=True)
class Document:
    """One record's text. ``packed`` is the same as a raw deflate stream, when it was read from one."""

    identifier: str
    data: bytes
    packed: bytes | None = None


def archive_members(archive: bytes | mmap.mmap, *, source: str, limits: Limits) -> list[ZipInfo]:
    """Return the members of an export, one a record. Raises :class:`OperationalError` (TRU802)."""
    from io import BytesIO
    from zipfile import BadZipFile, ZipFile

    try:
        members = ZipFile(BytesIO(archive)).infolist()
    except (BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError) as error:
        raise bulk_failure(source, "it is no whole ZIP archive") from error
    _check_members(members, source, limits)
    return members


def read_folder(folder: str, *, limits: Limits) -> Iterator[Document]:
    """Yield the documents ``*.json`` of a folder. Raises :class:`OperationalError` (TRU802)."""
    import os

    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(_ENDING))
    except OSError as error:
        raise bulk_failure(folder, error.strerror or str(error)) from error
    if len(names) > limits.advisory_records:
        raise bulk_failure(folder, "it holds too many records")
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read(limits.advisory_record_bytes + 1)
        except OSError as error:
            raise bulk_failure(folder, f"{name}: {error.strerror or error}") from error
        if len(data) > limits.advisory_record_bytes:
            raise bulk_failure(folder, f"{name} is too large for a record")
        yield Document(name.removesuffix(_ENDING), data)


def bulk_failure(source: str, detail: str) -> OperationalError:
    """Return the error for an export that cannot be used as a whole."""
    return OperationalError(Finding(code="TRU802", subject=source, values={"detail": detail}))


def _check_members(members: list[ZipInfo], source: str, limits: Limits) -> None:
    if len(members) > limits.advisory_records:
        raise bulk_failure(source, "it holds too many records")
    if sum(member.file_size for member in members) > limits.advisory_unpacked_bytes:
        raise bulk_failure(source, "its records are too large together")
    for member in members:
        name = member.filename
        if not name.endswith(_ENDING) or not _NAME.issuperset(name) or name.startswith("."):
            raise bulk_failure(source, f"a member is named {name!r}, which is no record's name")
        if member.flag_bits & _ENCRYPTED or member.compress_type not in (_STORED, _DEFLATED):
            raise bulk_failure(source, f"{name} is encrypted or compressed in a way that is not read")
        if member.file_size > limits.advisory_record_bytes:
            raise bulk_failure(source, f"{name} is too large for a record")
        if member.compress_type == _STORED and member.compress_size != member.file_size:
            raise bulk_failure(source, f"{name} has two sizes")


def member_document(archive: bytes | mmap.mmap, member: ZipInfo, source: str) -> Document:
    """Return the record of one member. Raises :class:`OperationalError` (TRU802)."""
    import zlib

    packed = packed_member(archive, member, source)
    identifier = member.filename.removesuffix(_ENDING)
    if member.compress_type == _STORED:
        document = Document(identifier, packed)
    else:
        document = Document(identifier, _inflated(packed, member, source), packed)
    if len(document.data) != member.file_size or zlib.crc32(document.data) != member.CRC:
        raise bulk_failure(source, f"{member.filename} differs from its checksum")
    return document


class _Inflater(Protocol):
    """What the decompression objects of both libraries have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _inflater() -> tuple[_Inflater, type[Exception]]:
    """Return an inflater of ISA-L where that is installed, else of zlib, and the error that it raises."""
    import zlib

    try:
        from isal import igzip_lib, isal_zlib
    except ImportError:
        return zlib.decompressobj(-zlib.MAX_WBITS), zlib.error
    error = igzip_lib.IsalError
    return isal_zlib.decompressobj(-zlib.MAX_WBITS), error  # type: ignore[return-value] # stub: an instance


def _inflated(packed: bytes, member: ZipInfo, source: str) -> bytes:
    """Inflate a member, one byte further than it claims at most."""
    inflater, failure = _inflater()
    try:
        data = inflater.decompress(packed, member.file_size + 1)
    except failure as error:
        raise bulk_failure(source, f"{member.filename} cannot be inflated") from error
    if not inflater.eof or inflater.unused_data:
        raise bulk_failure(source, f"{member.filename} is not as long as the archive says")
    return data


def packed_member(archive: bytes | mmap.mmap, member: ZipInfo, source: str) -> bytes:
    """Return the bytes of one member as they stand in the archive. Raises like :func:`member_document`."""
    start = member.header_offset
    header = archive[start : start + _LOCAL_HEADER_BYTES]
    if len(header) != _LOCAL_HEADER_BYTES or not header.startswith(_LOCAL_HEADER):
        raise bulk_failure(source, f"{member.filename} has no header")
    name_bytes, extra_bytes = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
    begin = start + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
    packed = bytes(archive[begin : begin + member.compress_size])
    if len(packed) != member.compress_size:
        raise bulk_failure(source, f"{member.filename} is cut off")
    return packed
