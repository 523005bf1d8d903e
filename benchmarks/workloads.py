"""Workloads: named lists of top-level requirements, and the hashed files that were resolved from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

__all__ = ["WORKLOADS", "BenchmarkError", "Folder", "Workload", "read_pins"]

WORKLOADS = ("tiny", "small", "large", "150")
"""Every workload, in the order in which they are run and told."""

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)

Pin = tuple[str, Version]


class BenchmarkError(Exception):
    """The benchmark cannot go on; the text says why and what to do."""


def read_pins(text: str) -> frozenset[Pin]:
    """Return the (normalised name, version) of each ``name==version`` line of a requirements file."""
    return frozenset((canonicalize_name(name), Version(version)) for name, version in _PIN.findall(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One resolved workload: the hashed requirements file and what must be installed after it."""

    name: str
    requirements: Path
    pins: frozenset[Pin]


@dataclass(frozen=True, slots=True)
class Folder:
    """The work folder: resolved requirements, wheels, index pages and the places where tools install."""

    root: Path

    @property
    def index(self) -> Path:
        """The document root of the local index: ``simple/`` and ``files/``."""
        return self.root / "index"

    @property
    def files(self) -> Path:
        """The wheels and their ``.metadata`` sidecars."""
        return self.index / "files"

    @property
    def runs(self) -> Path:
        """Environments and caches of everything that is timed; emptied at the end."""
        return self.root / "runs"

    @property
    def server(self) -> Path:
        """Configuration, certificate and log of the running index."""
        return self.root / "server"

    def source(self, name: str) -> Path:
        """Return the committed top-level requirements of workload *name*."""
        return Path(__file__).parent / "workloads" / f"{name}.in"

    def resolved(self, name: str) -> Path:
        """Return where the hashed requirements of workload *name* stand once prepared."""
        return self.root / "workloads" / f"{name}.txt"

    def workload(self, name: str) -> Workload:
        """Return the prepared workload *name*. Raises :class:`BenchmarkError` when it is not prepared."""
        path = self.resolved(name)
        if not path.exists():
            raise BenchmarkError(f"{path} is missing: run `python -m benchmarks prepare --workloads {name}`")
        return Workload(name=name, requirements=path, pins=read_pins(path.read_text(encoding="utf-8")))
