"""Reading a member's data: inflated in bounded pieces, its size and checksum compared.

Inflates with ISA-L where it is installed (twice as fast), else with zlib.
"""

from __future__ import annotations

import zlib

from trued.core.record import NamedTuple, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from mmap import mmap

__all__ = ["CHUNK", "DamagedMember", "Packed", "chunks", "content"]

CHUNK = 1024 * 1024
"""Bytes of content held at once: larger members are read in pieces of this size."""

_PACKED_CHUNK = 256 * 1024
_RAW_DEFLATE = -15
_STORED = 0


class _Inflater(Protocol):
    """What the decompression objects of both libraries have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Backend(NamedTuple):
    """The inflating library in use."""

    inflater: Callable[[int], _Inflater]
    crc32: Callable[[bytes, int], int]
    error: type[Exception]


def _backend() -> _Backend:
    try:
        from isal import igzip_lib, isal_zlib
    except ImportError:
        return _Backend(zlib.decompressobj, zlib.crc32, zlib.error)
    error = igzip_lib.IsalError
    return _Backend(isal_zlib.decompressobj, isal_zlib.crc32, error)  # type: ignore[arg-type] # stub: an instance


_inflater, _crc32, _InflateError = _backend()


class Packed(NamedTuple):
    """Where a member's data lies and what it has to become. Offset and sizes in bytes; ``method`` 0 or 8."""

    start: int
    packed_size: int
    size: int
    method: int
    crc: int


class DamagedMember(Exception):
    """The data is not what the headers state; ``reason`` is ``data``, ``size`` or ``crc``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def content(data: bytes | mmap, packed: Packed) -> bytes:
    """Return the whole content, at most of the stated size. Raises :class:`DamagedMember`."""
    raw = data[packed.start : packed.start + packed.packed_size]
    if packed.method == _STORED:
        found = raw
    else:
        inflater = _inflater(_RAW_DEFLATE)
        try:
            found = inflater.decompress(raw, packed.size + 1)
        except _InflateError as error:
            raise DamagedMember("data") from error
        if len(found) <= packed.size and (not inflater.eof or inflater.unused_data):
            raise DamagedMember("data")
    if len(found) != packed.size:
        raise DamagedMember("size")
    if _crc32(found, 0) != packed.crc:
        raise DamagedMember("crc")
    return found


def chunks(data: bytes | mmap, packed: Packed) -> Iterator[bytes]:
    """Yield the content in pieces of at most :data:`CHUNK` bytes. Raises :class:`DamagedMember`."""
    size = 0
    crc = 0
    for piece in _stored(data, packed) if packed.method == _STORED else _inflated(data, packed):
        size += len(piece)
        if size > packed.size:
            raise DamagedMember("size")
        crc = _crc32(piece, crc)
        yield piece
    if size != packed.size:
        raise DamagedMember("size")
    if crc != packed.crc:
        raise DamagedMember("crc")


def _stored(data: bytes | mmap, packed: Packed) -> Iterator[bytes]:
    end = packed.start + packed.packed_size
    for start in range(packed.start, end, CHUNK):
        yield data[start : min(start + CHUNK, end)]


def _inflated(data: bytes | mmap, packed: Packed) -> Iterator[bytes]:
    inflater = _inflater(_RAW_DEFLATE)
    end = packed.start + packed.packed_size
    for start in range(packed.start, end, _PACKED_CHUNK):
        pending = data[start : min(start + _PACKED_CHUNK, end)]
        while pending:
            if inflater.eof:
                raise DamagedMember("data")
            try:
                piece = inflater.decompress(pending, CHUNK)
            except _InflateError as error:
                raise DamagedMember("data") from error
            pending = inflater.unconsumed_tail
            if piece:
                yield piece
    yield from _rest(inflater)


def _rest(inflater: _Inflater) -> Iterator[bytes]:
    """Yield what the inflater still holds after the last input, and see that the stream has ended."""
    while not inflater.eof:
        try:
            piece = inflater.decompress(b"", CHUNK)
        except _InflateError as error:
            raise DamagedMember("data") from error
        if not piece:
            break
        yield piece
    if not inflater.eof or inflater.unused_data:
        raise DamagedMember("data")
