"""Files of the site and of the ceremony: written whole or not at all, seen by readers old or new."""

from __future__ import annotations

import hashlib
import os
import shutil
from time import monotonic_ns

__all__ = ["digest_of", "link_whole", "read_if_there", "write_whole"]

_CHUNK = 1 << 20


def write_whole(path: str, data: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Put *data* at *path* through a draft beside it and a rename; folders are made.

    Without *durable* the caller sees to it that the data reaches the disk before anything names it.
    """
    draft = _draft(path)
    try:
        descriptor = _opened(draft, mode)
        with open(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        _forget(draft)
        raise


def link_whole(source: str, target: str) -> None:
    """Give *source*'s content a second name, by a hard link where the file system can, else by a copy."""
    draft = _draft(target)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        try:
            os.link(source, draft)
        except OSError:
            shutil.copyfile(source, draft)
        os.replace(draft, target)
    finally:
        _forget(draft)  # a rename between two names of one file leaves both


def digest_of(path: str) -> tuple[int, str]:
    """Return the file's length in bytes and its sha256 in hexadecimal."""
    length, digest = 0, hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_CHUNK):
            length += len(piece)
            digest.update(piece)
    return length, digest.hexdigest()


def read_if_there(path: str) -> bytes | None:
    """Return the file's content, ``None`` when there is no such file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _opened(draft: str, mode: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        return os.open(draft, flags, mode)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(draft), exist_ok=True)
        return os.open(draft, flags, mode)


def _draft(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[-100:]}.{os.getpid()}-{monotonic_ns():x}")


def _forget(draft: str) -> None:
    try:
        os.unlink(draft)
    except FileNotFoundError:
        return
