"""Source trees whose build backend is hostile, and what stands around them to be robbed.

A tree carries its own backend (``backend-path``), so that a build needs nothing from outside. The backend
runs one piece of code and then builds an honest wheel. Code that gets through prints ``GOT`` and what it got.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trued.build.backend import Backend
from trued.build.limits import BuildLimits
from trued.build.log import BuildLog
from trued.build.sandbox import Confinement, Sandbox
from trued.build.source_tree import read_build_system
from trued.build.variables import build_variables

WHEEL = "evil-1.0-py3-none-any.whl"
_TABLE = """\
[build-system]
requires = []
build-backend = "evil"
backend-path = ["."]
"""
_BACKEND = """\
import ctypes, json, os, socket, subprocess, sys, time, zipfile
from pathlib import Path

around = json.loads((Path(__file__).parent / "around.json").read_text())


def got(what):
    print("GOT", what, flush=True)


def honest_wheel(folder, name="evil-1.0-py3-none-any.whl"):
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("evil.py", "")
        wheel.writestr("evil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: evil\\nVersion: 1.0\\n")
    return name


def attack(folder):
{code}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    try:
        answer = attack(wheel_directory)
    except (OSError, subprocess.SubprocessError) as error:
        print("held back:", repr(error), flush=True)
        answer = None
    return answer or honest_wheel(wheel_directory)
"""


def evil_tree(folder: Path, code: str, around: Mapping[str, object] | None = None) -> Path:
    """Write a tree below *folder* whose ``build_wheel`` runs *code* and return it."""
    tree = folder / "tree"
    tree.mkdir()
    indented = "\n".join(f"    {line}" for line in code.strip("\n").splitlines())
    (tree / "pyproject.toml").write_text(_TABLE)
    (tree / "around.json").write_text(json.dumps(around or {}))
    (tree / "evil.py").write_text(_BACKEND.replace("{code}", indented or "    pass"))
    return tree


@dataclass
class Outcome:
    """What a build printed, and where it put its wheel."""

    log: str
    folder: Path
    wheel: str = ""

    @property
    def loot(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("GOT")]


@dataclass
class Bench:
    """Runs hostile trees below *folder* in *sandbox*."""

    folder: Path
    sandbox: Sandbox
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    log: str = ""

    def build(
        self,
        code: str,
        *,
        around: Mapping[str, object] | None = None,
        limits: BuildLimits | None = None,
        hosts: tuple[str, ...] = (),
    ) -> Outcome:
        tree = evil_tree(self.folder, code, around)
        return self.build_tree(tree, limits=limits, hosts=hosts)

    def build_tree(
        self, tree: Path, *, limits: BuildLimits | None = None, hosts: tuple[str, ...] = ()
    ) -> Outcome:
        out = self.folder / "out"
        out.mkdir()
        with BuildLog(str(self.folder / "log"), mask=lambda text: text.replace("hunter2", "****")) as log:
            try:
                wheel = self.backend(tree, log, limits=limits, hosts=hosts).build_wheel(str(out))
            finally:
                log.close()
                self.log = (self.folder / "log").read_text()
        return Outcome(log=self.log, folder=out, wheel=wheel)

    def backend(
        self,
        tree: Path,
        log: BuildLog,
        *,
        limits: BuildLimits | None = None,
        hosts: tuple[str, ...] = (),
        in_place: bool = False,
        own: tuple[str, ...] = (),
    ) -> Backend:
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        variables = build_variables(self.environ, has_own_view=self.sandbox.moves_paths)
        return Backend(
            str(tree),
            read_build_system(str(tree)),
            python=sys.executable,
            site="",
            work=str(work),
            sandbox=self.sandbox,
            confinement=Confinement(
                cwd="/", environment=variables, hosts=hosts, limits=limits or BuildLimits(wall_seconds=60)
            ),
            log=log,
            in_place=in_place,
            own=own,
        )


def running_with(token: str) -> list[str]:
    """Return the command lines of this machine's processes in which *token* stands."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if token in line:
            lines.append(line)
    return lines
