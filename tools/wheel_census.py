"""Read real wheels with the strict reader, and tell which are refused and why.

    python tools/wheel_census.py benchmarks/projects.txt FOLDER...

Every wheel in the folders is opened, unpacked into nothing, and verified, so the reader is held to what
projects really publish. The list says which projects ought to be among them; the missing are told, not
fetched: fill a folder with ``pip download --no-deps --only-binary :all:`` from an index or mirror that you
may use so.
"""

from __future__ import annotations

import argparse
import mmap
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.core.names import normalize
from trued.wheel.reader import Member, open_wheel, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable


class Nowhere:
    """A sink that keeps nothing."""

    def put(self, _member: Member, _content: bytes, /) -> None:
        """Drop a small member."""

    def begin(self, _member: Member, /) -> Nowhere:
        """Take a large one."""
        return self

    def write(self, _piece: bytes, /) -> None:
        """Drop a piece."""

    def close(self) -> None:
        """Finish a large one."""


@dataclass(slots=True)
class Census:
    """What was counted."""

    projects: set[str] = field(default_factory=set)
    wheels: int = 0
    members: int = 0
    seconds: float = 0.0
    refused: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    hooked: list[str] = field(default_factory=list)

    def count(self, path: Path) -> None:
        """Read one wheel."""
        begin = time.perf_counter()
        self.wheels += 1
        self.projects.add(normalize(path.name.partition("-")[0]))
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                wheel = open_wheel(data, filename=path.name, limits=Limits())
                verified = unpack(wheel, Nowhere())
            except Refused as refused:
                codes = dict.fromkeys(finding.code for finding in refused.findings)
                self.refused.append(f"{path.name}: {' '.join(codes)}: {dict(refused.findings[0].values)}")
                return
        self.members += len(wheel.members)
        self.seconds += time.perf_counter() - begin
        self.warned += [f"{path.name}: {warning.code} {dict(warning.values)}" for warning in wheel.warnings]
        self.hooked += [f"{path.name}: {hook.path} ({hook.known or 'unknown'})" for hook in verified.hooks]


def wheels_in(folders: Iterable[Path]) -> list[Path]:
    """Return the wheels of the folders."""
    return sorted(path for folder in folders for path in folder.rglob("*.whl"))


def main() -> int:
    """Read, count, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    arguments = parser.parse_args()
    lines = arguments.list.read_text("utf-8").splitlines()
    listed = {normalize(line) for line in lines if line and not line.startswith("#")}
    census = Census()
    for path in wheels_in(arguments.folders):
        census.count(path)
    print(f"{census.wheels} wheels of {len(census.projects)} projects, {census.members} members")
    print(f"{len(listed & census.projects)} of the {len(listed)} listed projects are among them")
    print(f"missing: {', '.join(sorted(listed - census.projects))}")
    for title in ("refused", "warned", "hooked"):
        lines = getattr(census, title)
        print(f"{title}: {len(lines)}")
        for line in lines:
            print(f"  {line}")
    return 1 if census.refused else 0


if __name__ == "__main__":
    sys.exit(main())
