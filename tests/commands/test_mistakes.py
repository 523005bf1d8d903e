"""What people get wrong: the message names it, the next step is right, and the exit status is honest."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.index.server import Asked, Reply
from trued import __version__

CATCHES_INTERRUPTS = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("trued", run_name="__main__")
"""
"""trued, also where the tests run in a shell's background and SIGINT is ignored from the start."""


@pytest.mark.usefixtures("python_started")
def test_the_version_is_told_on_one_line(machine: Machine) -> None:
    assert machine.trued("--version") == machine.trued("-V")
    assert machine.trued("--version").out == f"trued {__version__}\n"


@pytest.mark.parametrize("words", [(), ("--help",), ("help",), ("-h",)])
@pytest.mark.usefixtures("python_started")
def test_help_begins_with_examples(machine: Machine, words: tuple[str, ...]) -> None:
    ran = machine.trued(*words)

    assert ran.status == 0
    assert ran.out.splitlines()[2] == "Examples:"


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("instal", "-r", "requirements.txt"), "TRU906", "install"),
        (("install", "--requirment", "x"), "TRU901", "--requirement"),
        (("install",), "TRU907", "-r FILE"),
        (("install", "-r", "nope.txt"), "TRU101", "nope.txt"),
        (("install", "-r", "reqs\\nope.txt"), "TRU101", "reqs\\nope.txt"),
        (("install", "requirements.txt"), "TRU169", "-r"),
        (("install", "./requirements.txt"), "TRU169", "-r"),
        (("install", "demo-1.0.whl"), "TRU142", "there is no file"),
        (("install", "missing.txt"), "TRU142", "put -r"),
        (("install", "pyproject.toml"), "TRU142", "there is no file"),
        (("pip", "install", "demo"), "TRU906", "install"),
        (("add", "demo"), "TRU906", "lock"),
        (("install", "demo=1.0"), "TRU140", "=="),
        (("install", "-r", "requirements.txt", "--python", "nope"), "TRU502", "nope"),
        (("install", "-r", "requirements.txt", "--venv", "requirements.txt"), "TRU505", "--venv"),
        (("check",), "TRU910", "trued verify"),
        (("explain", "TRU000"), "TRU980", "TRU"),
        (("list", "--format", "xml"), "TRU905", "columns"),
    ],
)
def test_a_mistake_is_named_with_the_way_out(
    machine: Machine, words: tuple[str, ...], code: str, hint: str
) -> None:
    machine.write("demo==1.0")

    ran = machine.trued(*words)

    assert (ran.status, ran.codes, ran.out) == (2, [code], "")
    assert hint in ran.err


def test_lines_that_exclude_each_other_are_told_and_no_missing_release(machine: Machine) -> None:
    for version in ("1.0", "2.0"):
        machine.index.add(make_wheel("demo", version))
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}")

    ran = machine.trued("install", "-r", "requirements.txt", "demo==2.0")

    assert (ran.status, ran.codes) == (1, ["TRU166"])


def test_an_index_that_is_down_is_no_answer_about_the_file(machine: Machine) -> None:
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}")

    ran = machine.trued("install", "-r", "requirements.txt", "-i", "http://127.0.0.1:9/", "--retries", "0")

    assert (ran.status, ran.codes) == (2, ["TRU303"])


def test_an_index_that_fails_is_no_answer_about_the_file(machine: Machine) -> None:
    machine.index.server.routes["/simple/demo/"] = Reply(status=503)
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}")

    assert machine.trued("install", "-r", "requirements.txt", "--retries", "0").status == 2


def test_a_project_that_the_index_does_not_have_is_an_answer(machine: Machine) -> None:
    assert machine.install(f"demo==1.0 --hash=sha256:{'0' * 64}").status == 1


@pytest.mark.usefixtures("python_started")
def test_with_json_nothing_but_the_document_is_on_stdout(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line)
    calls = "list", "show demo", "hash requirements.txt", "cache dir", "cache info", "config list", "explain"

    printed = [machine.trued(*call.split(), "--json").out for call in calls]

    assert all(json.loads(text) for text in printed)


@pytest.mark.usefixtures("python_started")
def test_an_error_is_json_too_when_json_was_asked_for(machine: Machine) -> None:
    ran = machine.trued("show", "nope", "--json")

    assert ran.status == 2
    assert ran.document["exit_status"] == 2
    assert '"TRU914"' in ran.out


def test_explain_shows_what_it_means_and_what_to_do(machine: Machine) -> None:
    out = machine.trued("explain", "tru551").out

    assert out.startswith("TRU551: ")
    assert "What to do:" in out


@pytest.mark.usefixtures("python_started")
def test_selftest_blocks_every_attack_and_exits_well(machine: Machine) -> None:
    ran = machine.trued("selftest")

    assert ran.status == 0
    assert "attacks were blocked" in ran.out + ran.err
    assert list(machine.work.iterdir()) == [machine.work / ".venv"]


def on_a_terminal(machine: Machine, *words: str, **variables: str) -> str:
    """Return what trued writes on a terminal of 80 columns."""
    main, side = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "trued", *words],
        cwd=machine.work,
        env=machine.environ | {"TERM": "xterm", "COLUMNS": "80"} | variables,
        stdin=side,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    seen = b""
    try:
        while piece := os.read(main, 65536):
            seen += piece
    except OSError:  # Linux tells the end of a terminal as an error
        pass
    os.close(main)
    done.wait()
    return seen.decode()


def test_a_terminal_gets_colours_unless_it_asks_for_none(machine: Machine) -> None:
    assert "\x1b[1;31merror" in on_a_terminal(machine, "show", "nope")
    assert "\x1b[" not in on_a_terminal(machine, "show", "nope", NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(machine, "show", "nope", "--no-color")


def test_a_pipe_gets_neither_colours_nor_progress(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install(wheel.line)

    assert "\x1b" not in ran.out + ran.err
    assert "\r" not in ran.err


def test_an_interrupted_run_changes_nothing_and_says_so(machine: Machine) -> None:
    asked, finished = threading.Event(), threading.Event()

    def keeps_waiting(_asked: Asked) -> Reply:
        asked.set()
        finished.wait(20)
        return Reply(status=404)

    machine.index.server.routes["/simple/demo/"] = keeps_waiting
    machine.write(f"demo==1.0 --hash=sha256:{'0' * 64}")
    running = subprocess.Popen(
        [sys.executable, "-c", CATCHES_INTERRUPTS, "install", "-r", "requirements.txt"],
        cwd=machine.work,
        env=machine.environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert asked.wait(20)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    finished.set()

    assert running.returncode == 130
    assert err.startswith("interrupted: ")
    assert "Traceback" not in err
    assert machine.installed == {}


def test_a_release_for_other_pythons_says_for_which(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"), requires_python=">=3.99")
    machine.write(wheel.line)
    ran = machine.trued("install", "-r", "requirements.txt")
    assert ran.codes == ["TRU552"]
    assert f"{wheel.filename} (needs Python >=3.99, this is 3." in ran.err
