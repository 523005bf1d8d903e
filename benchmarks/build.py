"""The ``build`` command: source distributions built by trued in its sandbox, without it, and by pip.

Both projects have their backend in their own tree and need nothing from an index: what is timed is the tool,
its box and the build. Each run gets a setting of its own, so that nothing is taken from a cache that should
be built.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import rotated, summary
from benchmarks.page_table import put_between, shown_seconds
from benchmarks.stopwatch import Command, Measured, stopwatch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = ["run"]

BEGIN, END = (
    "<!-- build: begin, written by `python -m benchmarks build --write` -->",
    "<!-- build: end -->",
)
PROJECTS = ("pure", "compiled")
_TRUED = (sys.executable, "-m", "trued")
_C_FILES = 3
_BACKEND = """
import base64, hashlib, os, subprocess, zipfile

NAME = "{name}"
C_FILES = {files}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    files = {{f"{{NAME}}.py": b"version = 1\\n"}}
    if C_FILES:
        sources = [f"part{{number}}.c" for number in range(C_FILES)]
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", "parts.so", *sources], check=True)
        files[f"{{NAME}}_parts.so"] = open("parts.so", "rb").read()
    info = f"{{NAME}}-1.0.dist-info"
    files[f"{{info}}/METADATA"] = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: 1.0\\n".encode()
    files[f"{{info}}/WHEEL"] = b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    rows = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{{path}},sha256={{digest}},{{len(data)}}\\n")
    files[f"{{info}}/RECORD"] = ("".join(rows) + f"{{info}}/RECORD,,\\n").encode()
    name = f"{{NAME}}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return name
"""


def run(given: argparse.Namespace) -> int:
    """Build everything in turn, print a table, and with ``--write`` put it into the page."""
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        folder = Path(scratch)
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        for name in PROJECTS:
            _offer(folder, name)
        _prepared(folder, environment)
        samples = _measured(folder, environment, given.runs)
    rows = [_row(name, taken) for name, taken in samples.items()]
    text = "\n".join(["| what | time | processor time |", "| --- | --- | --- |", *rows])
    print(text)
    print(_overheads(samples))
    if given.write:
        text += f"\n\n{_overheads(samples)}"
        put_between(Path(__file__).parents[1] / "docs" / "performance.md", BEGIN, END, text)
    return 0


def _offer(folder: Path, name: str) -> None:
    """Write the source distribution, and requirements that pin it."""
    files = {
        "pyproject.toml": (
            "[build-system]\nrequires = []\nbuild-backend = 'own'\nbackend-path = ['.']\n"
            f"[project]\nname = '{name}'\nversion = '1.0'\n"
        ),
        "own.py": _BACKEND.format(name=name, files=_C_FILES if name == "compiled" else 0),
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n",
    }
    files |= {f"part{number}.c": _c_source(number) for number in range(_C_FILES)}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{name}-1.0/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    content = gzip.compress(plain.getvalue(), mtime=0)
    (folder / "files").mkdir(exist_ok=True)
    (folder / "files" / f"{name}-1.0.tar.gz").write_bytes(content)
    line = f"{name}==1.0 --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"
    (folder / f"{name}.txt").write_text(line)


def _c_source(number: int) -> str:
    """Return enough C to keep a compiler busy for some tenths of a second."""
    return "".join(
        f"double f{number}_{one}(double *x, int n) {{ double s = {one}; for (int i = 0; i < n; i++) "
        f"for (int j = i; j < n; j++) s += x[i] * x[j] / (1 + s * {one + 1}); return s; }}\n"
        for one in range(25)
    )


def _prepared(folder: Path, environment: Mapping[str, str]) -> None:
    """Make what the installations of built and fetched wheels begin with."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    made = [*_wheel("pure", folder), "-w", str(folder / "made")]
    done = subprocess.run(made, env=dict(environment), check=True, capture_output=True, text=True)
    digest, _, path = done.stdout.split("\n")[0].partition("  ")
    (folder / "wheel.txt").write_text(f"pure==1.0 --hash=sha256:{digest}\n")
    (folder / "wheels").mkdir()
    os.replace(path, folder / "wheels" / Path(path).name)
    for name in ("pure", "wheel"):
        subprocess.run(_install(name, folder), env=dict(environment), check=True)


def _wheel(name: str, folder: Path, *options: str) -> list[str]:
    links = ["--no-index", "--find-links", str(folder / "files"), "-r", str(folder / f"{name}.txt")]
    return [*_TRUED, "wheel", "-q", "--no-deps", *links, "--allow-build", name, *options]


def _install(name: str, folder: Path) -> list[str]:
    offered = folder / ("wheels" if name == "wheel" else "files")
    links = ["--no-index", "--find-links", str(offered), "-r", str(folder / f"{name}.txt")]
    place = ["--python", str(folder / "env"), "--force-reinstall"]
    return [*_TRUED, "install", "-q", *links, *place, "--allow-build", "pure"]


def _commands(folder: Path, number: int) -> dict[str, list[str]]:
    """Return what is timed in round *number*."""
    out = ["-w", str(folder / "out")]
    commands = {}
    for name in PROJECTS:
        fresh = ["-C", f"round={number}", *out]
        unboxed = ["-C", f"round=-{number}", "--no-sandbox", name, *out]
        commands[f"{name}: trued wheel"] = _wheel(name, folder, *fresh)
        commands[f"{name}: trued wheel --no-sandbox"] = _wheel(name, folder, *unboxed)
        commands[f"{name}: pip wheel --no-cache-dir"] = [
            *(sys.executable, "-m", "pip", "wheel", "-q", "--no-cache-dir", "--no-deps", "--no-index"),
            *(
                "--find-links",
                str(folder / "files"),
                "--no-binary",
                ":all:",
                "-r",
                str(folder / f"{name}.txt"),
            ),
            *out,
        ]
    commands["pure: trued wheel, built before"] = _wheel("pure", folder, *out)
    commands["pure: trued install, built before"] = _install("pure", folder)
    commands["the same from a wheel in the store"] = _install("wheel", folder)
    return commands


def _measured(folder: Path, environment: Mapping[str, str], runs: int) -> dict[str, list[Measured]]:
    samples: dict[str, list[Measured]] = {name: [] for name in _commands(folder, 0)}
    with stopwatch(folder) as watch:
        for number in range(runs):
            commands = _commands(folder, number + 1)
            for name in rotated(list(commands), number):
                command = Command(arguments=commands[name], environment=environment)
                samples[name].append(watch.run(command))
    return samples


def _row(name: str, taken: list[Measured]) -> str:
    seconds = summary([each.seconds for each in taken])
    processor = summary([each.user + each.system for each in taken])
    least = shown_seconds(seconds.least)
    return f"| {name} | {shown_seconds(seconds.median)} (least {least}) | {shown_seconds(processor.median)} |"


def _overheads(samples: Mapping[str, list[Measured]]) -> str:
    """Return what the sandbox costs, by the least of each: what else ran on the machine is not its cost."""
    told = []
    for name in PROJECTS:
        boxed, bare = (
            min(each.seconds for each in samples[f"{name}: trued wheel{option}"])
            for option in ("", " --no-sandbox")
        )
        told.append(f"{name} {1000 * (boxed - bare):.0f} ms ({100 * (boxed / bare - 1):.0f} %)")
    return f"The sandbox takes, by the least of each: {', '.join(told)}."
