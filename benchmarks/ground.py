"""The ground on which series are built: fresh for each of them, emptied as late as possible.

For one to six minutes after files were removed, ext4 walks around their inodes (``recently_deleted`` in
fs/ext4/ialloc.c), so that each new file near them costs up to ten times as much. Whoever installs next would
be timed with that. So nothing is removed while there is room; each series stands in a part of the disk of
its own (``chattr +T``: the subfolders are unrelated, ext4 spreads them by name); and a minute passes after a
removal.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.workloads import Folder

__all__ = ["Ground"]

REST_SECONDS = 65
KEPT_BYTES = 15 * 10**9
"""What finished series may take on the disk before they are removed; other people may need the rest."""


class Ground:
    """Gives each series a new folder; empties the runs folder before, when space runs out, and at the end."""

    def __init__(self, folder: Folder) -> None:
        self._runs = folder.runs
        self._stamp = folder.root / "emptied"
        self._taken = 0
        self._empty()
        _spread_subfolders(self._runs)

    def new(self, name: str, *, needed: int) -> Path:
        """Return a new empty folder on ground that has rested.

        *needed* is in bytes. Raises :class:`BenchmarkError` when the disk has not that much.
        """
        if self._taken + needed > KEPT_BYTES or self._free() < needed:
            self._empty()
        if self._free() < needed:
            raise BenchmarkError(f"{name} needs {needed / 1e9:.0f} GB in {self._runs}: choose fewer --runs")
        self._taken += needed
        self._rest()
        path = self._runs / f"{name}-{time.time_ns():x}"
        path.mkdir()
        return path

    def close(self) -> None:
        """Remove everything that ran."""
        self._empty()

    def _free(self) -> int:
        return shutil.disk_usage(self._runs).free

    def _empty(self) -> None:
        """Empty the runs folder, and note the time when there was something to remove."""
        self._taken = 0
        self._runs.mkdir(parents=True, exist_ok=True)
        for path in list(self._runs.iterdir()):
            shutil.rmtree(path)
            self._stamp.touch()
        # Inodes in a part of their table that is not yet written are walked around for six minutes, not one.
        os.sync()

    def _rest(self) -> None:
        if not self._stamp.exists():
            return
        left = self._stamp.stat().st_mtime + REST_SECONDS - time.time()
        if left > 0:
            print(f"waiting {left:.0f} s: the file system still remembers what was removed", flush=True)
            time.sleep(left)


def _spread_subfolders(path: Path) -> None:
    """Set the flag of an ext file system; where there is no such flag or no ``chattr``, nothing happens."""
    chattr = shutil.which("chattr")
    if chattr:
        subprocess.run([chattr, "+T", str(path)], capture_output=True, check=False)
