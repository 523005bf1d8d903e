"""The ``memory`` command: peak memory of a tool with all its processes.

The peak that the kernel keeps is that of the largest process. Where a tool works with several, their sum
matters; here it is sampled every few milliseconds as PSS, which counts shared pages once. Sampling disturbs,
so this is a command of its own and times nothing.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import summary
from benchmarks.install import Bench, open_bench
from benchmarks.places import Place, make_template
from benchmarks.tools import DEFAULT_TOOLS, TOOLS, Mode, Tool
from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from benchmarks.stopwatch import Measured

__all__ = ["Sampler", "run"]


class Sampler:
    """Watches a process and its descendants from :meth:`watch` until :meth:`stop`. Linux only."""

    def __init__(self, interval: float = 0.004) -> None:
        self._interval = interval
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._peak = 0

    def watch(self, process: int) -> None:
        """Begin to sample *process*."""
        self._over.clear()
        self._peak = 0
        self._thread = threading.Thread(target=self._sample, args=(process,))
        self._thread.start()

    def stop(self) -> int:
        """Return the largest sum of PSS that was seen, in bytes."""
        self._over.set()
        if self._thread:
            self._thread.join()
        return self._peak

    def _sample(self, process: int) -> None:
        while not self._over.wait(self._interval):
            self._peak = max(self._peak, sum(map(_proportional_size, _family(process))))


def _family(process: int) -> Iterable[int]:
    yield process
    for listing in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = listing.read_text(encoding="ascii").split()
        except OSError:  # it ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _proportional_size(process: int) -> int:
    """Return the PSS of *process* in bytes; 0 once it has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    kibibytes = (line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return int(next(kibibytes, 0)) * 1024


def run(given: argparse.Namespace) -> int:
    """Print the peak memory of each tool, workload and mode."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise BenchmarkError("the memory command needs Linux's /proc/PID/smaps_rollup")
    print(f"{'mode':16}{'workload':10}{'tool':14}{'largest process':>16}{'all processes':>16}")
    with open_bench(given, given.modes) as bench:
        for mode in given.modes:
            for workload in given.workloads:
                for name in given.tools or DEFAULT_TOOLS[mode]:
                    own, together = _peaks(bench, mode, workload, TOOLS[name], given.runs)
                    print(f"{mode:16}{workload:10}{name:14}{_mebibytes(own):>16}{_mebibytes(together):>16}")
    return 0


def _mebibytes(size: float) -> str:
    return f"{size / 2**20:.0f} MiB"


def _peaks(bench: Bench, mode: Mode, workload: str, tool: Tool, runs: int) -> tuple[float, float]:
    """Return the medians of the largest process and of all processes together, in bytes."""
    sampler = Sampler()
    series = bench.series(mode, workload, [tool])
    root = bench.ground.new("memory", needed=0)
    try:
        place = Place(root / tool.name, make_template(root))
        series.install(tool, place, bench.stopwatch)
        own: list[float] = []
        together: list[float] = []
        for _ in range(runs):
            if mode.is_cold:
                place.empty_cache()
            measured: Measured = series.install(tool, place, bench.stopwatch, started=sampler.watch)
            together.append(sampler.stop())
            own.append(measured.peak)
    finally:
        sampler.stop()
    return summary(own).median, summary(together).median
