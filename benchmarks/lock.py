"""The ``lock`` command: trued, uv, pip and pip-compile over the same requirements, cold and warm, in turn."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import lock_index, lock_report
from benchmarks.figures import rotated
from benchmarks.lock_tools import LockPlace, command_of, pins
from benchmarks.lock_workloads import LOCK_WORKLOADS, bounded
from benchmarks.results import FOLDER
from benchmarks.server import index_server
from benchmarks.stopwatch import Stopwatch, stopwatch
from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ["LockSample", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSample:
    """One measured lock; ``pins`` are its versions by project, ``failure`` why there are none.

    ``cache`` is ``cold``, ``warm`` (the same lock again) or ``changed`` (again, with one bound added).
    """

    index: str
    workload: str
    tool: str
    cache: str
    seconds: float = 0.0
    processor: float = 0.0
    peak: int = 0
    pins: dict[str, str] = dataclasses.field(default_factory=dict)
    failure: str = ""


def run(given: argparse.Namespace) -> int:
    """Time the locks, keep every figure as JSON and write the table into the documentation page."""
    path = FOLDER / f"lock-{given.index}-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.json"
    samples: list[LockSample] = []
    with tempfile.TemporaryDirectory(prefix="trued-lock-") as folder:
        for workload in given.workloads:
            with _index(given, workload, Path(folder)) as index_url, _watch(folder, given.limit) as watch:
                bench = _Bench(given, workload, index_url, watch, Path(folder) / workload)
                for sample in bench.samples():
                    samples.append(sample)
                    _save(path, samples)
    print(lock_report.table(json.loads(path.read_text(encoding="utf-8"))["samples"]))
    print(f"\nkept in {path}")
    return 0


@contextlib.contextmanager
def _watch(folder: str, limit: float) -> Iterator[Stopwatch]:
    with stopwatch(Path(folder), limit=limit) as watch:
        yield watch


@contextlib.contextmanager
def _index(given: argparse.Namespace, workload: str, folder: Path) -> Iterator[str]:
    """Give the address of the index: what this machine is set up for, or a recording of it."""
    from trued.index.default import default_index_url

    if given.index == "real":
        yield default_index_url()
        return
    root = given.work / "lock-index" / workload
    if not (root / "simple").exists():
        lock_index.record(LOCK_WORKLOADS[workload], root)
    run_folder = folder / f"server-{workload}"
    run_folder.mkdir()
    with index_server(root, run_folder, https=False, standard=False) as server:
        yield f"http://127.0.0.1:{server.http_port}/lock/simple/"


class _Bench:
    """One workload, round by round."""

    def __init__(
        self, given: argparse.Namespace, workload: str, index_url: str, watch: Stopwatch, folder: Path
    ) -> None:
        self._given = given
        self._workload = workload
        self._watch = watch
        folder.mkdir()
        self._requirements = folder / "requirements.in"
        self._places = {
            tool: LockPlace(
                folder=folder / tool,
                requirements=self._requirements,
                index_url=index_url,
                pip_tools=given.pip_tools,
                trued=given.trued,
            )
            for tool in given.tools
        }

    def samples(self) -> Iterator[LockSample]:
        """Yield a cold, a warm and a changed lock of each tool for each round; who failed does not go on."""
        left = list(self._places)
        for number in range(self._given.runs):
            for tool in rotated(left, number):
                for cache in ("cold", "warm", "changed"):
                    sample = self._sample(tool, cache)
                    yield sample
                    if sample.failure:
                        left.remove(tool)
                        break
            if not left:
                return

    def _sample(self, tool: str, cache: str) -> LockSample:
        place = self._places[tool]
        if cache == "cold":
            shutil.rmtree(place.folder, ignore_errors=True)
            place.folder.mkdir()
        place.output.unlink(missing_ok=True)
        lines = LOCK_WORKLOADS[self._workload]
        if cache == "changed":
            lines = (bounded(lines[0]), *lines[1:])
        self._requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        known = LockSample(index=self._given.index, workload=self._workload, tool=tool, cache=cache)
        try:
            measured = self._watch.run(command_of(tool, place))
        except BenchmarkError as error:
            print(f"{self._workload}, {tool}, {cache}: {error}", file=sys.stderr)
            return dataclasses.replace(known, failure=str(error)[-300:])
        print(f"{self._workload:18} {tool:12} {cache} {measured.seconds:7.2f} s", flush=True)
        return dataclasses.replace(
            known,
            seconds=measured.seconds,
            processor=measured.user + measured.system,
            peak=measured.peak,
            pins=pins(place.output.read_text(encoding="utf-8")),
        )


def _save(path: Path, samples: list[LockSample]) -> None:
    document = {
        "command": shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]),
        "samples": [dataclasses.asdict(sample) for sample in samples],
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
