"""Every limit on what a build may take, in one class."""

from __future__ import annotations

from trued.core.record import dataclass

__all__ = ["BuildLimits", "UnpackLimits"]

_MIB = 1024 * 1024
_GIB = 1024 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildLimits:
    """Bounds of one hook's run, past which all its processes are killed. Seconds, bytes and counts.

    ``cpu_seconds`` and ``file_bytes`` are what one process and one file may take; the kernel holds them.
    ``memory_bytes`` and ``processes`` are those of the whole tree, ``written_bytes`` is what the writable
    folders may grow by, ``entries`` how many more files and folders there may be, ``output_bytes`` what the
    build may print. Memory and disk are never given whole: a tenth of the machine's memory and of the free
    space stays for others.
    """

    wall_seconds: float = 1800.0
    cpu_seconds: int = 7200
    memory_bytes: int = 64 * _GIB
    processes: int = 2048
    file_bytes: int = 8 * _GIB
    written_bytes: int = 32 * _GIB
    entries: int = 4_000_000
    output_bytes: int = 256 * _MIB
    result_bytes: int = 4 * _MIB
    """What a hook may answer: a list of requirements, or a file's name."""
    wheel_bytes: int = 8 * _GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackLimits:
    """Bounds of one source archive. Bytes and counts; the ratio is a plain number."""

    members: int = 200_000
    unpacked_bytes: int = 8 * _GIB
    member_bytes: int = 4 * _GIB
    ratio: int = 200
    """Unpacked size against the archive's; not judged below ``ratio_floor_bytes``."""
    ratio_floor_bytes: int = 64 * _MIB
    depth: int = 64
    path_bytes: int = 1024
