"""The interpreter that trued runs on answers in a forked process, as it does when it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import packaging
import pytest

from trued.environment import probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asked in a forked process on Linux only")

PACKAGING = str(Path(packaging.__file__).parent.parent)
ASKING = """
import os, sys
from trued.environment.own_interpreter import own_answer
calls = []
def ask(real=os.path.realpath(sys.executable), environ={}, meanwhile=lambda: calls.append(1)):
    return own_answer(real, PACKAGING, environ=environ, meanwhile=meanwhile)
def beside_a_thread():
    import threading
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return ask()
""".replace("PACKAGING", repr(PACKAGING))


def run(code: str) -> bytes:
    """Return what *code* writes, in a new process that has asked for nothing yet."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-c", ASKING + code]
    done = subprocess.run(command, capture_output=True, env=environ, timeout=60)
    assert done.stderr == b""
    return done.stdout


def test_it_says_what_it_says_when_it_is_started() -> None:
    command = [sys.executable, "-I", "-S", str(probe.__file__), PACKAGING]
    started = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout

    assert run("sys.stdout.buffer.write(ask())") == started


def test_it_changes_nothing_here_and_calls_what_is_to_be_done_meanwhile() -> None:
    code = "b = set(sys.modules); p = sys.prefix; ask(); print(set(sys.modules) - b, p == sys.prefix, calls)"

    assert run(code) == b"set() True [1]\n"


@pytest.mark.parametrize(
    "code",
    [
        "ask(real='/usr/bin/another')",
        "ask(environ={'PYTHONPATH': ''})",
        "(__import__('sysconfig'), ask())[1]",
        "beside_a_thread()",
    ],
    ids=["another interpreter", "a variable that changes it", "it was looked at already", "other threads"],
)
def test_where_it_might_differ_it_has_to_be_started(code: str) -> None:
    assert run(f"print({code}, calls); sys.stdout.flush(); os._exit(0)") == b"None []\n"


def test_what_fails_is_no_answer() -> None:
    assert run("sys.base_prefix = None; print(ask(), calls)") == b"None [1]\n"


def test_an_interruption_leaves_no_process_behind() -> None:
    code = """
def interrupted(): raise KeyboardInterrupt
try: ask(meanwhile=interrupted)
except KeyboardInterrupt: pass
try: os.waitpid(-1, 0)
except ChildProcessError: print("none")
"""
    assert run(code) == b"none\n"
