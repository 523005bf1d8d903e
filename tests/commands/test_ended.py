"""Runs that are ended from outside while they download or build: what they leave, and what the next does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.build.evil import running_with
from tests.commands.conftest import Machine, make_wheel
from tests.commands.projects import write_project
from tests.index.server import Asked, Reply

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

DEFAULT_SIGNALS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below nohup
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from trued.__main__ import launch
launch()
"""
INTERRUPTED_BEFORE_ANY_COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from trued import __main__ as program
program.gc.set_threshold = lambda *_: signal.raise_signal(signal.SIGINT)
program.launch()
"""


class Stalled:
    """A run that has received half of its wheel."""

    def __init__(self, machine: Machine) -> None:
        self.wheel = machine.index.add(make_wheel("demo", files={"demo/a.py": os.urandom(200_000)}))
        half, [path] = threading.Event(), [one for one in machine.index.server.routes if "whl" in one]
        self._whole = machine.index.server.routes[path]
        self._machine, self._path = machine, path

        def stalled(_: Asked) -> Reply:
            half.set()
            return Reply(body=self.wheel.content[:100_000], announced=len(self.wheel.content), stalls=True)

        machine.index.server.routes[path] = stalled
        machine.write(self.wheel.line)
        self.process = subprocess.Popen(
            [sys.executable, "-c", DEFAULT_SIGNALS, "install", "-r", "requirements.txt"],
            cwd=machine.work,
            env=machine.environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert half.wait(20)
        while not self.waiting:
            assert self.process.poll() is None

    @property
    def waiting(self) -> list[Path]:
        """What waits in the store to be proven."""
        return [path for path in self._machine.home.rglob("store/tmp/*/*") if path.is_file()]

    def end(self, number: int) -> str:
        """Send the signal, wait for the end, and return what was printed as an error."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)[1]

    def mend(self) -> None:
        """Let the index send the whole file."""
        self._machine.index.server.routes[self._path] = self._whole


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_ended_politely_while_it_downloads_leaves_nothing(machine: Machine, number: int) -> None:
    run = Stalled(machine)

    err = run.end(number)

    assert run.process.returncode == 128 + number
    assert "Traceback" not in err
    assert run.waiting == []
    assert not list(machine.home.rglob("store/tmp/*"))
    assert machine.installed == {}


def test_what_a_killed_run_left_is_removed_by_the_next_that_downloads(machine: Machine) -> None:
    run = Stalled(machine)
    run.end(signal.SIGKILL)
    assert run.waiting

    run.mend()
    ran = machine.install(run.wheel.line)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})
    assert run.waiting == []


def test_what_a_living_run_waits_for_is_left_alone(machine: Machine) -> None:
    run = Stalled(machine)
    other = machine.index.add(make_wheel("other"))

    ran = machine.install(other.line)

    assert (ran.status, machine.installed) == (0, {"other": "1.0"})
    assert run.waiting
    run.end(signal.SIGTERM)


@pytest.mark.parametrize("option", ["--cache-dir=cache", "--no-cache-dir"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_ended_politely_while_it_builds_leaves_nothing(
    machine: Machine, tmp_path: Path, number: int, option: str
) -> None:
    token = f"sleeper-{os.getpid()}-{number}{option}"
    sleeping = f"[sys.executable, '-c', 'import time; time.sleep(300)', '{token}']"
    code = f"\nimport subprocess\ndef build_wheel(*_):\n    subprocess.call({sleeping})\n"
    write_project(machine.work / "own", code=code)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", DEFAULT_SIGNALS, "install", "./own", option],
        cwd=machine.work,
        env={**machine.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not running_with(token):
        assert process.poll() is None

    process.send_signal(number)
    err = process.communicate(timeout=20)[1]

    assert (process.returncode, "Traceback" in err) == (128 + number, False)
    assert not running_with(token)
    assert list(temporary.iterdir()) == []


def test_ctrl_c_before_the_command_is_known_prints_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_BEFORE_ANY_COMMAND], capture_output=True, text=True, timeout=20
    )

    assert (done.returncode, done.stderr) == (130, "")
