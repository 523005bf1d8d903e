"""How much a workload is."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import parse_wheel_filename

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.workloads import Folder

__all__ = ["WorkloadSize", "size_of"]

BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSize:
    """Distributions, bytes of their wheels, and the files inside these with the bytes they take on a disk."""

    distributions: int
    archive_bytes: int
    files: int
    installed_bytes: int


def size_of(folder: Folder, name: str) -> WorkloadSize:
    """Measure the wheels of workload *name*."""
    pins = folder.workload(name).pins
    wheels = [path for path in folder.files.glob("*.whl") if parse_wheel_filename(path.name)[:2] in pins]
    files = [size for wheel in wheels for size in _file_sizes(wheel)]
    return WorkloadSize(
        distributions=len(pins),
        archive_bytes=sum(wheel.stat().st_size for wheel in wheels),
        files=len(files),
        installed_bytes=sum(-(-size // BLOCK) * BLOCK for size in files),
    )


def _file_sizes(wheel: Path) -> list[int]:
    with zipfile.ZipFile(wheel) as archive:
        return [member.file_size for member in archive.infolist() if not member.is_dir()]
