"""The ``startup`` command: what each tool costs before it does anything, and where trued spends it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import rotated, summary
from benchmarks.stopwatch import Command, Measured, stopwatch
from benchmarks.tools import find_programs
from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = ["imports", "run"]

_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)$", re.MULTILINE)


def run(given: argparse.Namespace) -> int:
    """Print the median time and memory of ``--version`` of each tool, and trued's slowest imports."""
    programs = find_programs(trued=given.trued, uv=given.uv, pip=given.pip)
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(Path.home())}
    commands = {
        "python -I -S -c pass": [sys.executable, "-I", "-S", "-c", "pass"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    for name in ("trued", "uv", "pip"):
        program: Path | None = getattr(programs, name)
        if program:
            commands[f"{name} --version"] = [str(program), "--version"]
    for name, samples in _measure(commands, environment, given.runs).items():
        print(_line(name, samples))
    if programs.trued:
        _print_imports(programs.trued, environment)
    return 0


def _measure(
    commands: Mapping[str, list[str]], environment: Mapping[str, str], runs: int
) -> dict[str, list[Measured]]:
    samples: dict[str, list[Measured]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder, stopwatch(Path(folder)) as watch:
        for number in range(-1, runs):
            for name in rotated(list(commands), number):
                measured = watch.run(Command(arguments=commands[name], environment=environment))
                if number >= 0:
                    samples[name].append(measured)
    return samples


def _line(name: str, samples: list[Measured]) -> str:
    times = summary([sample.seconds * 1000 for sample in samples])
    processor = summary([(sample.user + sample.system) * 1000 for sample in samples])
    peak = summary([sample.peak / 2**20 for sample in samples])
    spread = f"{times.lower:.1f} - {times.upper:.1f}"
    return (
        f"{name:24}{times.median:7.1f} ms ({spread})  cpu {processor.median:6.1f} ms  {peak.median:5.1f} MiB"
    )


def _print_imports(launcher: Path, environment: Mapping[str, str], *, most: int = 15) -> None:
    first = launcher.read_bytes().partition(b"\n")[0]
    if not first.startswith(b"#!"):
        print(f"{launcher} is not a script: its imports cannot be listed")
        return
    interpreter = first[2:].decode().split()[0]
    command = [interpreter, "-X", "importtime", str(launcher), "--version"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{launcher} --version failed:\n{done.stderr[-1000:]}")
    print("\nimports of trued --version, own time and with what they import in turn, ms (tracing included)")
    slowest = sorted(imports(done.stderr), key=lambda each: each[1], reverse=True)
    for name, own, total in slowest[:most]:
        print(f"{name:44}{own:8.2f}{total:8.2f}")


def imports(trace: str) -> list[tuple[str, float, float]]:
    """Return (module, own ms, total ms) of each line of ``python -X importtime``."""
    return [(name, int(own) / 1000, int(total) / 1000) for own, total, _, name in _IMPORT.findall(trace)]
