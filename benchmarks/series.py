"""A series: every tool once a round, in turn, over one workload in one mode."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.figures import rotated
from benchmarks.places import Place, check_installed, make_template
from benchmarks.tools import Mode, Programs, Situation, Tool
from benchmarks.workloads import BenchmarkError, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.server import IndexServer
    from benchmarks.stopwatch import Measured, Stopwatch

__all__ = ["Sample", "Series"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One timed run. Times in seconds, ``peak`` in bytes, ``requests`` as the index counted them."""

    mode: str
    workload: str
    tool: str
    seconds: float
    user: float
    system: float
    peak: int
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is measured, and with what."""

    workload: Workload
    mode: Mode
    tools: Sequence[Tool]
    programs: Programs
    server: IndexServer
    authority: Path | None

    def run(self, root: Path, stopwatch: Stopwatch, *, runs: int, slow_runs: int) -> list[Sample]:
        """Run *runs* rounds in the empty folder *root*; slow tools take part in the first *slow_runs* only.

        Before the first round each tool installs once unmeasured, which fills its cache, and in warm modes
        once more from it. Raises :class:`BenchmarkError` when a tool fails, installs something else, or
        asks the index for anything although it must not.
        """
        template = make_template(root)
        places = {tool.name: Place(root / tool.name, template) for tool in self.tools}
        for tool in self.tools:
            for _ in range(1 if self.mode.is_cold else 2):
                self.install(tool, places[tool.name], stopwatch)
        return [
            self._timed(tool, places[tool.name], stopwatch)
            for number in range(runs)
            for tool in rotated(self.tools, number)
            if number < slow_runs or not tool.is_slow
        ]

    def copies(self, *, runs: int, slow_runs: int) -> int:
        """Return how many copies of the workload :meth:`run` leaves on the disk, caches included."""
        return sum(
            2 if tool.links and not self.mode.is_cold else 2 + (slow_runs if tool.is_slow else runs)
            for tool in self.tools
        )

    def _timed(self, tool: Tool, place: Place, stopwatch: Stopwatch) -> Sample:
        before = self.server.requests(tool.name)
        if self.mode.is_cold:
            place.empty_cache()
        measured = self.install(tool, place, stopwatch)
        requests = self.server.requests(tool.name) - before
        if requests and tool.is_offline_when_warm and not self.mode.is_cold:
            raise BenchmarkError(
                f"{tool.name} made {requests} requests in a warm run, where it must make none"
            )
        return Sample(
            mode=str(self.mode),
            workload=self.workload.name,
            tool=tool.name,
            seconds=measured.seconds,
            user=measured.user,
            system=measured.system,
            peak=measured.peak,
            requests=requests,
        )

    def install(
        self, tool: Tool, place: Place, stopwatch: Stopwatch, *, started: Callable[[int], None] | None = None
    ) -> Measured:
        """Install into an empty environment and look at what came of it; only the command is measured.

        *started* is told the process id of the command.
        """
        place.lay_environment()
        # What the tool before wrote goes to the disk now, not while the next one is being timed.
        os.sync()
        command = tool.command(self._situation(tool, place), self.programs)
        measured = stopwatch.run(command, started=started)
        bytecode = self.mode in tool.bytecode_modes
        check_installed(place, self.workload.pins, bytecode=bytecode, who=f"{tool.name}, {self.mode},")
        return measured

    def _situation(self, tool: Tool, place: Place) -> Situation:
        is_https = self.mode is Mode.COLD_HTTPS
        scheme, port = ("https", self.server.https_port) if is_https else ("http", self.server.http_port)
        return Situation(
            mode=self.mode,
            requirements=self.workload.requirements,
            python=place.python,
            cache=place.cache,
            index_url=f"{scheme}://127.0.0.1:{port}/{tool.name}/simple/",
            authority=self.authority if is_https else None,
            home=place.home,
        )
