import os
from collections.abc import Mapping

import pytest

from tests.report.streams import Stream
from trued.report.terminal import Terminal, painted

TERMINAL = {"TERM": "xterm"}


def terminal(environ: Mapping[str, str] = TERMINAL, *, tty: bool = True, colour: bool = True) -> Terminal:
    return Terminal(Stream(terminal=tty), {**TERMINAL, **environ}, colour=colour)


def test_a_terminal_gets_colour_and_progress() -> None:
    facts = terminal()

    assert facts.colour
    assert facts.progress


def test_a_pipe_gets_neither_and_is_not_folded() -> None:
    facts = terminal(tty=False)

    assert not facts.colour
    assert not facts.progress
    assert facts.width == 0


@pytest.mark.parametrize(
    "environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}]
)
def test_the_environment_can_forbid_colour(environ: dict[str, str]) -> None:
    assert not terminal(environ).colour


def test_an_empty_no_color_forbids_nothing() -> None:
    assert terminal({"NO_COLOR": ""}).colour


def test_the_option_forbids_colour_whatever_the_environment_says() -> None:
    assert not terminal({"FORCE_COLOR": "1"}, colour=False).colour


def test_colour_can_be_forced_into_a_pipe() -> None:
    assert terminal({"FORCE_COLOR": "1"}, tty=False).colour


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"CI": "1", "FORCE_COLOR": "1"}, {"BUILD_NUMBER": "7"}])
def test_a_build_machine_gets_no_progress_even_on_a_terminal(environ: dict[str, str]) -> None:
    assert not terminal(environ).progress


def test_ci_set_to_false_is_no_build_machine() -> None:
    assert terminal({"CI": "false"}).progress


def test_a_dumb_terminal_gets_no_progress() -> None:
    assert not terminal({"TERM": "dumb"}).progress


def test_the_width_is_taken_from_columns() -> None:
    assert terminal({"COLUMNS": "57"}).width == 57


@pytest.mark.parametrize("columns", ["", "0", "-3", "wide"])
def test_a_width_that_makes_no_sense_is_80(columns: str) -> None:
    assert terminal({"COLUMNS": columns}).width == 80


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
def test_the_width_is_asked_of_a_real_terminal() -> None:
    import fcntl
    import struct
    import termios

    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 63, 0, 0))
    with os.fdopen(slave, "w") as stream, os.fdopen(master, "rb"):
        facts = Terminal(stream, TERMINAL)

    assert facts.width == 63
    assert facts.colour


def test_painting_without_colour_changes_nothing() -> None:
    assert painted("error", "error", colour=False) == "error"


def test_paint_is_taken_off_after_the_text() -> None:
    assert painted("error", "error", colour=True) == "\x1b[1;31merror\x1b[0m"
