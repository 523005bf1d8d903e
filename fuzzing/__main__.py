"""``python -m fuzzing``: fuzz the readers of foreign bytes with atheris, each for some seconds."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fuzzing.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

CHECKOUT = Path(__file__).parents[1]
EXAMPLES = """\
examples:
  python -m fuzzing                       every reader, ten seconds each, two at a time
  python -m fuzzing wheel --seconds 3600  one of them for an hour
  python -m fuzzing --list                the readers
"""
_LONGEST_INPUT_SECONDS = 10
_MOST_MEMORY_MIB = 2048
_GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one target: how many inputs were tried, and the input that broke it with its story."""

    name: str
    tried: int
    story: str = ""
    found: tuple[Path, ...] = ()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 when an input was found that a reader cannot take."""
    given = _parser().parse_args(arguments)
    targets = catalogue()
    if given.list:
        print("\n".join(targets))
        return 0
    names = given.targets or list(targets)
    if unknown := sorted(set(names) - set(targets)):
        print(f"fuzzing: no reader is called {', '.join(unknown)}: see --list", file=sys.stderr)
        return 2
    given.keep.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(given.jobs) as threads:
        outcomes = list(threads.map(lambda name: _fuzz(name, given.seconds, given.keep.resolve()), names))
    for outcome in outcomes:
        print(f"{outcome.name:<20}{outcome.tried:>10} inputs  {'FAILED' if outcome.story else 'passed'}")
    for outcome in outcomes:
        if outcome.story:
            kept = ", ".join(str(path) for path in outcome.found)
            print(f"\n{outcome.name}: {kept or 'no input was kept'}\n{outcome.story}")
    return int(any(outcome.story for outcome in outcomes))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fuzzing",
        description="Fuzzes the readers of foreign bytes. An input that breaks one is kept: freeze it in"
        " tests/fuzzing/found.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="READER", help="all without any")
    parser.add_argument("--seconds", type=int, default=10, help="how long each is fuzzed (10)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (2)")
    parser.add_argument(
        "--keep", type=Path, default=Path("build/fuzzing"), help="where inputs that break one go"
    )
    parser.add_argument("--list", action="store_true", help="list the readers and end")
    return parser


def _fuzz(name: str, seconds: int, keep: Path) -> Outcome:
    """Fuzz one target in a process, where bubblewrap is there with nothing to write to but its own folder."""
    with tempfile.TemporaryDirectory(prefix=f"fuzzing-{name}-") as folder:
        work = Path(folder).resolve()
        for part in ("corpus", "found", "tmp"):
            (work / part).mkdir()
        command = [
            *_confined(work),
            *(sys.executable, "-m", "fuzzing.process", name, str(work / "corpus")),
            f"-artifact_prefix={work / 'found'}/",
            f"-max_total_time={seconds}",
            f"-timeout={_LONGEST_INPUT_SECONDS}",
            f"-rss_limit_mb={_MOST_MEMORY_MIB}",
            "-print_final_stats=1",
        ]
        environment = {**os.environ, "TMPDIR": str(work / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            run = subprocess.run(
                command,
                cwd=CHECKOUT,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds + _GRACE_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Outcome(name=name, tried=0, story="it did not end")
        found = tuple(
            Path(shutil.copy(path, keep / f"{name}-{path.name}"))
            for path in sorted((work / "found").iterdir())
        )
    return Outcome(name=name, tried=_tried(run.stderr), story=_story(run), found=found)


def _confined(work: Path) -> list[str]:
    """Return what begins the command, so that whatever a reader is led to write stays in *work*."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return []
    folder = str(work)
    return [
        bwrap,
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", folder, folder),
        *("--unshare-net", "--die-with-parent", "--"),
    ]


def _tried(printed: str) -> int:
    for line in printed.splitlines():
        _, _, number = line.partition("number_of_executed_units:")
        if number:
            return int(number)
    return 0


def _story(run: subprocess.CompletedProcess[str]) -> str:
    if run.returncode == 0 and _tried(run.stderr):
        return ""
    told = [line for line in run.stderr.splitlines() if line.startswith(("ALARM", "==", "  File", "SUMMARY"))]
    return "\n".join([*run.stdout.splitlines()[-20:], *told[:30]]) or f"it ended with {run.returncode}"


if __name__ == "__main__":
    sys.exit(main())
