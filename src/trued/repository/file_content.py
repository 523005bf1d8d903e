"""Files of the site and of the ceremony: read, hashed, and given a second name."""

from __future__ import annotations

import hashlib
import os
import shutil

from trued.core.whole_file import draft_path

__all__ = ["digest_of", "link_whole", "read_if_there"]

_CHUNK = 1 << 20


def link_whole(source: str, target: str) -> None:
    """Give *source*'s content a second name, by a hard link where the file system can, else by a copy."""
    draft = draft_path(target)
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


def _forget(draft: str) -> None:
    try:
        os.unlink(draft)
    except FileNotFoundError:
        return
