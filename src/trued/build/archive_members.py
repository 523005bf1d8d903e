"""The members of a source archive, one after the other, from a tar or ZIP archive alike.

Tar archives are read as a stream with bounded reads: the headers of PAX and GNU state their own length, and
``tarfile`` would take all of it into memory. What is skipped counts too, since it has to be decompressed.
Sparse files and everything that is neither file, folder nor link count as special.
"""

from __future__ import annotations

import stat

from trued.core.record import Protocol, dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    import tarfile
    import zipfile
    from collections.abc import Iterator, Sequence
    from typing import IO

__all__ = ["Member", "Readable", "Unreadable", "archive_faults", "contents_of", "members_of"]

_HEADER_BYTES = 1024 * 1024
_HEADERS_BYTES = 4 * _HEADER_BYTES
"""Of all headers of one member: each may be followed by another."""
_GLOBAL_RECORDS = 64
_DIRECTORY_BYTES = 32 * 1024 * 1024
"""Of a ZIP archive's central directory, which ``zipfile`` reads as a whole into many small objects."""
_METHODS = (0, 8)
"""Stored and deflated: of others ``zipfile`` decompresses each piece as a whole, whatever it grows to."""
_PATH_BYTES = 16 * 1024
_LINK_BYTES = 4096
_PADDING_BYTES = 16 * 1024 * 1024
_DICTIONARY_BYTES = 256 * 1024 * 1024
_PIECE = 256 * 1024
_LATEST = 2**33


