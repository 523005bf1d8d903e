"""Where a body goes as it arrives: into memory, or into a private file while it is hashed."""

from __future__ import annotations

import hashlib
import os

from trued.core.record import Protocol, dataclass
from trued.index.failure import TransferFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.index.transport import Download, Progress

__all__ = ["Answer", "BodyReceiver", "FileReceiver", "Receiver"]


@dataclass(slots=True)
class Answer:
    """Status and headers (lower-case names) of one hop; the body has gone to the receiver."""

    status: int
    headers: dict[str, str]

    @property
    def length(self) -> int | None:
        """The length that the server announces, in bytes."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isdecimal() and text.isascii() else None


class Receiver(Protocol):
    """Takes the body of an answer. Every method may raise :class:`TransferFailed` or ``OSError``."""

    def request_headers(self) -> list[str]:
        """Return headers that ask for what is still missing."""

    def begin(self, answer: Answer) -> bool:
        """Prepare for the body of *answer*; ``False`` when it is of no interest."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""


class BodyReceiver:
    """Keeps a body in memory, up to a limit."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self._size = 0

    def request_headers(self) -> list[str]:
        """Ask for the whole body at every attempt."""
        return []

    def begin(self, answer: Answer) -> bool:
        """Forget what an earlier hop left; the bodies of errors and redirects are not kept."""
        self._chunks, self._size = [], 0
        return answer.status < 300

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises :class:`TransferFailed` past the limit."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise TransferFailed("TRU314", limit=str(self._max_bytes))
        self._chunks.append(chunk)

    @property
    def body(self) -> bytes:
        """What has arrived."""
        return b"".join(self._chunks)


class FileReceiver:
    """Writes a download into a new file, 0600, and hashes every byte that is written.

    A broken transfer is continued where it stopped when the server's validator still holds (RFC 9110,
    section 14.2: Range with If-Range). The hashes run on over the whole file; when the server sends the file
    from its beginning, they and the file begin anew.
    """

    def __init__(self, download: Download, progress: Progress | None = None) -> None:
        self._download = download
        self._progress = progress
        self._limit = download.max_bytes if download.expected is None else download.expected
        self._validator = ""
        self._size = 0
        self._hashes = self._new_hashes()
        self._file = os.open(download.path, _FLAGS, 0o600)

    def _new_hashes(self) -> dict[str, hashlib._Hash]:
        names = self._download.algorithms | {"sha256"}
        return {name: hashlib.new(name, usedforsecurity=False) for name in sorted(names)}

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    @property
    def digests(self) -> dict[str, str]:
        """Hexadecimal digests of the bytes written so far."""
        return {name: running.hexdigest() for name, running in self._hashes.items()}

    def request_headers(self) -> list[str]:
        """Ask for the rest when part of the file is here and can be continued."""
        if self._size and not self._validator:
            self._restart()
        if not self._size:
            return []
        return [f"Range: bytes={self._size}-", f"If-Range: {self._validator}"]

    def begin(self, answer: Answer) -> bool:
        """Continue after 206, begin anew after 200, take nothing of other answers."""
        if answer.status == 206:
            self._check_continues(answer)
        elif answer.status == 200:
            self._restart()
        else:
            if answer.status == 416:
                self.forget()
            return False
        self._validator = _strong_validator(answer.headers)
        self._check_announced(answer)
        return True

    def _check_continues(self, answer: Answer) -> None:
        unit, _, span = answer.headers.get("content-range", "").partition(" ")
        start = span.partition("-")[0]
        if unit.lower() != "bytes" or start != str(self._size) or not self._size:
            self.forget()
            raise TransferFailed(
                "TRU324", transient=True, detail="the server sent another part than was asked"
            )

    def _check_announced(self, answer: Answer) -> None:
        if answer.length is None or "content-encoding" in answer.headers:
            return
        if self._size + answer.length > self._limit:
            self._refuse_size(self._size + answer.length)

    def _restart(self) -> None:
        if self._size:
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            self._hashes = self._new_hashes()
            self._size = 0

    def forget(self) -> None:
        """Begin anew at the next attempt, whatever the server offers."""
        self._restart()
        self._validator = ""

    def write(self, chunk: bytes) -> None:
        """Hash and write the next bytes. Raises :class:`TransferFailed` past the limit."""
        if self._size + len(chunk) > self._limit:
            self._refuse_size(self._size + len(chunk))
        for running in self._hashes.values():
            running.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._file, view) :]
        self._size += len(chunk)
        if self._progress is not None:
            self._progress(self._download, self._size)

    def _refuse_size(self, size: int) -> None:
        if self._download.expected is not None:
            raise TransferFailed("TRU316", expected=str(self._download.expected), size=f"at least {size}")
        raise TransferFailed("TRU314", limit=str(self._download.max_bytes))

    def finish(self) -> None:
        """Close the file and compare its size with what was stated. Raises :class:`TransferFailed`."""
        self._close()
        expected = self._download.expected
        if expected is not None and expected != self._size:
            raise TransferFailed("TRU316", expected=str(expected), size=str(self._size))

    def discard(self) -> None:
        """Remove the file."""
        self._close()
        os.unlink(self._download.path)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _strong_validator(headers: dict[str, str]) -> str:
    """Return what ``If-Range`` may carry: a strong entity tag, else the date of change (RFC 9110, 13.1.5)."""
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        return tag
    return headers.get("last-modified", "")
