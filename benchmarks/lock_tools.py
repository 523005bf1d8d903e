"""The commands that lock: the same requirement lines into hashed pins, each with a cache of its own."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.stopwatch import Command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["LOCK_TOOLS", "LockPlace", "command_of", "pins"]

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ \\;]+)", re.MULTILINE)
_PACKAGE = re.compile(r'^\[\[packages\]\]\nname = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockPlace:
    """Where one tool locks: its folder, the requirements, the index, and Python with pip-tools if given."""

    folder: Path
    requirements: Path
    index_url: str
    pip_tools: Path | None = None
    trued: str | None = None

    @property
    def cache(self) -> Path:
        """The cache of the tool."""
        return self.folder / "cache"

    @property
    def output(self) -> Path:
        """What the tool writes."""
        return self.folder / "pylock.toml" if self.folder.name == "pip" else self.folder / "locked.txt"


def _trued(place: LockPlace) -> list[str]:
    common = ["--only-binary", ":all:", "--index-url", place.index_url, "--cache-dir", str(place.cache)]
    files = ["-r", str(place.requirements), "-o", str(place.output)]
    return [place.trued or _beside("trued"), "lock", "--quiet", *common, *files]


def _uv(place: LockPlace) -> list[str]:
    common = ["--only-binary", ":all:", "--default-index", place.index_url, "--cache-dir", str(place.cache)]
    files = ["-o", str(place.output), str(place.requirements)]
    program = [_beside("uv"), "pip", "compile", "-q", "--generate-hashes", "--python", sys.executable]
    return [*program, *common, *files]


def _pip(place: LockPlace) -> list[str]:
    common = ["--only-binary", ":all:", "--index-url", place.index_url, "--cache-dir", str(place.cache)]
    files = ["-r", str(place.requirements), "-o", str(place.output)]
    return [sys.executable, "-m", "pip", "lock", "-q", *common, *files]


def _pip_compile(place: LockPlace) -> list[str]:
    common = ["--index-url", place.index_url, "--cache-dir", str(place.cache)]
    common += ["--pip-args", "--only-binary :all:"]
    files = ["-o", str(place.output), str(place.requirements)]
    python = str(place.pip_tools or sys.executable)
    return [python, "-m", "piptools", "compile", "-q", "--generate-hashes", *common, *files]


LOCK_TOOLS: dict[str, Callable[[LockPlace], list[str]]] = {
    "trued": _trued,
    "uv": _uv,
    "pip": _pip,
    "pip-compile": _pip_compile,
}


def command_of(tool: str, place: LockPlace) -> Command:
    """Return the command by which *tool* locks, with an environment that holds no settings of the user."""
    environment = {
        "HOME": str(place.folder),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        **{name: os.environ[name] for name in _CERTIFICATES if name in os.environ},
    }
    return Command(arguments=LOCK_TOOLS[tool](place), environment=environment)


def pins(text: str) -> dict[str, str]:
    """Return the versions by project that a requirements file or pylock.toml pins."""
    found = _PACKAGE.findall(text) or _PIN.findall(text)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def _beside(program: str) -> str:
    return os.path.join(os.path.dirname(sys.executable), program)
