"""Where a tool works during a series: its cache, and an empty virtual environment for each run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from benchmarks.workloads import BenchmarkError, Pin

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Place", "check_installed", "installed_pins", "make_template"]


def make_template(folder: Path) -> Path:
    """Make the empty virtual environment of which every run gets a copy; made once, it holds no pip."""
    template = folder / "template"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(template)], check=True)
    return template


class Place:
    """One tool's folder. The environment always has the same path, as a project's has.

    Nothing is removed while anything is still to be timed: a used environment, and a used cache, is moved
    aside. Removing a hard link changes the ctime of the inode that the cache shares with it, which a tool
    that watches its cache would have to look into; removing files makes new ones dearer (see ``ground``).
    """

    def __init__(self, folder: Path, template: Path) -> None:
        self.cache = folder / "cache"
        self.home = folder / "home"
        self.environment = folder / "environment"
        self._aside = folder / "aside"
        self._template = template
        self._count = 0
        for each in (self.cache, self.home, self._aside):
            each.mkdir(parents=True)

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.environment / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where the environment keeps what is installed."""
        [path] = self.environment.glob("lib/python*/site-packages")
        return path

    def lay_environment(self) -> None:
        """Put an empty environment in place of the one before."""
        self._move_aside(self.environment)
        shutil.copytree(self._template, self.environment, symlinks=True)

    def empty_cache(self) -> None:
        """Give the tool a cache as after its installation: none."""
        self._move_aside(self.cache)
        self.cache.mkdir()

    def _move_aside(self, path: Path) -> None:
        if path.exists():
            self._count += 1
            path.rename(self._aside / str(self._count))


def installed_pins(site_packages: Path) -> frozenset[Pin]:
    """Return the (normalised name, version) of each distribution that has a RECORD."""
    records = site_packages.glob("*.dist-info/RECORD")
    parts = (record.parent.name.removesuffix(".dist-info").rpartition("-") for record in records)
    return frozenset((canonicalize_name(name), Version(version)) for name, _, version in parts)


def check_installed(place: Place, pins: frozenset[Pin], *, bytecode: bool, who: str) -> None:
    """Raise :class:`BenchmarkError` unless exactly *pins* are installed, with or without bytecode as said."""
    found = installed_pins(place.site_packages)
    if found != pins:
        missing, extra = sorted(map(str, pins - found)), sorted(map(str, found - pins))
        raise BenchmarkError(f"{who} installed something else: missing {missing}, not asked for {extra}")
    compiled = next(place.site_packages.rglob("*.pyc"), None) is not None
    if compiled != bytecode:
        raise BenchmarkError(
            f"{who} wrote {'' if compiled else 'no '}bytecode, which this mode does not expect"
        )
