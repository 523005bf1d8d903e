"""What the figures were taken on: processor, memory, kernel, file system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

__all__ = ["describe", "file_system"]


def describe(folder: Path) -> dict[str, str]:
    """Return the machine in words; *folder* is where the tools install."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{_distribution()}, {platform.system()} {platform.release()}",
        "file system": file_system(folder, _mounts()),
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown distribution")
    except OSError:
        return platform.platform(terse=True)


def _mounts() -> list[tuple[str, str]]:
    """Return (mount point, type) of what is mounted; empty where Linux's list of it is not found."""
    listing = Path("/proc/mounts")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    return [(fields[1], fields[2]) for fields in map(str.split, lines)]


def file_system(folder: Path, mounts: list[tuple[str, str]]) -> str:
    """Return the type of the file system that holds *folder*: that of the longest mount point above it."""
    above = [(len(point), kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above)[1] if above else "unknown"
