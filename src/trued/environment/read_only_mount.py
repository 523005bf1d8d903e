"""A folder mounted onto itself, read-only: mount(2) with MS_BIND, then MS_REMOUNT with MS_RDONLY.

It holds for all who see this mount namespace, root included, until somebody unmounts it or the system is
started again. What is reachable by another path (a hard link in the store) is not covered.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import CDLL

__all__ = ["is_mounted_read_only", "mount_read_only", "unmount", "why_no_mount"]

_READ_ONLY, _BIND, _REMOUNT = 1, 4096, 32
_DETACH = 2
_KEPT = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""ST_* of statvfs(3) to MS_* of mount(2): what holds where the folder lies has to hold on it too."""
_CAP_SYS_ADMIN = 21


def why_no_mount() -> str:
    """Return why nothing can be mounted; empty when it can."""
    if sys.platform != "linux":
        return "this system has no bind mounts"
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            line = next(line for line in file if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return "/proc does not tell what this process may do"
    allowed = int(line.split()[1], 16) >> _CAP_SYS_ADMIN & 1
    return "" if allowed else "it needs root (CAP_SYS_ADMIN)"


def is_mounted_read_only(folder: str) -> bool:
    """Tell whether a mount of its own stands on *folder* that nobody can write through."""
    wanted = os.path.realpath(folder)
    found = False
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            for line in file:
                fields = line.split()
                if _path(fields[4]) == os.fsencode(wanted):
                    found = b"ro" in fields[5].split(b",")  # the last one counts: it lies above the others
    except (OSError, IndexError):
        return False
    return found


def mount_read_only(folder: str) -> None:
    """Mount *folder* onto itself, read-only. Raises: OSError; nothing is mounted then."""
    path = os.path.realpath(folder)
    kept = sum(flag for told, flag in _KEPT.items() if os.statvfs(path).f_flag & told)
    _mount(path, _BIND)
    try:
        _mount(path, _BIND | _REMOUNT | _READ_ONLY | kept)
    except BaseException:
        unmount(path)
        raise


def unmount(folder: str) -> None:
    """Take away the mount on *folder*, also where programs use it just now. Raises: OSError."""
    path = os.path.realpath(folder)
    if _library().umount2(os.fsencode(path), _DETACH):
        _failed(path)


def _mount(path: str, flags: int) -> None:
    if _library().mount(os.fsencode(path), os.fsencode(path), None, flags, None):
        _failed(path)


def _failed(path: str) -> None:
    import ctypes

    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), path)


def _library() -> CDLL:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    text = ctypes.c_char_p
    library.mount.argtypes = (text, text, text, ctypes.c_ulong, ctypes.c_void_p)
    library.umount2.argtypes = (text, ctypes.c_int)
    return library


def _path(field: bytes) -> bytes:
    """Return the path of a field of mountinfo, which has spaces and the like in octal (proc(5))."""
    if b"\\" not in field:
        return field
    for code in (b"\\040", b"\\011", b"\\012", b"\\134"):
        field = field.replace(code, bytes((int(code[1:], 8),)))
    return field
