"""What long work shows: on a terminal the last line of a build's log, elsewhere that it is built."""

from __future__ import annotations

import io

from trued.cli.watching import PrintingWatcher
from trued.report.printer import NORMAL, QUIET, Printer


class Screen(io.StringIO):
    """A terminal that keeps everything that was written to it."""

    def isatty(self) -> bool:
        return True


def printer(stream: io.StringIO, *, verbosity: int = NORMAL) -> Printer:
    return Printer(stdout=io.StringIO(), stderr=stream, environ={"TERM": "xterm"}, verbosity=verbosity)


def test_a_build_is_announced_and_its_last_line_shown_and_erased() -> None:
    screen = Screen()

    with PrintingWatcher(printer(screen)).building("demo 1.0") as told:
        told("compiling part.c")

    assert "building demo 1.0\n" in screen.getvalue()
    assert "demo 1.0: compiling part.c" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_lines_that_come_quickly_are_not_all_drawn() -> None:
    screen = Screen()

    with PrintingWatcher(printer(screen)).building("demo") as told:
        for number in range(1000):
            told(f"line {number}")

    assert screen.getvalue().count("line ") < 100


def test_elsewhere_only_the_announcement_is_written() -> None:
    stream = io.StringIO()

    with PrintingWatcher(printer(stream)).building("demo 1.0") as told:
        told("compiling part.c")

    assert stream.getvalue() == "building demo 1.0\n"


def test_what_a_build_prints_writes_nothing_else_to_the_terminal() -> None:
    """Attack: a line of the build moves the cursor, and forges what trued says."""
    screen = Screen()

    with PrintingWatcher(printer(screen)).building("demo") as told:
        told("\x1b[2Jinstalled, every file proven")

    assert "\x1b[2J" not in screen.getvalue()


def test_a_quiet_run_says_nothing() -> None:
    screen = Screen()

    with PrintingWatcher(printer(screen, verbosity=QUIET), quiet=True).building("demo") as told:
        told("compiling part.c")

    assert screen.getvalue() == ""
