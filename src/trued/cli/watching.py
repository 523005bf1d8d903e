"""What an operation tells while it works, put on the terminal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from trued.operations.first_use import Unproven
    from trued.operations.watcher import FileWatcher
    from trued.report.printer import Printer

__all__ = ["PrintingWatcher"]

_SECONDS_BETWEEN = 0.1
_MANY_SOURCES = 1000
"""Compiling these takes one to three seconds."""


class PrintingWatcher:
    """Tells of long work through *printer*; with *quiet*, only what somebody has to wait for.

    It asks on a terminal, where *may_ask*.
    """

    def __init__(self, printer: Printer, *, quiet: bool = False, may_ask: bool = False) -> None:
        self._printer = printer
        self._may_ask = may_ask
        self._quiet = quiet
        self._told_own = False

    def files(self, count: int, size: int) -> AbstractContextManager[FileWatcher]:
        """Return the progress line of *count* files of *size* bytes."""
        return self._printer.progress("proving", total_files=count, total_bytes=size)

    def own_environment(self, prefix: str) -> None:
        """Tell once that nothing names an environment: the one taken is seldom the one that is meant."""
        if not (self._quiet or self._told_own):
            self._told_own = True
            self._printer.say(
                f"no environment is named or here (--venv): taking the one trued runs in, {prefix}"
            )

    def waiting(self, folder: str) -> None:
        """Tell that another run holds the environment."""
        self._printer.say(f"waiting for another run that changes {folder}")

    def compiling(self, count: int) -> None:
        """Tell that wheels are being compiled."""
        self._printer.detail(f"compiling {count} wheels, once for this interpreter")

    def comparing(self, count: int) -> None:
        """Tell that *count* sources are compiled again, where that takes more than a moment."""
        if count >= _MANY_SOURCES and not self._quiet:
            self._printer.say(f"comparing the bytecode of {count} sources; what agrees is remembered")

    def fetching(self, url: str) -> None:
        """Tell that a repository is asked for a commit."""
        if not self._quiet:
            self._printer.say(f"fetching {url}")

    def building(self, name: str) -> AbstractContextManager[Callable[[str], None]]:
        """Tell that *name* is being built, and on a terminal show the last line of its log."""
        if not self._quiet:
            self._printer.say(f"building {name}")
        return _Building(name, self._printer)

    def wrote(self, diff: str) -> None:
        """Show what changes in a requirements file."""
        if not self._quiet:
            self._printer.artefact(diff.rstrip("\n"))

    def accepts(self, unproven: Sequence[Unproven]) -> bool:
        """Show what would be trusted from now on and ask once about all of it, as ssh does about a host."""
        import sys

        if not self._may_ask or self._quiet or not sys.stdin.isatty():
            return False
        count = "1 file is" if len(unproven) == 1 else f"{len(unproven)} files are"
        self._printer.ask(f"{count} new to you, and nothing proves them yet:")
        for line in _lines(unproven):
            self._printer.ask(line)
        self._printer.ask("Accept them, and remember their digests and publishers? [y/N]")
        return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Building:
    """Shows the last line that a build printed, at most ten times a second."""

    def __init__(self, name: str, printer: Printer) -> None:
        self._name = name
        self._printer = printer
        self._last = 0.0

    def __enter__(self) -> Callable[[str], None]:
        return self._told

    def __exit__(self, *_: object) -> None:
        self._printer.status("")

    def _told(self, line: str) -> None:
        from time import monotonic

        now = monotonic()
        if now - self._last >= _SECONDS_BETWEEN:
            self._last = now
            self._printer.status(f"{self._name}: {line}")


def _lines(unproven: Sequence[Unproven]) -> Iterator[str]:
    """Yield what is asked about: each file with its digest, publisher and age, and where all come from."""
    for one in unproven:
        asked_by = one.asked_by if one.asked_by.startswith("needed by ") else f"asked for: {one.asked_by}"
        age = f"uploaded {one.age} ago, as the index says" if one.age else "upload time not stated"
        publisher = f"published by {', '.join(one.publishers)}" if one.publishers else "publisher not known"
        yield f"  {one.filename}  ({asked_by})"
        yield f"    sha256 {one.sha256}"
        yield f"    {publisher}; {age}"
    for index in sorted({one.index for one in unproven}):
        yield f"  from {index}"
