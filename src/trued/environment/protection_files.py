"""The files of an environment as protection sees them: whose inode is whose, and which may be written.

An inode belongs to all its names. What protection changes of one that the store, another environment or
another tool's cache shares would reach all of them, so such a file first becomes a copy of its own.
"""

from __future__ import annotations

import os
import shutil
import stat
from itertools import groupby

from trued.core.record import NamedTuple
from trued.store.directory import closed, opened
from trued.store.transfer import clone, copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["STAGING", "Standing", "files_of", "is_writable", "made_private", "shared_outside"]

STAGING = ".trued-protecting"
"""The folder in an environment where copies are made; gone when that is done."""
_LEFT_OUT = (STAGING, "src")
"""Not below the environment's folder itself: pip checks out sources to work on below ``src``."""
_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class Standing(NamedTuple):
    """One file or folder: its path, its permissions, what tells its inode, and how many names that has."""

    path: str
    is_folder: bool
    mode: int
    inode: tuple[int, int]
    links: int


def files_of(prefix: str) -> Iterator[Standing]:
    """Yield all files and folders below *prefix*, deepest folders first, *prefix* itself last.

    Links are not followed, other file systems not entered, and what is neither file nor folder left out.
    Raises: OSError for a folder that cannot be listed.
    """
    device = os.lstat(prefix).st_dev
    entered = [(prefix, iter(_names(prefix, left_out=_LEFT_OUT)))]
    while entered:  # no recursion: folders can lie deeper in each other than Python calls
        folder, names = entered[-1]
        name = next(names, None)
        if name is None:
            entered.pop()
            yield _standing(folder, os.lstat(folder))
            continue
        path = f"{folder}/{name}"
        try:
            seen = os.lstat(path)
        except FileNotFoundError:
            continue
        if seen.st_dev != device:
            continue
        if stat.S_ISDIR(seen.st_mode):
            entered.append((path, iter(_names(path))))
        elif stat.S_ISREG(seen.st_mode):
            yield _standing(path, seen)


def _names(folder: str, *, left_out: tuple[str, ...] = ()) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name not in left_out)


def _standing(path: str, seen: os.stat_result) -> Standing:
    mode = stat.S_IMODE(seen.st_mode)
    return Standing(path, stat.S_ISDIR(seen.st_mode), mode, (seen.st_dev, seen.st_ino), seen.st_nlink)


def is_writable(one: Standing) -> bool:
    """Tell whether the permissions let anybody write the file."""
    return not one.is_folder and bool(one.mode & _WRITE)


def shared_outside(files: Iterable[Standing]) -> list[Standing]:
    """Return the files whose inode has names that are not among *files*."""
    standing = [one for one in files if not one.is_folder]
    seen: dict[tuple[int, int], int] = {}
    for one in standing:
        seen[one.inode] = seen.get(one.inode, 0) + 1
    return [one for one in standing if one.links > seen[one.inode]]


def made_private(
    files: Iterable[Standing], *, prefix: str, checkpoint: Callable[[str], None] = lambda _: None
) -> int:
    """Put a copy of its own in the place of each of *files*; return how many bytes that takes at most.

    Content, permissions, times and owner are the same. All copies are on disk before the first takes its
    place, and each takes it whole: whenever this ends, every path holds the same bytes as before. Raises:
    OSError.
    """
    staging = f"{prefix}/{STAGING}"
    shutil.rmtree(staging, ignore_errors=True)  # of a run that was killed
    chosen = list(files)
    if not chosen:
        return 0
    os.mkdir(staging, 0o700)
    try:
        made = []
        for number, (folder, held) in enumerate(groupby(chosen, key=lambda one: os.path.dirname(one.path))):
            drafts = f"{staging}/{number}"
            os.mkdir(drafts)
            names = [os.path.basename(one.path) for one in held]
            _copied(names, folder, drafts)
            made += [(f"{drafts}/{name}", f"{folder}/{name}") for name in names]
            checkpoint("copied")
        if hasattr(os, "sync"):
            os.sync()
        for draft, path in made:
            os.replace(draft, path)
            checkpoint("replaced")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return sum(os.lstat(one.path).st_size for one in chosen)


def _copied(names: Iterable[str], folder: str, drafts: str) -> None:
    """Copy files with all that belongs to them; blocks are shared where the file system can."""
    source, target = opened(folder), opened(drafts)
    try:
        for name in names:
            try:
                clone(name, source, target, executable=False)
            except OSError:
                copy(name, source, target, executable=False)
            _alike(f"{folder}/{name}", f"{drafts}/{name}")
    finally:
        closed(source)
        closed(target)


def _alike(path: str, draft: str) -> None:
    """Give *draft* the permissions, times, attributes and owner of the file at *path*."""
    before, after = os.lstat(path), os.lstat(draft)
    if hasattr(os, "chown") and (after.st_uid, after.st_gid) != (before.st_uid, before.st_gid):
        os.chown(draft, before.st_uid, before.st_gid)
    shutil.copystat(path, draft, follow_symlinks=False)
