"""The seal: what the files of a tree looked like when they were last known to be what was verified.

A seal file lists the number (inode) of each file in manifest order, and the modification time that all of
them carry. The time of the seal is its own ctime: the kernel's, not to be set by anybody. A file is taken
as unchanged when its number, size and modification time are the recorded ones **and** its ctime is before
the seal's. Everything else is hashed again before it is linked.

What this rests on, and where it ends:

- Every write, truncation, change of mode, and ``utime`` moves a file's ctime, and so do linking and
  unlinking. So the seal is renewed after the store's own links are made. Deleting an environment unlinks
  its files, which moves their ctime: their next use hashes them once, which cannot be told apart from an
  edit and need not be.
- **The window.** Between the check of a file and the renewal of the seal (the milliseconds of one
  ``lay_out``) somebody else can write to it, and the renewed seal covers that. A second ``stat`` after the
  link would not help: the link has moved the ctime itself. But such a write moves the modification time,
  which is recorded apart, so the next use sees it. What stays is a writer who hits these milliseconds and
  puts the modification time back; who can do that can as well write the manifest and a new seal. Against
  such a one, who has the user's own rights, no cache is safe; the seal finds edits, not a forger.
  ``verify='full'`` finds the first, too.
- Changes of one tick of the kernel's coarse clock (1 to 10 ms) can bear one time. Linux 6.13 and later give
  a finer time to a file that changes again within a tick after its ctime was looked at, and nobody an
  earlier one after that. So a seal is touched, looked at and touched again: its time is then past that of
  every change before, and not past that of any change after it. A file is suspected from that very time on.
  Older kernels cannot tell the links of the last tick from what came after; there those files are hashed
  again at the next use.
- On Windows ``st_ctime`` is the time of creation: number, size and modification time have to do.
- **Power cuts.** Files are not synchronised one by one when they are admitted (0.15 ms each here, several
  on a spinning disk; 8,000 files in one large set). Instead the seal records the boot in which they were
  written. As long as that lasts the kernel's own memory is what is read. In the first use after another
  boot every file is hashed once, and the seal then no longer names a boot. The manifest carries its own
  digest for that. Where the system does not name its boots, every file is synchronised.
"""

from __future__ import annotations

import marshal
import os

from trued.store.directory import status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.store.directory import Directory
    from trued.store.manifest import File

__all__ = ["BOOT_ID", "FRAGMENT", "Seal", "boot_id", "moved", "read", "renew", "replace", "write"]

_FORMAT = 1
BOOT_ID = "/proc/sys/kernel/random/boot_id"

FRAGMENT = ".new"
"""Ends the name of a file that is about to replace another."""


class Seal:
    """What a tree's files looked like: ``inodes`` in manifest order, ``time`` (ctime) and ``mtime`` in ns.

    ``inodes`` is empty when nothing is known, ``time`` negative when nothing is to be relied on: then every
    file has moved.
    """

    __slots__ = ("boot", "inodes", "mtime", "time")

    def __init__(self, *, inodes: Sequence[int], mtime: int, time: int, boot: str) -> None:
        self.inodes = inodes
        self.mtime = mtime
        self.time = time
        self.boot = boot


def read(path: str, manifest: str) -> Seal:
    """Return the seal at *path*; one that vouches for nothing when there is none or it cannot be read.

    The same when the *manifest* file moved past it. The modification time of the files is then taken from
    the manifest's, which is the same.
    """
    described = os.stat(manifest)
    try:
        with open(path, "rb", buffering=0) as file:
            time = os.fstat(file.fileno()).st_ctime_ns
            found = marshal.loads(file.read())  # noqa: S302 - written by trued, as the manifest is
        written, boot, mtime, inodes = found
    except (OSError, EOFError, ValueError, TypeError, MemoryError):
        return Seal(inodes=(), mtime=described.st_mtime_ns, time=0, boot="")
    if (
        written != _FORMAT
        or type(inodes) is not tuple
        or type(mtime) is not int
        or type(boot) is not str
        or described.st_ctime_ns >= time
    ):
        return Seal(inodes=(), mtime=described.st_mtime_ns, time=0, boot="")
    return Seal(inodes=inodes, mtime=mtime, time=time, boot=boot)


def moved(files: Sequence[File], directory: Directory, *, seal: Seal, first: int) -> list[int]:
    """Return the positions in *files* of those that may differ from what was verified, or are gone.

    *first* is the position of the first of them in the whole manifest.
    """
    inodes, mtime, time = seal.inodes, seal.mtime, seal.time
    if not inodes or time < 0:
        return list(range(len(files)))
    found = []
    for position, file in enumerate(files):
        # By index: unpacking would touch every digest, and in a forked worker copy the pages they lie in.
        try:
            seen = status(file[0], directory)
        except FileNotFoundError:
            found.append(position)
        else:
            if (
                seen.st_ctime_ns >= time
                or seen.st_ino != inodes[first + position]
                or seen.st_size != file[1]
                or seen.st_mtime_ns != mtime
            ):
                found.append(position)
    return found


def renew(paths: Iterable[str]) -> None:
    """Move the time of each seal to now: their files were just checked, and linked by nobody but us."""
    is_past = False
    for path in paths:
        try:
            os.utime(path)
            if not is_past:  # once is enough: no time that is given after this is below it
                os.stat(path)
                os.utime(path)
                is_past = True
        except PermissionError:
            return  # somebody else's store: its files will be hashed again, which is right if not quick


def write(path: str, *, inodes: Sequence[int], mtime: int, boot: str) -> None:
    """Write a seal where there is none. *boot* is empty when the files are known to be on the disk."""
    with open(path, "xb", buffering=0) as file:
        file.write(marshal.dumps((_FORMAT, boot, mtime, tuple(inodes)), 4))
    renew((path,))


def replace(path: str, *, inodes: Sequence[int], mtime: int) -> None:
    """Write a new seal for files that were all just hashed, or left where an older seal had them."""
    fragment = f"{path}{FRAGMENT}{os.getpid()}"
    try:
        write(fragment, inodes=inodes, mtime=mtime, boot="")
        os.replace(fragment, path)
    except PermissionError:
        return


def boot_id() -> str:
    """Return what names the running boot of the system, or an empty string where the system does not say."""
    try:
        with open(BOOT_ID, "rb", buffering=0) as file:
            return file.read(64).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
