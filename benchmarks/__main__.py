"""``python -m benchmarks``: prepare, install, lock, build, verify, report, startup, memory, audit, tuf."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import (
    attestations,
    audit,
    build,
    install,
    lock,
    memory,
    prepare,
    signed_index,
    startup,
    verify,
)
from benchmarks.lock_tools import LOCK_TOOLS
from benchmarks.lock_workloads import LOCK_WORKLOADS
from benchmarks.tools import TOOLS, Mode
from benchmarks.workloads import WORKLOADS, BenchmarkError, Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

EXAMPLES = """\
examples:
  python -m benchmarks install --quick        two minutes: what is fast on this machine?
  python -m benchmarks install                every workload and mode
  python -m benchmarks install --modes warm --tools trued,uv --runs 31
  python -m benchmarks report                 write the newest results into docs/performance.md
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status."""
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except BenchmarkError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Times trued, uv and pip in turn over real wheels from an index on this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _define_prepare(commands.add_parser("prepare", help="resolve the workloads and download their wheels"))
    _define_install(commands.add_parser("install", help="time installations"))
    _define_lock(commands.add_parser("lock", help="time locking beside uv, pip and pip-compile"))
    _define_audit(commands.add_parser("audit", help="time the local advisory database"))
    _define_build(commands.add_parser("build", help="time builds from source beside pip"))
    _define_verify(commands.add_parser("verify", help="time the verification of environments"))
    _define_report(commands.add_parser("report", help="write results into docs/performance.md"))
    _define_startup(commands.add_parser("startup", help="time --version and list the slowest imports"))
    _define_memory(commands.add_parser("memory", help="peak memory of all processes of a tool together"))
    _define_attestations(commands.add_parser("attestations", help="time the verification of provenance"))
    _define_tuf(commands.add_parser("tuf", help="time the signing of an index, and what a client reads"))
    return parser


def _define_tuf(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--targets", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes (default: 100000 1000000)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="releases to publish (default: 5)")
    parser.add_argument("--work", help="folder for the site (default: the system's temporary folder)")
    parser.add_argument("--check", action="store_true", help="end with status 1 when a budget is missed")
    parser.set_defaults(run=signed_index.run)


def _define_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=11, help="how often each is timed (default: 11)")
    parser.add_argument("--scratch", help="folder to work in (default: the system's temporary folder)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.set_defaults(run=build.run)


def _define_prepare(parser: argparse.ArgumentParser) -> None:
    _add_workloads(parser, WORKLOADS)
    parser.add_argument("--exclude-newer", metavar="DATE", help="choose releases as of this date (needs uv)")
    parser.set_defaults(run=_prepare)


def _prepare(given: argparse.Namespace) -> int:
    prepare.prepare(Folder(given.work), given.workloads, exclude_newer=given.exclude_newer)
    return 0


def _define_install(parser: argparse.ArgumentParser) -> None:
    _add_workloads(parser, WORKLOADS)
    _add_tools(parser)
    parser.add_argument("--modes", type=_Names(tuple(Mode)), default=list(Mode), help="of: " + ",".join(Mode))
    parser.add_argument("--runs", type=int, default=11, help="rounds of each series (default: 11)")
    parser.add_argument(
        "--slow-runs", type=int, default=3, help="rounds of pip and of compiling (default: 3)"
    )
    parser.add_argument("--quick", action="store_true", help="tiny and small, warm and cold-http, 5 rounds")
    parser.add_argument("--check", action="store_true", help="end with status 1 when a budget is missed")
    parser.set_defaults(run=install.run)


def _define_lock(parser: argparse.ArgumentParser) -> None:
    _add_workloads(parser, tuple(LOCK_WORKLOADS))
    parser.add_argument("--tools", type=_Names(tuple(LOCK_TOOLS)), default=list(LOCK_TOOLS))
    parser.add_argument("--index", choices=("real", "local"), default="local", help="default: local")
    parser.add_argument("--runs", type=int, default=3, help="rounds (default: 3)")
    parser.add_argument("--limit", type=float, default=300, help="seconds a lock may take (default: 300)")
    parser.add_argument("--pip-tools", type=_absolute, metavar="PYTHON", help="a Python that has pip-tools")
    parser.add_argument("--trued", metavar="PROGRAM", help="the trued to time")
    parser.set_defaults(run=lock.run)


def _define_audit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=7, help="rounds (default: 7)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--pip-audit", type=_absolute, metavar="PROGRAM", help="time it beside trued audit")
    parser.add_argument(
        "--work", type=Path, metavar="FOLDER", help="a prepared work folder, to time a workload"
    )
    parser.set_defaults(run=audit.run)


def _define_verify(parser: argparse.ArgumentParser) -> None:
    _add_workloads(parser, ("small", "large", "150"))
    parser.add_argument("--scratch", type=_absolute, help="where environments are made (default: temporary)")
    parser.add_argument("--runs", type=int, default=7, help="rounds (default: 7)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    parser.set_defaults(run=verify.run)


def _define_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", nargs="*", type=Path, help="results files (default: the newest)")
    parser.add_argument("--print", action="store_true", dest="only_print", help="print, write nothing")
    parser.set_defaults(run=install.report)


def _define_startup(parser: argparse.ArgumentParser) -> None:
    _add_programs(parser)
    parser.add_argument("--runs", type=int, default=30)
    parser.set_defaults(run=startup.run)


def _define_memory(parser: argparse.ArgumentParser) -> None:
    _add_workloads(parser, ("large", "150"))
    _add_tools(parser)
    parser.add_argument("--runs", type=int, default=3)
    modes = [Mode.WARM, Mode.COLD_HTTP]
    parser.add_argument("--modes", type=_Names(tuple(Mode)), default=modes, help="of: " + ",".join(Mode))
    parser.set_defaults(run=memory.run)


def _define_attestations(parser: argparse.ArgumentParser) -> None:
    folder = Path(__file__).parents[2] / "shared" / "data" / "attestations"
    parser.add_argument("--attestations", type=_absolute, default=folder, help=f"their folder ({folder})")
    parser.add_argument("--files", type=int, default=50, help="how many files (default: 50)")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="end with status 1 when a budget is missed")
    parser.set_defaults(run=attestations.run)


def _add_workloads(parser: argparse.ArgumentParser, default: Sequence[str]) -> None:
    chosen = _Names((*WORKLOADS, *LOCK_WORKLOADS) if set(default) <= set(LOCK_WORKLOADS) else WORKLOADS)
    told = f"of: {','.join(WORKLOADS)} (default: {','.join(default)})"
    parser.add_argument("--workloads", type=chosen, default=list(default), help=told)
    folder = Path.home() / ".cache" / "trued-benchmarks"
    parser.add_argument("--work", type=_absolute, default=folder, help=f"work folder (default: {folder})")


def _add_tools(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tools", type=_Names(tuple(TOOLS)), help="of: " + ",".join(TOOLS))
    parser.add_argument("--standard-server", action="store_true", help="do not use nginx")
    _add_programs(parser)


def _add_programs(parser: argparse.ArgumentParser) -> None:
    for name in ("trued", "uv", "pip"):
        parser.add_argument(f"--{name}", metavar="PROGRAM", help=f"the {name} to time")


def _absolute(text: str) -> Path:
    return Path(text).expanduser().absolute()


class _Names:
    """Parses ``a,b`` into a list of the known names."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = known

    def __call__(self, text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = sorted(set(names) - set(self._known))
        if unknown or not names:
            raise argparse.ArgumentTypeError(
                f"{', '.join(unknown) or 'nothing'}: not of {', '.join(self._known)}"
            )
        return [next(known for known in self._known if known == name) for name in names]


if __name__ == "__main__":
    sys.exit(main())
