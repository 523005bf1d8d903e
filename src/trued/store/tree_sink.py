"""Writing the members of a wheel below an entry's tree, read-only, from one thread or several."""

from __future__ import annotations

import os

from trued.store.directory import made
from trued.store.placement import SCRIPT_MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trued.store.manifest import Group
    from trued.store.placement import Placement
    from trued.wheel.reader import Member, MemberWriter

__all__ = ["TreeSink", "write_file"]

_DATES_OPEN_FILES = os.utime in os.supports_fd
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class TreeSink:
    """Takes members (:class:`trued.wheel.reader.Sink`) and remembers what the manifest and seal need.

    ``rewritten`` holds the paths of scripts that begin with ``#!python``. *mtime*, in ns, is given to every
    file; *synchronise* waits for the disk after each.
    """

    def __init__(self, tree: str, placement: Placement, *, mtime: int, synchronise: bool) -> None:
        self.rewritten: set[str] = set()
        self._tree = tree
        self._placement = placement
        self._mtime = mtime
        self._synchronise = synchronise
        self._inodes: dict[str, int] = {}
        self._made: set[str] = set()
        os.makedirs(tree)

    def put(self, member: Member, content: bytes, /) -> None:
        """Write a small member."""
        directory, _, name = member.path.rpartition("/")
        if self._placement.is_kept(directory, name):
            descriptor = self._opened(member, directory)
            try:
                _write_all(descriptor, content)
                self._finish(member.path, descriptor)
            finally:
                os.close(descriptor)
            if content.startswith(SCRIPT_MARK):
                self._note_script(member.path, directory)

    def begin(self, member: Member, /) -> MemberWriter:
        """Return the writer of a large member."""
        directory, _, name = member.path.rpartition("/")
        if not self._placement.is_kept(directory, name):
            return _Nowhere()

        def ended(descriptor: int, start: bytes) -> None:
            self._finish(member.path, descriptor)
            if start == SCRIPT_MARK:
                self._note_script(member.path, directory)

        return _Writer(self._opened(member, directory), ended=ended)

    def noted(self) -> tuple[dict[str, int], list[str]]:
        """Return what was remembered so far: the number of each file, and the scripts to be rewritten."""
        return self._inodes, list(self.rewritten)

    def note(self, inodes: Mapping[str, int], rewritten: Iterable[str]) -> None:
        """Remember what another process wrote into the same tree and :meth:`noted`."""
        self._inodes.update(inodes)
        self.rewritten.update(rewritten)

    def inodes(self, groups: Sequence[Group]) -> list[int]:
        """Return the numbers of the files of *groups*, in order."""
        return [
            self._inodes[f"{source}/{name}" if source else name]
            for _, source, _, files in groups
            for name, _, _, _ in files
        ]

    def _opened(self, member: Member, directory: str) -> int:
        if directory not in self._made:
            made(f"{self._tree}/{directory}" if directory else self._tree)
            self._made.add(directory)
        mode = 0o555 if self._placement.is_executable(directory, marked=member.executable) else 0o444
        return os.open(f"{self._tree}/{member.path}", _CREATE, mode)

    def _finish(self, path: str, descriptor: int) -> None:
        self._inodes[path] = _finished(descriptor, mtime=self._mtime, synchronise=self._synchronise)

    def _note_script(self, path: str, directory: str) -> None:
        if self._placement.is_script(directory):
            self.rewritten.add(path)


class _Writer:
    """Writes one file in pieces; *ended* is called with the open file and how it begins."""

    def __init__(self, descriptor: int, *, ended: Callable[[int, bytes], object]) -> None:
        self._descriptor = descriptor
        self._ended = ended
        self._start = b""

    def write(self, piece: bytes, /) -> None:
        if len(self._start) < len(SCRIPT_MARK):
            self._start = (self._start + piece[: len(SCRIPT_MARK)])[: len(SCRIPT_MARK)]
        _write_all(self._descriptor, piece)

    def close(self) -> None:
        try:
            self._ended(self._descriptor, self._start)
        finally:
            os.close(self._descriptor)


class _Nowhere:
    """Takes a member that is verified but not kept."""

    def write(self, piece: bytes, /) -> None:
        pass

    def close(self) -> None:
        pass


def write_file(path: str, content: bytes, *, mtime: int | None = None, synchronise: bool = False) -> int:
    """Write a new read-only file and return its number. *mtime* in ns; *synchronise* waits for the disk."""
    descriptor = os.open(path, _CREATE, 0o444)
    try:
        _write_all(descriptor, content)
        return _finished(descriptor, mtime=mtime, synchronise=synchronise)
    finally:
        os.close(descriptor)


def _finished(descriptor: int, *, mtime: int | None, synchronise: bool) -> int:
    """Date the open file, wait for the disk if asked to, and return its number."""
    if mtime is not None and _DATES_OPEN_FILES:
        os.utime(descriptor, ns=(mtime, mtime))
    if synchronise:
        os.fsync(descriptor)
    return os.fstat(descriptor).st_ino


def _write_all(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content) if content else 0
    if written < len(content):
        view = memoryview(content)[written:]
        while view:
            view = view[os.write(descriptor, view) :]
