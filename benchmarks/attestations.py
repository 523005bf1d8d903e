"""The ``attestations`` command: what verifying provenance costs a process, cold and when it is remembered.

Three kinds of process run in turn, each fresh: one that reads the files, one that verifies them, and one that
finds every result in the database of known files. Processor time is what counts on a busy machine.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import rotated, summary
from benchmarks.stopwatch import Command, Measured, stopwatch
from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    import argparse

__all__ = ["COLD_SECONDS", "WARM_SECONDS", "run"]

COLD_SECONDS = 0.6
"""What verifying 50 files may take, from the start of the process to its end."""

WARM_SECONDS = 0.03
"""What 50 remembered results may add to a process that reads the files."""

_MODES = ("bare", "warm", "cold")
_KIND = "provenance object GitHub"


def run(given: argparse.Namespace) -> int:
    """Measure, print the figures, and with ``--check`` end with status 1 when a budget is missed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(given.attestations, folder)
        samples = _measure(folder, files=given.files, runs=given.runs)
    for mode in _MODES:
        print(_line(mode, samples[mode]))
    cold = summary([sample.seconds for sample in samples["cold"]]).median
    bare, warm = (summary([sample.seconds for sample in samples[mode]]).median for mode in ("bare", "warm"))
    print(f"cold {cold:.3f} s (budget {COLD_SECONDS}), remembered +{(warm - bare) * 1000:.1f} ms (budget 30)")
    missed = cold > COLD_SECONDS or warm - bare > WARM_SECONDS
    return 1 if given.check and missed else 0


def _prepare(source: Path, folder: Path) -> None:
    """Copy the provenance documents, and write a list of their files' names and digests."""
    if not (source / "index.json").is_file():
        raise BenchmarkError(f"{source} holds no index.json of attestations")
    index = json.loads((source / "index.json").read_bytes())
    chosen = [entry for entry in index if entry["kind"] == _KIND]
    for entry in chosen:
        shutil.copy(source / entry["file"], folder / f"{entry['distribution']}.provenance")
    lines = [f"{entry['distribution']} {entry['sha256']}" for entry in chosen]
    (folder / "files").write_text("\n".join(lines), encoding="ascii")


def _measure(folder: Path, *, files: int, runs: int) -> dict[str, list[Measured]]:
    process = str(Path(__file__).with_name("attestation_process.py"))
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    commands = {
        mode: Command(
            arguments=[sys.executable, process, mode, str(folder), str(files), str(folder / "known.sqlite3")],
            environment=environment,
        )
        for mode in _MODES
    }
    samples: dict[str, list[Measured]] = {mode: [] for mode in _MODES}
    with stopwatch(folder) as watch:
        for number in range(-1, runs):
            for mode in rotated(list(_MODES), number):
                measured = watch.run(commands[mode])
                if number >= 0:
                    samples[mode].append(measured)
    return samples


def _line(mode: str, samples: list[Measured]) -> str:
    times = summary([sample.seconds * 1000 for sample in samples])
    processor = summary([(sample.user + sample.system) * 1000 for sample in samples])
    spread = f"{times.lower:.1f} - {times.upper:.1f}, least {times.least:.1f}"
    cpu = f"cpu {processor.median:7.1f} ms, least {processor.least:.1f}"
    return f"{mode:6}{times.median:8.1f} ms ({spread})  {cpu}"
