"""Comparing files on disk with what they should be: every folder listed once, every file opened once.

Two workers take folders in turn (:mod:`trued.store.workers`). A file is opened without following a link and
without waiting, so that a planted pipe or link is told instead of read; it is looked at again after it was
hashed, so that one which changes meanwhile is told too. Bytes are never taken for granted: no shortcut by
inode or time is used, because whoever can write here can set both.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys

from trued.store.directory import closed, opened, opened_file
from trued.store.rehash import sha256
from trued.store.workers import MOST_BATCHES, outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.environment.verify_plan import Folder, Wanted
    from trued.store.directory import Directory

    Fault = tuple[str, str, str, str]
    """Kind, folder, name, detail. The name is empty for the folder itself."""
    Compiled = tuple[str, str, str]
    """Folder, name and sha256 of a file of bytecode."""
    Found = tuple[list[Fault], list[Fault], list[Compiled]]

__all__ = ["CACHE", "scan"]

CACHE = "__pycache__"
_PIECE = 256 * 1024
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BATCHES = 512
_WORTH_A_WORKER = 400
"""Files from which on a second worker pays."""


def scan(
    folders: Mapping[str, Folder], *, roots: Iterable[str], owners: frozenset[int], workers: int
) -> tuple[list[Fault], list[Fault], list[Compiled]]:
    """Return faults, what stands there unlisted (kind ``dir``, ``file``, ``link`` or ``other``), bytecode.

    *roots* are folders that may be reached through a link; *owners* are the users whose files these may be.
    """
    scanner = _Scanner(folders, frozenset(roots), owners)
    names = sorted(folders, key=lambda name: -len(folders[name].files))
    total = sum([len(folder.files) for folder in folders.values()])
    size = max(1, len(names) // min(_BATCHES, MOST_BATCHES))
    batches = [names[start : start + size] for start in range(0, len(names), size)]
    found = outcomes(scanner.work, batches, workers=workers if total >= _WORTH_A_WORKER else 1)
    faults, strangers, compiled = ([], [], []) if not found else found[0]
    for more in found[1:]:
        faults += more[0]
        strangers += more[1]
        compiled += more[2]
    return faults, strangers, compiled


class _Scanner:
    """One worker's state."""

    def __init__(self, folders: Mapping[str, Folder], roots: frozenset[str], owners: frozenset[int]) -> None:
        self._folders = folders
        self._roots = roots
        self._owners = owners
        self._faults: list[Fault] = []
        self._strangers: list[Fault] = []
        self._compiled: list[Compiled] = []
        self._buffer = memoryview(bytearray(_PIECE))

    def work(self, batches: Iterable[Sequence[str]]) -> Found:
        for batch in batches:
            for path in batch:
                self._folder(path, self._folders[path])
        return self._faults, self._strangers, self._compiled

    def _folder(self, path: str, folder: Folder) -> None:
        try:
            directory = opened(path) if path in self._roots else _opened_itself(path)
        except OSError as error:
            self._closed_folder(path, folder, error)
            return
        try:
            self._judge(os.stat(directory), path, "", None)
            for name, wanted in folder.files.items():
                self._file(directory, path, name, wanted)
            if folder.is_own:
                self._others(directory, path, folder)
        finally:
            closed(directory)

    def _closed_folder(self, path: str, folder: Folder, error: OSError) -> None:
        if os.path.islink(path):
            self._faults.append(("link", path, "", _destination(path)))
        elif error.errno == errno.ENOENT:
            self._faults += [("missing", path, name, "") for name in folder.files]
        else:
            self._faults.append(("unreadable", path, "", error.strerror or str(error)))

    def _file(self, directory: Directory, folder: str, name: str, wanted: Wanted) -> None:
        try:
            descriptor = opened_file(name, directory, _FILE)
        except FileNotFoundError:
            self._faults.append(("missing", folder, name, ""))
            return
        except OSError as error:
            path = f"{folder}/{name}"
            kind = "link" if os.path.islink(path) else "unreadable"
            detail = _destination(path) if kind == "link" else error.strerror or str(error)
            self._faults.append((kind, folder, name, detail))
            return
        try:
            self._content(descriptor, folder, name, wanted)
        finally:
            os.close(descriptor)

    def _content(self, descriptor: int, folder: str, name: str, wanted: Wanted) -> None:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            self._faults.append(("modified", folder, name, "it is no file"))
            return
        self._judge(before, folder, name, wanted)
        size, algorithm, digest, _, _ = wanted
        if size >= 0 and before.st_size != size:
            self._faults.append(("modified", folder, name, f"{size} bytes became {before.st_size}"))
            return
        if not digest:
            return
        is_equal = self._digest(descriptor, algorithm, before.st_size) == digest
        after = os.fstat(descriptor)
        if (after.st_mtime_ns, after.st_size) != (before.st_mtime_ns, before.st_size):
            self._faults.append(("changing", folder, name, ""))
        elif not is_equal:
            self._faults.append(("modified", folder, name, ""))

    def _judge(self, seen: os.stat_result, folder: str, name: str, wanted: Wanted | None) -> None:
        """Note permissions and owners that let others change what is there."""
        mode = stat.S_IMODE(seen.st_mode)
        if self._owners and seen.st_uid not in self._owners:
            self._faults.append(("owner", folder, name, str(seen.st_uid)))
        reason = ""
        if mode & 0o002 and not mode & stat.S_ISVTX:
            reason = "others may write it"
        elif name and mode & 0o6000:
            reason = "it runs as its owner or group"
        elif wanted is not None and wanted[3]:
            if bool(mode & 0o100) != (wanted[3] == 2) and os.name != "nt":
                reason = "it is executable" if mode & 0o100 else "it is not executable"
            elif mode & 0o222 and seen.st_nlink > 1:
                reason = "it is writable, and the store's own file"
        if reason:
            self._faults.append(("mode", folder, name, f"{mode:04o}: {reason}"))

    def _digest(self, descriptor: int, algorithm: str, size: int) -> bytes:
        if algorithm == "sha256":
            if size <= _PIECE:
                piece = os.read(descriptor, size + 1)
                digest = sha256(piece, usedforsecurity=False)
                return digest.digest() if len(piece) == size else b""
            digest = sha256(usedforsecurity=False)
        else:
            digest = hashlib.new(algorithm, usedforsecurity=False)
        left = size
        while left > 0 and (count := self._read(descriptor)):
            digest.update(self._buffer[:count])
            left -= count
        return digest.digest() if left == 0 else b""

    def _read(self, descriptor: int) -> int:
        if hasattr(os, "readv"):
            return os.readv(descriptor, (self._buffer,))
        piece = os.read(descriptor, _PIECE)
        self._buffer[: len(piece)] = piece
        return len(piece)

    def _others(self, directory: Directory, path: str, folder: Folder) -> None:
        """Note what stands in *path* that nothing lists, and take down the bytecode."""
        for name in os.listdir(directory):
            if name in folder.files or name in folder.folders:
                continue
            if name == CACHE:
                self._cache(f"{path}/{name}")
                continue
            try:
                seen = os.lstat(f"{path}/{name}")
            except FileNotFoundError:
                continue
            kind = _kind(seen.st_mode)
            self._strangers.append(
                (kind, path, name, _destination(f"{path}/{name}") if kind == "link" else "")
            )

    def _cache(self, path: str) -> None:
        """Hash the bytecode in one ``__pycache__``; what is no bytecode does not belong there."""
        try:
            directory = _opened_itself(path)
        except OSError:
            self._faults.append(("link", path, "", _destination(path)))
            return
        try:
            self._judge(os.stat(directory), path, "", None)
            for name in os.listdir(directory):
                self._bytecode(directory, path, name)
        finally:
            closed(directory)

    def _bytecode(self, directory: Directory, path: str, name: str) -> None:
        try:
            descriptor = opened_file(name, directory, _FILE)
        except FileNotFoundError:
            return
        except OSError:
            self._strangers.append(("link", path, name, _destination(f"{path}/{name}")))
            return
        try:
            seen = os.fstat(descriptor)
            if not stat.S_ISREG(seen.st_mode) or not name.endswith(".pyc"):
                self._strangers.append((_kind(seen.st_mode), path, name, ""))
                return
            self._judge(seen, path, name, None)
            self._compiled.append((path, name, self._digest(descriptor, "sha256", seen.st_size).hex()))
        finally:
            os.close(descriptor)


if sys.platform == "win32":

    def _opened_itself(path: str) -> Directory:
        """Open the folder at *path*. Raises: OSError when it is a link."""
        if os.path.islink(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        return opened(path)

else:

    def _opened_itself(path: str) -> Directory:
        """Open the folder at *path*. Raises: OSError when it is a link."""
        return os.open(path, _DIRECTORY | _NO_LINK)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "dir"
    if stat.S_ISLNK(mode):
        return "link"
    return "file" if stat.S_ISREG(mode) else "other"


def _destination(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
