"""The ``install`` and ``report`` commands: run the series asked for, keep and show what came out."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import platform
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ground import Ground
from benchmarks.machine import describe
from benchmarks.prepare import prepare
from benchmarks.report import missed_budgets, render, spliced
from benchmarks.results import FOLDER, Results, combined, load, newest, save
from benchmarks.series import Series
from benchmarks.server import IndexServer, index_server
from benchmarks.sizes import size_of
from benchmarks.stopwatch import Stopwatch, stopwatch
from benchmarks.tools import DEFAULT_TOOLS, TOOLS, Mode, Programs, Tool, find_programs, version_of
from benchmarks.workloads import BenchmarkError, Folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

__all__ = ["Bench", "open_bench", "report", "run"]

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All that is running while series are timed."""

    folder: Folder
    ground: Ground
    server: IndexServer
    stopwatch: Stopwatch
    programs: Programs
    authority: Path | None

    def series(self, mode: Mode, workload: str, tools: Sequence[Tool]) -> Series:
        """Return the series of *tools* over *workload* in *mode*."""
        return Series(
            workload=self.folder.workload(workload),
            mode=mode,
            tools=tools,
            programs=self.programs,
            server=self.server,
            authority=self.authority,
        )


@contextlib.contextmanager
def open_bench(given: argparse.Namespace, modes: Sequence[Mode]) -> Iterator[Bench]:
    """Prepare what is missing, start index and stopwatch; everything that ran is removed at the end.

    Raises :class:`BenchmarkError` while another process times in the same folder.
    """
    folder = Folder(given.work)
    folder.root.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder.root / "lock"):
        yield from _opened(folder, given, https=Mode.COLD_HTTPS in modes)


@contextlib.contextmanager
def _alone_in(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BenchmarkError(f"another benchmark runs in {path.parent}: wait, or give --work") from error
        yield


def _opened(folder: Folder, given: argparse.Namespace, *, https: bool) -> Iterator[Bench]:
    missing = [name for name in given.workloads if not folder.resolved(name).exists()]
    if missing:
        prepare(folder, missing)
    ground = Ground(folder)
    run = folder.server
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    programs = find_programs(trued=given.trued, uv=given.uv, pip=given.pip)
    try:
        with (
            index_server(folder.index, run, https=https, standard=given.standard_server) as server,
            stopwatch(run) as watch,
        ):
            yield Bench(
                folder=folder,
                ground=ground,
                server=server,
                stopwatch=watch,
                programs=programs,
                authority=run / "authority.pem" if https else None,
            )
    finally:
        ground.close()
        shutil.rmtree(run)


def run(given: argparse.Namespace) -> int:
    """Time installations; return 1 when budgets are to be checked and one is missed."""
    if given.quick:
        given.workloads, given.modes = ["tiny", "small"], [Mode.WARM, Mode.COLD_HTTP]
        given.runs, given.slow_runs = 5, 1
    path = FOLDER / f"install-{_now():%Y%m%dT%H%M%S}.json"
    with open_bench(given, given.modes) as bench:
        results = _blank(given, bench)
        for mode in given.modes:
            tools = [TOOLS[name] for name in given.tools or DEFAULT_TOOLS[mode]]
            for workload in given.workloads:
                print(f"{mode}, {workload}: {', '.join(tool.name for tool in tools)}", flush=True)
                series = bench.series(mode, workload, tools)
                copies = series.copies(runs=given.runs, slow_runs=given.slow_runs)
                needed = copies * results.workloads[workload].installed_bytes
                root = bench.ground.new(f"{mode}-{workload}", needed=needed)
                results.samples.extend(
                    series.run(root, bench.stopwatch, runs=given.runs, slow_runs=given.slow_runs)
                )
                save(results, path)
    print(f"\n{render(results)}\n\nkept in {path}")
    missed = missed_budgets(results)
    print("\n".join(missed))
    return 1 if given.check and missed else 0


def report(given: argparse.Namespace) -> int:
    """Render results into the documentation page, or print them."""
    block = render(combined(map(load, given.results or [newest()])))
    if given.only_print:
        print(block)
    else:
        PAGE.write_text(spliced(PAGE.read_text(encoding="utf-8"), block), encoding="utf-8")
        print(f"written into {PAGE}")
    return 0


def _blank(given: argparse.Namespace, bench: Bench) -> Results:
    """Return results without samples: when, with what and over what they are taken."""
    names = {name for mode in given.modes for name in given.tools or DEFAULT_TOOLS[mode]}
    launchers = sorted({TOOLS[name].launcher(bench.programs) for name in names})
    return Results(
        date=f"{_now():%Y-%m-%d %H:%M} UTC",
        command=shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        server=bench.server.name,
        machine=describe(bench.folder.runs),
        versions={
            "python": f"Python {platform.python_version()}",
            **{launcher.name: version_of(launcher) for launcher in launchers},
        },
        workloads={name: size_of(bench.folder, name) for name in given.workloads},
        samples=[],
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
