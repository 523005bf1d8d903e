"""What an sdist says of itself without being built: PKG-INFO (PEP 643), else pyproject.toml (PEP 621).

The archive is read as a stream, within limits, and never extracted.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from typing import IO, TYPE_CHECKING

from trued.resolution.metadata_text import needs_build, read_pkg_info, read_pyproject, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.core.distribution import Distribution
    from trued.core.limits import Limits
    from trued.resolution.listing import Exclusion
    from trued.resolution.source import CandidateMetadata

__all__ = ["read_sdist"]

_MOST_MEMBERS = 200_000
_MOST_UNPACKED_BYTES = 512 * 1024 * 1024
_READ_BYTES = 256 * 1024
_WANTED = ("PKG-INFO", "pyproject.toml")


class _Unreadable(Exception):
    """The archive cannot be followed, or passes a limit; the argument says why."""


def read_sdist(path: str, file: Distribution, *, limits: Limits) -> CandidateMetadata | Exclusion:
    """Return the metadata of the sdist at *path*, or why only a build would tell it."""
    try:
        found = _stated(path, file, limits)
    except _Unreadable as problem:
        return unreadable(f"{file.filename} cannot be read: {problem}")
    if found is None:
        return needs_build(file.filename, "neither PKG-INFO nor pyproject.toml states it for certain")
    return found


def _stated(path: str, file: Distribution, limits: Limits) -> CandidateMetadata | Exclusion | None:
    """Return what the archive's one top folder states; PKG-INFO comes first wherever it stands."""
    pyproject: CandidateMetadata | None = None
    members = _zip_texts(path, limits) if file.filename.endswith(".zip") else _tar_texts(path, file, limits)
    for name, text in members:
        if name == "PKG-INFO":
            found = read_pkg_info(text, project=file.project, version=file.version)
            if found is not None:
                return found
        else:
            pyproject = pyproject or read_pyproject(text, project=file.project)
    return pyproject


def _zip_texts(path: str, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted files. Raises :class:`_Unreadable`."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            for count, member in enumerate(archive.infolist()):
                name = _wanted(member.filename, count)
                if name:
                    with archive.open(member) as stream:
                        yield name, _text(stream, member.file_size, limits)
    # zipfile raises RuntimeError of an encrypted member, and NotImplementedError of an unknown compression.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise _Unreadable(_first_line(error)) from error


def _tar_texts(path: str, file: Distribution, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield the wanted files. Raises :class:`_Unreadable`."""
    import lzma

    try:
        with open(path, "rb") as packed:
            bounded = _Bounded(_unpacked(packed, file.filename))
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                for count, member in enumerate(archive):
                    name = _wanted(member.name, count) if member.isreg() else ""
                    stream = archive.extractfile(member) if name else None
                    if stream is not None:
                        yield name, _text(stream, member.size, limits)
    except (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise _Unreadable(_first_line(error)) from error


def _wanted(path: str, count: int) -> str:
    """Return which of the wanted files the member is, or ``""``."""
    if count >= _MOST_MEMBERS:
        raise _Unreadable(f"it has more than {_MOST_MEMBERS} members")
    top, _, rest = path.removeprefix("./").partition("/")
    return rest if top and rest in _WANTED else ""


def _text(stream: IO[bytes], size: int, limits: Limits) -> bytes:
    if size > limits.metadata_bytes:
        raise _Unreadable(f"a file of metadata has {size} bytes")
    return stream.read(size)


def _unpacked(packed: IO[bytes], filename: str) -> IO[bytes]:
    """Return a stream of the tar archive in *packed*, by the name's ending."""
    import bz2
    import gzip
    import lzma

    if filename.endswith((".tar.gz", ".tgz")):
        return io.BufferedReader(gzip.GzipFile(fileobj=packed), _READ_BYTES)
    if filename.endswith(".tar.bz2"):
        return io.BufferedReader(bz2.BZ2File(packed), _READ_BYTES)
    if filename.endswith(".tar.xz"):
        return io.BufferedReader(lzma.LZMAFile(packed), _READ_BYTES)
    raise _Unreadable("its ending names no archive that is known")


class _Bounded(io.RawIOBase):
    """A stream that ends with an error past the limit, however far the archive would unpack."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = _MOST_UNPACKED_BYTES

    def read(self, size: int = -1, /) -> bytes:
        found = self._stream.read(size if 0 <= size <= _READ_BYTES else _READ_BYTES)
        self._left -= len(found)
        if self._left < 0:
            raise _Unreadable(f"it unpacks to more than {_MOST_UNPACKED_BYTES} bytes")
        return found


def _first_line(error: Exception) -> str:
    """Return the error's text, printable: it may quote the archive."""
    return ascii(str(error).partition("\n")[0])[1:-1][:200] or type(error).__name__
