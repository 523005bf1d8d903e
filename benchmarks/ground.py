"""The ground on which series are built: removed as late as possible, and then left to rest.

For a minute after files were removed, ext4 walks around their inodes (``recently_deleted`` and ``RECENTCY_MIN``
in fs/ext4/ialloc.c), so that each new file near them costs up to ten times as much. Whoever installs next
would be timed with that.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.workloads import Folder

__all__ = ["Ground"]

REST_SECONDS = 65


class Ground:
    """Gives each series a new folder; empties the runs folder before, when space runs out, and at the end."""

    def __init__(self, folder: Folder) -> None:
        self._runs = folder.runs
        self._stamp = folder.root / "emptied"
        self._count = 0
        self._empty()

    def new(self, name: str, *, needed: int) -> Path:
        """Return a new empty folder on ground that has rested.

        *needed* is in bytes. Raises :class:`BenchmarkError` when the disk has not that much.
        """
        if self._free() < needed:
            self._empty()
        if self._free() < needed:
            raise BenchmarkError(f"{name} needs {needed / 1e9:.0f} GB in {self._runs}: choose fewer --runs")
        self._rest()
        self._count += 1
        path = self._runs / f"{self._count}-{name}"
        path.mkdir()
        return path

    def close(self) -> None:
        """Remove everything that ran."""
        self._empty()

    def _free(self) -> int:
        return shutil.disk_usage(self._runs).free

    def _empty(self) -> None:
        """Empty the runs folder, and note the time when there was something to remove."""
        self._runs.mkdir(parents=True, exist_ok=True)
        for path in list(self._runs.iterdir()):
            shutil.rmtree(path)
            self._stamp.touch()
        # Only a written inode table is left alone after a minute; a dirty one after six.
        os.sync()

    def _rest(self) -> None:
        if not self._stamp.exists():
            return
        left = self._stamp.stat().st_mtime + REST_SECONDS - time.time()
        if left > 0:
            print(f"waiting {left:.0f} s: the file system still remembers what was removed", flush=True)
            time.sleep(left)
