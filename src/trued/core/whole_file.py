"""A file that is written whole or not at all: readers see the old content or the new one. LEAN."""

from __future__ import annotations

import os
from time import monotonic_ns

__all__ = ["draft_path", "write_whole"]


def write_whole(
    path: str,
    *parts: bytes,
    mode: int = 0o666,
    keeps_mode: bool = False,
    makes_folders: bool = True,
    durable: bool = True,
) -> os.stat_result:
    """Put *parts* at *path* through a draft beside it and a rename; return what the new file is.

    *mode* is narrowed by the process's umask; with *keeps_mode* a file that stands there already gives its
    own. With *makes_folders* those that lack are made, for this user alone where *mode* is. Without *durable*
    a power cut may leave an empty file. Raises: OSError; no draft is left then.
    """
    draft = draft_path(path)
    if makes_folders:
        _make_folder(os.path.dirname(draft), mode)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(draft, flags, mode)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            if durable:
                os.fsync(descriptor)
            written = os.fstat(descriptor)
        if keeps_mode:
            _keep_mode(path, draft)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return written


def draft_path(path: str) -> str:
    """Return a hidden name beside *path* that no other draft has."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[-100:]}.{os.getpid()}-{monotonic_ns():x}")


def _make_folder(folder: str, mode: int) -> None:
    if folder and not os.path.isdir(folder):
        os.makedirs(folder, mode=0o777 if mode & 0o077 else 0o700, exist_ok=True)


def _keep_mode(path: str, draft: str) -> None:
    try:
        mode = os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        return
    os.chmod(draft, mode)