class Unreadable(Exception):
    """The archive cannot be read; the text says why."""


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member: ``kind`` is ``file``, ``folder``, ``symlink``, ``hardlink`` or ``special``.

    ``target`` is what a link names, ``modified`` is in seconds since 1970, ``offset`` says where in the
    archive its content is.
    """

    path: str
    kind: str
    size: int = 0
    mode: int = 0o644
    target: str = ""
    modified: int = 0
    offset: int = 0


def archive_faults() -> tuple[type[Exception], ...]:
    """Return what the readers of archives raise for bytes that are none, but for what the disk may say."""
    import lzma
    import tarfile
    import zipfile
    import zlib

    faults = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)
    return (*faults, ValueError, OverflowError, NotImplementedError, RuntimeError)


def members_of(archive: str, filename: str, *, stream_bytes: int) -> Iterator[Member]:
    """Go through the members of *archive*, whose kind *filename* tells; a tar ends at *stream_bytes*.

    Raises:
        Unreadable: It is no such archive, is cut off, or has headers past all measure.

    """
    faults: tuple[type[Exception], ...] = (
        *archive_faults(),
        OSError,
    )  # gzip and bz2 tell their own by OSError too
    try:
        if filename.endswith(".zip"):
            yield from _zip_members(archive)
        else:
            yield from _tar_members(archive, filename, stream_bytes)
    except faults as error:
        raise Unreadable(str(error) or type(error).__name__) from error


def contents_of(archive: str, filename: str, files: Sequence[Member]) -> Iterator[tuple[Member, Readable]]:
    """Go through what *files* hold, which are members in the archive's order; read each before the next.

    Raises:
        Unreadable: The archive is cut off; what :func:`archive_faults` names, where a checksum does not hold.

    """
    import zipfile

    if filename.endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            infos = opened.infolist()
            for member in files:
                with opened.open(infos[member.offset]) as content:
                    yield member, content
        return
    with open(archive, "rb") as file:
        flow = _Flow(_decompressed(file, filename))
        for member in files:
            flow.seek(member.offset)
            yield member, _Slice(flow, member.size)


def _tar_members(archive: str, filename: str, stream_bytes: int) -> Iterator[Member]:
    import tarfile

    with open(archive, "rb") as file:
        flow = _Flow(_decompressed(file, filename), most=stream_bytes)
        with tarfile.TarFile(fileobj=flow, mode="r", encoding="utf-8") as tar:  # type: ignore[arg-type]  # reads, tells, seeks on
            while (info := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined] # else all headers are kept
                flow.begin_member()
                if len(tar.pax_headers) > _GLOBAL_RECORDS:  # which stay to the end, each with its text
                    raise Unreadable(f"it has more than {_GLOBAL_RECORDS} global records")
                yield _tar_member(info)
        _check_rest(flow)


def _check_rest(flow: _Flow) -> None:
    """Refuse what follows the last member: ``tarfile`` takes a broken header for the end, others do not."""
    for _ in range(_PADDING_BYTES // _PIECE):
        rest = flow.take(_PIECE)
        if rest.strip(b"\0"):
            raise Unreadable("something follows its end")
        if not rest:
            return
    raise Unreadable("its end is padded past all measure")


def _tar_member(info: tarfile.TarInfo) -> Member:
    if info.size < 0:
        raise Unreadable("a member has a negative size")
    if len(info.name) > _PATH_BYTES or len(info.linkname) > _LINK_BYTES:
        raise Unreadable("a member's name or target is longer than any path")
    kind = "special"
    if info.isdir():
        kind = "folder"
    elif info.issym():
        kind = "symlink"
    elif info.islnk():
        kind = "hardlink"
    elif info.isreg() and not info.issparse():
        kind = "file"

    return Member(
        path=info.name,
        kind=kind,
        size=info.size if kind == "file" else 0,
        mode=info.mode,
        target=info.linkname,
        modified=min(max(int(info.mtime), 0), _LATEST),
        offset=info.offset_data,
    )


def _zip_members(archive: str) -> Iterator[Member]:
    import zipfile

    _check_directory(archive)
    with zipfile.ZipFile(archive) as opened:
        for number, info in enumerate(opened.infolist()):
            yield _zip_member(opened, info, number)


def _check_directory(archive: str) -> None:
    """Refuse a directory that readers could find in two places, or that would fill the memory."""
    from trued.wheel.end_record import find_directory
    from trued.wheel.faults import Faults
    from trued.wheel.file import mapped

    faults = Faults(archive)
    with mapped(archive) as data:
        found = find_directory(data, faults)
    if found is None:
        codes = ", ".join(finding.code for finding in faults.findings)
        raise Unreadable(f"its end cannot be trusted ({codes})")
    if found.size > _DIRECTORY_BYTES:
        raise Unreadable(f"its directory has more than {_DIRECTORY_BYTES} bytes")


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, number: int) -> Member:
    import calendar

    if info.header_offset < 0:
        raise Unreadable("a member begins before the archive does")
    if not info.filename:
        raise Unreadable("a member has no name")
    if info.compress_type not in _METHODS:
        raise Unreadable("a member is neither stored nor deflated")
    mode = info.external_attr >> 16
    target = ""
    if info.is_dir():
        kind = "folder"
    elif stat.S_ISLNK(mode):
        kind = "symlink"
        with archive.open(info) as file:
            target = file.read(_LINK_BYTES).decode()
    elif stat.S_IFMT(mode) in (0, stat.S_IFREG):
        kind = "file"
    else:
        kind = "special"

    return Member(
        path=info.filename.rstrip("/"),
        kind=kind,
        size=info.file_size if kind == "file" else 0,
        mode=stat.S_IMODE(mode) or 0o644,
        target=target,
        modified=calendar.timegm((*info.date_time, 0, 0, 0)),
        offset=number,
    )


def _decompressed(file: IO[bytes], filename: str) -> Readable:
    import bz2
    import gzip

    if filename.endswith((".tar.gz", ".tgz")):
        return gzip.GzipFile(fileobj=file)
    if filename.endswith(".tar.bz2"):
        return bz2.BZ2File(file)
    if filename.endswith(".tar.xz"):
        return _Xz(file)
    if filename.endswith(".tar"):
        return file
    raise Unreadable("its name ends like no source archive's")


class _Xz:
    """Decompresses one ``.xz`` with a bound on the memory that its headers may ask for."""

    def __init__(self, file: Readable) -> None:
        import lzma

        self._file = file
        self._inflate = lzma.LZMADecompressor(memlimit=_DICTIONARY_BYTES)

    def read(self, size: int, /) -> bytes:
        while not self._inflate.eof:
            data = self._file.read(_PIECE) if self._inflate.needs_input else b""
            if not data and self._inflate.needs_input:
                raise EOFError("the archive is cut off")
            if piece := self._inflate.decompress(data, size):
                return piece
        return b""


class _Flow:
    """A stream with a position, as ``tarfile`` wants it: it goes forward, or one byte back.

    It ends with an error after *most* bytes, if that is said, and where one member has too many headers.
    """

    def __init__(self, source: Readable, *, most: int | None = None) -> None:
        self._source = source
        self._most = most
        self._headers = 0
        self._position = 0
        self._last = b""
        self._again = b""

    def begin_member(self) -> None:
        """Count the headers of the next member anew."""
        self._headers = 0

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise Unreadable(f"a header takes more than {_HEADER_BYTES} bytes")
        self._headers += size
        if self._most is not None and self._headers > _HEADERS_BYTES:
            raise Unreadable(f"a member's headers take more than {_HEADERS_BYTES} bytes")
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Return the next *size* bytes, which are no header; fewer at the end."""
        pieces = [self._again[:size]]
        self._again = self._again[size:]
        missing = size - len(pieces[0])
        while missing and (piece := self._source.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        data = b"".join(pieces)
        self._position += len(data)
        if self._most is not None and self._position > self._most:
            raise Unreadable(f"it is longer than {self._most} bytes, headers and what is skipped included")
        self._last = data[-1:] or self._last
        return data

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = 0, /) -> int:
        if position == self._position - 1 and not self._again:
            self._position -= 1
            self._again = self._last
        while self._position < position:
            if not self.take(min(_PIECE, position - self._position)):
                break
        if whence or self._position > position:
            raise Unreadable("its members do not follow each other")
        return self._position

    def close(self) -> None:
        """Leave the file to who opened it."""


class _Slice:
    """The next *size* bytes of a stream, and an error where there are fewer."""

    def __init__(self, source: Readable, size: int) -> None:
        self._source = source
        self._left = size

    def read(self, size: int, /) -> bytes:
        data = self._source.read(min(size, self._left, _PIECE))
        if not data and self._left:
            raise Unreadable("the archive is cut off")
        self._left -= len(data)
        return data
