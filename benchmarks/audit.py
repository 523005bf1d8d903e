"""The ``audit`` command: making the local advisory database, and looking pins up, each in a new process."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.audit_bulk import grown_bulk
from benchmarks.audit_tools import as_called, compared, timed
from benchmarks.figures import summary
from benchmarks.page_table import put_between, shown_seconds
from benchmarks.workloads import Folder

if TYPE_CHECKING:
    import argparse

    from benchmarks.stopwatch import Measured

__all__ = ["run"]

FIXTURE = Path(__file__).parents[1] / "tests" / "advisories" / "data" / "pypa-2024-10-10.zip"
PINS = 200
BEGIN, END = "<!-- audit: begin, written by `python -m benchmarks audit --write` -->", "<!-- audit: end -->"

_IMPORT = """
import mmap, sys
from functools import partial
from trued.advisories.building import import_archive
from trued.store.workers import outcomes
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as archive:
    import_archive(sys.argv[2], archive, source="benchmark", as_of="2026-01-01T00:00:00+00:00",
                   share=partial(outcomes, workers=2))
"""
_AUDIT = """
import sys
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.subject import AuditSubject
pins = [line.split("==") for line in open(sys.argv[2]).read().split()]
files = tuple(f"{number:064x}" for number in range(50))
subjects = [AuditSubject(project=name, version=version, sha256s=files) for name, version in pins]
with AdvisoryDatabase.open(sys.argv[1]) as database:
    rated = [(match, database.rating(match)) for match in database.audit(subjects).matches]
"""
_QUICK = """
import sys
from trued.advisories.quick_look import needing_a_look
lines = open(sys.argv[2]).read().split()
needing_a_look(sys.argv[1], [(*line.split("=="), ("0" * 64,)) for line in lines])
"""


def run(given: argparse.Namespace) -> int:
    """Time everything, print a table, and with ``--write`` put it into docs/performance.md."""
    if given.pip_audit:
        return _beside(str(given.pip_audit), given.runs, given.work)
    with tempfile.TemporaryDirectory() as folder:
        commands = _prepare(Path(folder), FIXTURE.read_bytes())
        samples = timed(commands, Path(folder), given.runs)
    rows = [_row(name, taken) for name, taken in samples.items()]
    text = "\n".join(["| what | time | processor time | memory |", "| --- | --- | --- | --- |", *rows])
    print(text)
    if given.write:
        put_between(Path(__file__).parents[1] / "docs" / "performance.md", BEGIN, END, text)
    return 0


def _beside(pip_audit: str, runs: int, work: Path | None) -> int:
    """Print the times of whole programs over the affected pins, and over a workload that is in *work*."""
    from packaging.version import InvalidVersion, Version

    from benchmarks.audit_index import write_audit_index

    pins = []
    for pin in _pins(FIXTURE.read_bytes())[0]:
        try:
            Version(pin.partition("==")[2])
        except InvalidVersion:
            continue  # pip-audit skips what is no version
        pins.append(pin)
    samples = compared(FIXTURE, pins, pip_audit, runs)
    with tempfile.TemporaryDirectory() as name:
        affected = Path(name, "affected.txt")
        affected.write_text(write_audit_index(Path(name, "index"), pins))
        samples |= as_called(FIXTURE, affected, Path(name, "index"), pip_audit, max(runs // 3, 1))
    if work is not None:
        workload = Folder(work).resolved("150")
        samples |= as_called(FIXTURE, workload, Folder(work).index, pip_audit, max(runs // 3, 1))
    print("\n".join(_row(name, taken) for name, taken in samples.items()))
    return 0


def _prepare(folder: Path, fixture: bytes) -> dict[str, list[str]]:
    bulk, small = folder / "all.zip", folder / "small.zip"
    bulk.write_bytes(grown_bulk(fixture))
    small.write_bytes(fixture)
    affected, clean = _pins(fixture)
    (folder / "affected.txt").write_text("\n".join(affected))
    (folder / "clean.txt").write_text("\n".join(clean))
    made, grown, real = (str(folder / name) for name in ("made.sqlite3", "grown.sqlite3", "real.sqlite3"))
    _once(_IMPORT, str(bulk), grown)
    _once(_IMPORT, str(small), real)
    bad, good = str(folder / "affected.txt"), str(folder / "clean.txt")
    return {
        "an empty process": _python("pass"),
        "import of 26,610 records": _python(_IMPORT, str(bulk), made),
        "200 affected pins, 2,661 records": _python(_AUDIT, real, bad),
        "200 clean pins, 26,610 records": _python(_AUDIT, grown, good),
        "200 affected pins, 26,610 records, ten times the matches": _python(_AUDIT, grown, bad),
        "the quick look at 200 clean pins, 26,610 records": _python(_QUICK, grown, good),
    }


def _pins(fixture: bytes) -> tuple[list[str], list[str]]:
    """Choose pins of projects with advisories: of releases that these name, and of ones after all fixes."""
    import io
    import zipfile

    chance = random.Random(20241010)
    named: dict[str, list[str]] = {}
    with zipfile.ZipFile(io.BytesIO(fixture)) as archive:
        for member in archive.namelist():
            for entry in json.loads(archive.read(member))["affected"]:
                named.setdefault(entry["package"]["name"].replace(".", "-"), []).extend(
                    entry.get("versions", ())
                )
    projects = chance.sample(sorted(name for name, versions in named.items() if versions), PINS)
    affected = [f"{name}=={chance.choice(named[name])}" for name in projects]
    return affected, [f"{name}==99999.1" for name in projects]


def _python(source: str, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-c", source, *arguments]


def _once(source: str, *arguments: str) -> None:
    import subprocess

    subprocess.run(_python(source, *arguments), check=True)


def _row(name: str, taken: list[Measured]) -> str:
    seconds = summary([each.seconds for each in taken])
    processor = summary([each.user + each.system for each in taken])
    peak = summary([each.peak / 2**20 for each in taken])
    times = f"{shown_seconds(seconds.median)} (least {shown_seconds(seconds.least)})"
    return f"| {name} | {times} | {shown_seconds(processor.median)} | {peak.median:.0f} MiB |"
