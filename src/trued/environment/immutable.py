"""The file system's own "never to be changed": the immutable flag of Linux (``chattr +i``, ioctl_iflags(2)).

It belongs to the inode, not to the name: a hard link of an immutable file is immutable too, and nobody may
write it, rename it, link it or remove it, root included, until the flag is taken away. Setting it needs
CAP_LINUX_IMMUTABLE and a file system that keeps it (ext4, XFS, btrfs, newer tmpfs).
"""

from __future__ import annotations

import errno
import os
import struct
import sys

__all__ = ["is_immutable", "set_immutable", "why_not_immutable"]

_IMMUTABLE = 0x10
_LONG = struct.calcsize("l")
_NUMBERS_OF_ALL = ("x86_64", "i386", "i686", "aarch64", "arm", "riscv", "s390", "loongarch")
"""Machines whose ioctl numbers are built as ``asm-generic/ioctl.h`` does; POWER, MIPS and others differ."""
_GET = 0x80006601 | _LONG << 16
_SET = 0x40006602 | _LONG << 16
_OPEN = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
)


def why_not_immutable(folder: str) -> str:
    """Return why nothing in *folder* can be made immutable; empty when it can.

    It is tried, on a file without a name, which goes by itself whatever happens.
    """
    if sys.platform != "linux":
        return "this system has no immutable flag that trued knows"
    if not os.uname().machine.startswith(_NUMBERS_OF_ALL):
        return f"the numbers of this flag are not known for {os.uname().machine}"
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return f"it could not be tried: {error.strerror}"
    try:
        flags = _flags(descriptor)
        _put(descriptor, flags | _IMMUTABLE)
        _put(descriptor, flags)
    except OSError as error:
        if error.errno == errno.EPERM:
            return "it needs root (CAP_LINUX_IMMUTABLE)"
        if error.errno in (errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            return "the file system does not have it"
        return error.strerror or str(error)
    finally:
        os.close(descriptor)
    return ""


def is_immutable(path: str) -> bool:
    """Tell whether the file or folder at *path* is immutable; a link is not followed, and never is."""
    if sys.platform != "linux" or not os.uname().machine.startswith(_NUMBERS_OF_ALL):
        return False
    try:
        descriptor = os.open(path, _OPEN)
    except OSError:
        return False
    try:
        return bool(_flags(descriptor) & _IMMUTABLE)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def set_immutable(path: str, *, immutable: bool) -> bool:
    """Set or take away the flag of the file or folder at *path*; return whether that changed it.

    Raises: OSError, with *path*, when the system refuses.
    """
    try:
        descriptor = os.open(path, _OPEN)
        try:
            flags = _flags(descriptor)
            wanted = flags | _IMMUTABLE if immutable else flags & ~_IMMUTABLE
            if wanted != flags:
                _put(descriptor, wanted)
        finally:
            os.close(descriptor)
    except OSError as error:
        error.filename = path
        raise
    return wanted != flags


if sys.platform == "win32":

    def _flags(descriptor: int) -> int:
        del descriptor
        return 0

    def _put(descriptor: int, flags: int) -> None:
        del flags
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), descriptor)

else:

    def _flags(descriptor: int) -> int:
        """Return the flags; the kernel writes an ``int``, though the number says ``long``."""
        import fcntl

        buffer = bytearray(8)
        fcntl.ioctl(descriptor, _GET, buffer)
        return int(struct.unpack_from("i", buffer)[0])

    def _put(descriptor: int, flags: int) -> None:
        import fcntl

        fcntl.ioctl(descriptor, _SET, struct.pack("ii", flags, 0))
