"""The tools that are timed and the command line of each for the same work.

The work is always: install exactly the pinned wheels of a hashed requirements file, and no others, into an
empty virtual environment, from an index that is given. uv does it with ``uv pip sync``, its shortest way, and
pip with ``--no-deps``; trued runs plain ``trued install``, which also checks that the list is complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks.stopwatch import Command
from benchmarks.workloads import BenchmarkError

__all__ = ["DEFAULT_TOOLS", "TOOLS", "Mode", "Programs", "Situation", "Tool", "find_programs", "version_of"]


class Mode(StrEnum):
    """What a series measures."""

    WARM = "warm"
    WARM_FULL = "warm-full"
    WARM_BYTECODE = "warm-bytecode"
    COLD_HTTP = "cold-http"
    COLD_HTTPS = "cold-https"

    @property
    def is_cold(self) -> bool:
        """Whether each run begins with an empty cache."""
        return self in {Mode.COLD_HTTP, Mode.COLD_HTTPS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Absolute paths of the launchers."""

    trued: Path | None
    uv: Path | None
    pip: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One run: what to install, where, from which index, with which cache and home folder."""

    mode: Mode
    requirements: Path
    python: Path
    cache: Path
    index_url: str
    authority: Path | None
    home: Path


Arguments = Callable[[Situation], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way of installing.

    ``links`` tells that installed files share inodes with the cache; ``bytecode_modes`` in which modes
    ``.pyc`` files must stand there afterwards; ``is_slow`` that it takes part in the first rounds only;
    ``is_offline_when_warm`` that a warm run must ask the index for nothing.
    """

    name: str
    program: str
    arguments: Arguments
    links: bool = False
    bytecode_modes: frozenset[Mode] = frozenset()
    is_slow: bool = False
    is_offline_when_warm: bool = False

    def command(self, situation: Situation, programs: Programs) -> Command:
        """Return what to run in *situation*."""
        program = self.launcher(programs)
        environment = _environment(situation.home)
        if situation.authority and self.program == "uv":
            environment["SSL_CERT_FILE"] = str(situation.authority)
        return Command(arguments=[str(program), *self.arguments(situation)], environment=environment)

    def launcher(self, programs: Programs) -> Path:
        """Return the program to start. Raises :class:`BenchmarkError` when it was not found."""
        path: Path | None = getattr(programs, self.program)
        if path is None:
            raise BenchmarkError(f"{self.program} was not found: give --{self.program}, or other --tools")
        return path


def _environment(home: Path) -> dict[str, str]:
    """Return the same small environment for every tool: no settings of the user reach them."""
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TMPDIR": str(home),
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def _trued(situation: Situation) -> list[str]:
    arguments = ["install", "--quiet", "--require-hashes", "--python", str(situation.python)]
    arguments += ["--cache-dir", str(situation.cache), "--index-url", situation.index_url]
    arguments.append("--compile" if situation.mode is Mode.WARM_BYTECODE else "--no-compile")
    if situation.mode is Mode.WARM_FULL:
        arguments.append("--verify-store=full")
    if situation.authority:
        arguments += ["--cert", str(situation.authority)]
    return [*arguments, "-r", str(situation.requirements)]


def _uv_sync(*options: str) -> Arguments:
    def arguments(situation: Situation) -> list[str]:
        common = ["pip", "sync", "--quiet", "--require-hashes", "--python", str(situation.python)]
        common += ["--cache-dir", str(situation.cache), "--default-index", situation.index_url]
        return [*common, *options, str(situation.requirements)]

    return arguments


def _uv_install(situation: Situation) -> list[str]:
    common = ["pip", "install", "--quiet", "--require-hashes", "--no-deps", "--python", str(situation.python)]
    common += ["--cache-dir", str(situation.cache), "--default-index", situation.index_url]
    return [*common, "--link-mode", "hardlink", "-r", str(situation.requirements)]


def _pip(situation: Situation) -> list[str]:
    arguments = ["--python", str(situation.python), "install", "--quiet", "--no-input", "--require-hashes"]
    arguments += ["--no-deps", "--cache-dir", str(situation.cache), "--index-url", situation.index_url]
    arguments.append("--compile" if situation.mode is Mode.WARM_BYTECODE else "--no-compile")
    if situation.authority:
        arguments += ["--cert", str(situation.authority)]
    return [*arguments, "-r", str(situation.requirements)]


_COMPILED = frozenset({Mode.WARM_BYTECODE})

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            name="trued",
            program="trued",
            arguments=_trued,
            links=True,
            bytecode_modes=_COMPILED,
            is_offline_when_warm=True,
        ),
        Tool(name="uv", program="uv", arguments=_uv_sync("--link-mode", "hardlink"), links=True),
        Tool(name="uv-copy", program="uv", arguments=_uv_sync("--link-mode", "copy")),
        Tool(name="uv-install", program="uv", arguments=_uv_install, links=True),
        Tool(
            name="uv-bytecode",
            program="uv",
            arguments=_uv_sync("--link-mode", "hardlink", "--compile-bytecode"),
            links=True,
            bytecode_modes=frozenset(Mode),
            is_slow=True,
        ),
        Tool(name="pip", program="pip", arguments=_pip, bytecode_modes=_COMPILED, is_slow=True),
    )
}
"""Every tool by name; ``uv`` is what the others are compared with."""

DEFAULT_TOOLS: Mapping[Mode, tuple[str, ...]] = {
    Mode.WARM: ("trued", "uv", "uv-copy", "pip"),
    Mode.WARM_FULL: ("trued", "uv", "uv-copy"),
    Mode.WARM_BYTECODE: ("trued", "uv", "uv-bytecode", "pip"),
    Mode.COLD_HTTP: ("trued", "uv", "pip"),
    Mode.COLD_HTTPS: ("trued", "uv", "pip"),
}
"""What is timed in each mode when nothing else is asked for."""


def find_programs(*, trued: str | None, uv: str | None, pip: str | None) -> Programs:
    """Return the launchers: those named, else beside the running interpreter, else on the search path."""
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])

    def found(name: str, given: str | None) -> Path | None:
        program = shutil.which(given or name, path=path)
        if given and program is None:
            raise BenchmarkError(f"{given} is not a program")
        return Path(program).absolute() if program else None

    return Programs(trued=found("trued", trued), uv=found("uv", uv), pip=found("pip", pip))


def version_of(program: Path) -> str:
    """Return the first line that ``program --version`` prints, without the path that pip adds."""
    done = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{program} --version failed:\n{done.stderr[-1000:]}")
    return done.stdout.partition("\n")[0].partition(" from ")[0].partition(" (")[0].strip()
