"""Measures commands: elapsed time, processor time and peak memory, children included."""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Command", "Measured", "Stopwatch", "stopwatch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run: the arguments, beginning with an absolute path, and the whole environment."""

    arguments: Sequence[str]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One finished command. Times in seconds; ``peak`` in bytes, of the largest single process of it."""

    seconds: float
    user: float
    system: float
    peak: int


class Stopwatch:
    """Runs commands one after the other in a small process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path, limit: float) -> None:
        self._process = process
        self._output = output
        self._limit = limit

    def run(self, command: Command, *, started: Callable[[int], None] | None = None) -> Measured:
        """Run *command* to its end; *started* is told its process id.

        Raises :class:`BenchmarkError` with the end of its output when it fails or is stopped at the limit.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = (list(command.arguments), dict(command.environment), str(self._output))
        self._process.stdin.write(marshal.dumps(request))
        self._process.stdin.flush()
        child = marshal.load(self._process.stdout)
        alarm = threading.Timer(self._limit, _kill_group, (child,))
        alarm.start()
        if started:
            started(child)
        code, seconds, user, system, peak = marshal.load(self._process.stdout)
        alarm.cancel()
        if code:
            end = self._output.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise BenchmarkError(f"{' '.join(command.arguments)}\nended with status {code}:\n{end}")
        return Measured(seconds=seconds, user=user, system=system, peak=peak)


def _kill_group(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


@contextlib.contextmanager
def stopwatch(folder: Path, *, limit: float = 300) -> Iterator[Stopwatch]:
    """Start the measuring process in *folder*; a command may take *limit* seconds."""
    script = Path(__file__).with_name("stopwatch_process.py")
    command = [sys.executable, "-I", "-S", "-E", str(script)]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Stopwatch(process, folder / "output", limit)
        assert process.stdin is not None
        process.stdin.close()
