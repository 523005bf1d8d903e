"""METADATA read out of a wheel on a server, without fetching the wheel (HTTP ranges, RFC 9110, section 14).

The end of the archive names its central directory, the directory names METADATA. What is read so is not
verified: no digest covers a part of a file. It decides what to choose, and is compared with the wheel once
that has arrived.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.core.record import dataclass
from trued.index.transport import Request, Response
from trued.wheel.central import DEFLATED, STORED, find_central
from trued.wheel.end_record import Directory
from trued.wheel.faults import Faults
from trued.wheel.inflate import DamagedMember, Packed, content

if TYPE_CHECKING:
    from trued.core.distribution import Distribution
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.index.transport import Transport
    from trued.wheel.central import CentralHeader

__all__ = ["NoRanges", "Tails", "read_metadata_member"]

_TAIL_BYTES = 32 * 1024
_MOST_TAIL_BYTES = 512 * 1024
_MOST_DIRECTORY_BYTES = 64 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_LOCAL_BYTES = 30
_LONGEST_EXTRA = 1024
"""Room for the local header's extra field, whose length only the header itself tells."""
_WIDE_16, _WIDE_32 = 0xFFFF, 0xFFFFFFFF


class NoRanges(Exception):
    """The member cannot be had in parts; ``of_server`` tells that this server sends no ranges of anything."""

    def __init__(self, *, of_server: bool = False) -> None:
        super().__init__(of_server)
        self.of_server = of_server


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Bytes of a remote file: where they begin, and how long the whole file is."""

    start: int
    total: int
    body: bytes

    def holds(self, start: int, stop: int) -> bool:
        return self.start <= start and stop <= self.start + len(self.body)

    def cut(self, start: int, stop: int) -> bytes:
        return self.body[start - self.start : stop - self.start]


class Tails:
    """How much of the end of a project's wheels held all that was read of the last one.

    The wheels of a project resemble each other: asked for as much at once, the next one is had in one request
    where the first one took three. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._bytes: dict[ProjectName, int] = {}

    def of(self, project: ProjectName) -> int:
        """Return how many bytes to ask for at first."""
        return self._bytes.get(project, _TAIL_BYTES)

    def note(self, project: ProjectName, needed: int) -> None:
        """Note how many bytes would have been enough; where that is too much, it is better had in parts."""
        wanted = max(_TAIL_BYTES, needed + needed // 16)
        self._bytes[project] = wanted if wanted <= _MOST_TAIL_BYTES else _TAIL_BYTES


def read_metadata_member(file: Distribution, transport: Transport, *, limits: Limits, tails: Tails) -> bytes:
    """Return the content of the METADATA of the wheel *file*; *tails* tell how much to ask for at first.

    Raises:
        NoRanges: it cannot be had this way; the whole file may still tell.
        OperationalError: the server could not be reached.

    """
    remote = _Remote(file, transport)
    tail = remote.tail(tails.of(file.project))
    directory = _directory(tail)
    block = remote.bytes(directory.offset, directory.offset + directory.size)
    header = _metadata_header(block, directory, filename=file.filename, limits=limits)
    found = _content(remote, header, end=directory.offset, limits=limits)
    tails.note(file.project, tail.total - header.offset)
    return found


class _Remote:
    """Asks for parts of one file; the end of it, which is asked for first, is kept."""

    def __init__(self, file: Distribution, transport: Transport) -> None:
        self._file = file
        self._transport = transport
        self._tail = _Part(start=0, total=0, body=b"")

    def tail(self, length: int) -> _Part:
        size = self._file.size
        if size is None:
            self._tail = self._ask(f"bytes=-{length}", most=length)
        else:
            self._tail = self._ask(f"bytes={max(0, size - length)}-{size - 1}", most=length)
            if self._tail.total != size:
                raise NoRanges
        if self._tail.start + len(self._tail.body) != self._tail.total:
            raise NoRanges
        return self._tail

    def bytes(self, start: int, stop: int) -> bytes:
        if not 0 <= start <= stop <= self._tail.total:
            raise NoRanges
        if start == stop:
            return b""
        if self._tail.holds(start, stop):
            return self._tail.cut(start, stop)
        part = self._ask(f"bytes={start}-{stop - 1}", most=stop - start)
        if part.total != self._tail.total or not part.holds(start, stop):
            raise NoRanges
        return part.cut(start, stop)

    def _ask(self, span: str, *, most: int) -> _Part:
        request = Request(
            url=self._file.url,
            max_bytes=most,
            subject=self._file.filename,
            headers=(("Range", span),),
            expected=frozenset({200, 206, 416}),
            compressed=False,
        )
        try:
            return _part(self._transport.fetch(request))
        except OperationalError as error:
            if all(finding.code == "TRU314" for finding in error.findings):
                raise NoRanges(of_server=True) from error  # it sends the whole file instead
            raise


def _part(response: Response) -> _Part:
    if "content-encoding" in response.headers:
        raise NoRanges
    if response.status == 200:
        return _Part(start=0, total=len(response.body), body=response.body)
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, total = rest.partition("/")
    first, _, last = span.partition("-")
    numbers = (first, last, total)
    if response.status != 206 or unit.lower() != "bytes" or not all(map(_is_number, numbers)):
        raise NoRanges
    if int(last) - int(first) + 1 != len(response.body) or int(last) >= int(total):
        raise NoRanges
    return _Part(start=int(first), total=int(total), body=response.body)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


def _directory(tail: _Part) -> Directory:
    """Return where the central directory lies; ZIP64 and comments are left to the wheel reader."""
    if len(tail.body) < _END.size:
        raise NoRanges
    signature, disk, first_disk, here, count, size, offset, comment = _END.unpack(tail.body[-_END.size :])
    if signature != b"PK\x05\x06" or comment or disk or first_disk or here != count:
        raise NoRanges
    if count == _WIDE_16 or _WIDE_32 in (size, offset) or size > _MOST_DIRECTORY_BYTES:
        raise NoRanges
    if offset + size != tail.total - _END.size:
        raise NoRanges
    return Directory(offset=offset, size=size, count=count)


def _metadata_header(block: bytes, directory: Directory, *, filename: str, limits: Limits) -> CentralHeader:
    """Return the one entry that is METADATA; the faults of an archive are the wheel reader's to tell."""
    faults = Faults(filename)
    within = Directory(offset=0, size=len(block), count=directory.count)
    ending = b".dist-info/METADATA"
    headers = find_central(block, within, ending=ending, limits=limits, faults=faults)
    found = [header for header in headers if header.path.count("/") == 1]
    if faults or len(found) != 1:
        raise NoRanges
    return found[0]


def _content(remote: _Remote, header: CentralHeader, *, end: int, limits: Limits) -> bytes:
    """Fetch the member's local header and data, which lie before *end*, and inflate them."""
    if max(header.size, header.packed_size) > limits.wheel_metadata_bytes:
        raise NoRanges
    if header.method not in (STORED, DEFLATED):
        raise NoRanges
    start = header.offset
    fixed = _LOCAL_BYTES + len(header.name)
    stop = min(start + fixed + _LONGEST_EXTRA + header.packed_size, end)
    block = remote.bytes(start, stop)
    if len(block) < fixed or block[:4] != b"PK\x03\x04":
        raise NoRanges
    extra = int.from_bytes(block[28:30], "little")
    packed = Packed(fixed + extra, header.packed_size, header.size, header.method, header.crc)
    try:
        return content(block, packed)
    except DamagedMember as damaged:
        raise NoRanges from damaged
