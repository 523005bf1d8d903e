"""The ``verify`` command: environments made by trued and uv, looked at file by file in new processes."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import rotated, summary
from benchmarks.page_table import put_between, shown_seconds
from benchmarks.stopwatch import Command, Measured, stopwatch
from benchmarks.workloads import BenchmarkError, Folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

__all__ = ["run"]

BEGIN, END = (
    "<!-- verify: begin, written by `python -m benchmarks verify --write` -->",
    "<!-- verify: end -->",
)
MANY = 43_000
KINDS = ("trued", "trued with bytecode", "uv")


def run(given: argparse.Namespace) -> int:
    """Make the environments, time everything, print a table, and with ``--write`` put it into the page."""
    source = Folder(given.work)
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        folder = Path(scratch)
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
        }
        places = {
            f"{name}, by {kind}": _made(source, name, kind, folder, environment)
            for name in given.workloads
            for kind in KINDS
        }
        places |= {f"{MANY:,} files, by {kind}": _many(kind, folder, environment) for kind in ("trued", "uv")}
        commands = {name: _verify(place) for name, place in places.items()}
        first = {name: _timed(folder, command, environment) for name, command in commands.items()}
        samples = _measure(commands, folder, environment, given.runs)
        rows = [_row(name, places[name], first[name], taken) for name, taken in samples.items()]
    head = "| environment | files | bytecode | the first time | time | processor time | memory |"
    text = "\n".join([head, "| --- | --- | --- | --- | --- | --- | --- |", *rows])
    print(text)
    if given.write:
        put_between(Path(__file__).parents[1] / "docs" / "performance.md", BEGIN, END, text)
    return 0


def _many(kind: str, folder: Path, environment: Mapping[str, str]) -> Path:
    """Return an environment with wheels made up for it: 100 with 430 files each, of 0.2 to 25 kB."""
    wheels = folder / "many"
    lines = [_made_up(wheels, number) for number in range(100)] if not wheels.exists() else None
    requirements = folder / "many.txt"
    if lines:
        requirements.write_text("".join(f"{line}\n" for line in lines))
    return _installed(folder / f"many-{kind}", kind, wheels, requirements, environment)


def _made_up(wheels: Path, number: int) -> str:
    """Write one wheel and return the line that pins it."""
    wheels.mkdir(exist_ok=True)
    chance = random.Random(number)
    name = f"made{number:03}"
    files = {
        f"{name}/{part % 20}/{part}.dat": chance.randbytes(int(200 * 125 ** chance.random()))
        for part in range(MANY // 100 - 3)
    }
    files[f"{name}-1.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode()
    files[f"{name}-1.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = f"{name}-1.dist-info/RECORD"
    rows = [f"{path},sha256={_encoded(content)},{len(content)}" for path, content in files.items()]
    files[record] = "".join(f"{row}\n" for row in [*rows, f"{record},,"]).encode()
    path = wheels / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    return f"{name}==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _made(source: Folder, name: str, kind: str, folder: Path, environment: Mapping[str, str]) -> Path:
    """Return an environment with the workload, installed as *kind* says."""
    place = folder / f"{name}-{kind.replace(' ', '-')}"
    return _installed(place, kind, source.files, source.workload(name).requirements, environment)


def _installed(
    place: Path, kind: str, wheels: Path, requirements: Path, environment: Mapping[str, str]
) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    links = ["--no-index", "--find-links", str(wheels), "-r", str(requirements)]
    if kind == "uv":
        command = ["uv", "pip", "install", "-q", "--no-deps", "--python", str(place), *links]
    else:
        compiling = "--compile" if "bytecode" in kind else "--no-compile"
        command = [*_TRUED, "install", "-q", "--no-deps", compiling, "--python", str(place), *links]
        command += ["--allow-startup-hooks", "matplotlib", "--allow-startup-hooks", "setuptools"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{' '.join(command[:6])}: {done.stderr[-2000:]}")
    return place


_TRUED = (sys.executable, "-m", "trued")


def _verify(place: Path) -> list[str]:
    return [*_TRUED, "verify", "-q", "--offline", str(place)]


def _timed(folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    with stopwatch(folder) as watch:
        return watch.run(Command(arguments=command, environment=environment))


def _measure(
    commands: Mapping[str, list[str]], folder: Path, environment: Mapping[str, str], runs: int
) -> dict[str, list[Measured]]:
    samples: dict[str, list[Measured]] = {name: [] for name in commands}
    with stopwatch(folder) as watch:
        for number in range(runs):
            for name in rotated(list(commands), number):
                samples[name].append(watch.run(Command(arguments=commands[name], environment=environment)))
    return samples


def _row(name: str, place: Path, first: Measured, taken: list[Measured]) -> str:
    files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    compiled = sum(path.suffix == ".pyc" for path in files)
    seconds = summary([each.seconds for each in taken])
    processor = summary([each.user + each.system for each in taken])
    peak = summary([each.peak / 2**20 for each in taken])
    times = f"{shown_seconds(seconds.median)} (least {shown_seconds(seconds.least)})"
    counts = f"{len(files) - compiled:,} | {compiled:,}"
    return (
        f"| {name} | {counts} | {shown_seconds(first.seconds)} | {times} | {shown_seconds(processor.median)} "
        f"| {peak.median:.0f} MiB |"
    )
