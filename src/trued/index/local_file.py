"""``file:`` URLs through the same port: read within limits, or copied and hashed as a download is."""

from __future__ import annotations

import os

from trued.core.regular_file import open_regular
from trued.index.failure import TransferFailed
from trued.index.receiver import Answer, FileReceiver
from trued.index.url import InvalidUrl, file_url_path

__all__ = ["copy_local", "read_local"]

_CHUNK_BYTES = 1024 * 1024


def read_local(url: str, *, max_bytes: int) -> bytes | None:
    """Return what the file at *url* holds, ``None`` when there is none. Raises :class:`TransferFailed`."""
    path = _path(url)
    try:
        with open_regular(path) as file:
            body = file.read(max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(body) > max_bytes:
        raise TransferFailed("TRU314", limit=str(max_bytes))
    return body


def copy_local(url: str, receiver: FileReceiver) -> None:
    """Feed the file at *url* to *receiver*. Raises :class:`TransferFailed`; ``OSError`` is the receiver's."""
    path = _path(url)
    try:
        source = open_regular(path)  # its errors and the receiver's are kept apart
    except OSError as error:
        raise _unreadable(path, error) from None
    with source:
        receiver.begin(Answer(200, {}))
        while chunk := _read(source.fileno(), path):
            receiver.write(chunk)


def _read(descriptor: int, path: str) -> bytes:
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from None


def _path(url: str) -> str:
    try:
        return file_url_path(url)
    except InvalidUrl as invalid:
        raise TransferFailed("TRU328", reason=invalid.reason) from None


def _unreadable(path: str, error: OSError) -> TransferFailed:
    return TransferFailed("TRU327", path=path, reason=error.strerror or error.__class__.__name__)
