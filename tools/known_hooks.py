"""Write ``src/trued/wheel/known_hooks.json``: the startup hooks of real releases, by digest.

    python tools/known_hooks.py tools/known_hooks.txt [--wheels FOLDER] [-- ARGUMENTS OF PIP]

Each line of the list is ``requirement [platform] [any-project]: why the hook is needed``; ``any-project``
marks one that runs nothing but the standard library, and so is known in every project. Each wheel whose
version is given is downloaded with pip into a temporary folder; those in FOLDER are read as well. All are
verified by trued's own reader, and the hooks are shown, to be read before the file is committed: the list
says "known", and knowing means that somebody looked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.core.names import normalize
from trued.wheel.reader import Member, VerifiedWheel, open_wheel, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUTPUT = Path(__file__).parent.parent / "src" / "trued" / "wheel" / "known_hooks.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One line of the list."""

    requirement: str
    platform: str
    any_project: bool
    why: str

    @property
    def project(self) -> str:
        """The project's normalised name."""
        return normalize(self.requirement.partition("==")[0])


class Contents:
    """A sink that keeps the contents, so that hooks can be shown."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, member: Member, content: bytes, /) -> None:
        """Keep a small member."""
        self.files[member.path] = content

    def begin(self, _member: Member, /) -> Contents:
        """Take a large one, which is not kept."""
        return self

    def write(self, _piece: bytes, /) -> None:
        """Drop a piece."""

    def close(self) -> None:
        """Finish a large one."""


def read_list(path: Path) -> list[Wanted]:
    """Return the lines of the list."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            what, _, why = line.partition(": ")
            requirement, *words = what.split()
            any_project = "any-project" in words
            platform = "".join(word for word in words if word != "any-project")
            found.append(Wanted(requirement=requirement, platform=platform, any_project=any_project, why=why))
    return found


def download(wanted: Wanted, folder: Path, pip_arguments: list[str]) -> None:
    """Download one wheel and nothing that it depends on."""
    platform = ["--platform", wanted.platform, "--python-version", "3.12"] if wanted.platform else []
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run(
        [*command, "--dest", str(folder), *platform, *pip_arguments, wanted.requirement], check=False
    )


def verified_wheels(paths: Iterable[Path]) -> Iterator[tuple[VerifiedWheel, dict[str, bytes]]]:
    """Read each wheel, telling those that are refused."""
    for path in paths:
        sink = Contents()
        try:
            yield unpack(open_wheel(path.read_bytes(), filename=path.name, limits=Limits()), sink), sink.files
        except Refused as refused:
            print(f"refused: {path.name}: {refused}", file=sys.stderr)


def rows_of(paths: Iterable[Path], listed: dict[str, Wanted]) -> list[dict[str, object]]:
    """Return the hooks found, one row a digest, and show each new one."""
    rows: dict[str, dict[str, object]] = {}
    found_in: dict[str, set[str]] = {}
    for verified, contents in verified_wheels(paths):
        project = verified.wheel.project
        for hook in verified.hooks if project in listed else ():
            if hook.sha256 not in rows:
                print(
                    f"== {verified.wheel.filename}: {hook.path} ({hook.kind})\n{contents[hook.path].decode()}"
                )
            wanted = listed[project]
            owner = None if wanted.any_project else project
            rows.setdefault(hook.sha256, {"project": owner, "sha256": hook.sha256, "why": wanted.why})
            found_in.setdefault(hook.sha256, set()).add(f"{project} {verified.wheel.version}: {hook.path}")
    for sha256, row in rows.items():
        row["found_in"] = sorted(found_in[sha256])
    return sorted(rows.values(), key=lambda row: str(row["found_in"]))


def main() -> int:
    """Download, read, show, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("list", type=Path)
    parser.add_argument("--wheels", type=Path, action="append", default=[])
    parser.add_argument("pip_arguments", nargs="*")
    arguments = parser.parse_args()
    wanted = read_list(arguments.list)
    listed = {one.project: one for one in wanted}
    with tempfile.TemporaryDirectory() as folder:
        for one in wanted:
            if "==" in one.requirement or not arguments.wheels:
                download(one, Path(folder), arguments.pip_arguments)
        folders = [Path(folder), *arguments.wheels]
        paths = sorted(path for place in folders for path in place.rglob("*.whl"))
        named = [path for path in paths if normalize(path.name.partition("-")[0]) in listed]
        rows = rows_of(named, listed)
    OUTPUT.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", "utf-8")
    print(f"{len(rows)} hooks written to {OUTPUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
