"""A fault of trued itself: told, with status 2, and with no secret that was in hand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.commands.conftest import Machine, Ran

PASSWORD = "hunter2!x"
FAULTY_COMMAND = """
import trued.cli.freeze
from trued.__main__ import launch
def run(parsed, printer):
    url, token = parsed.settings.index_url, parsed.environ["CI_TOKEN"]
    password = url.split(":")[2].split("@")[0]
    raise RuntimeError(f"sent ('joe', {password!r}) to {url} with Basic am9lOmh1bnRlcjIheA==, {token}")
trued.cli.freeze.run = run
launch()
"""
FAULTY_START = """
import sys, trued.cli.run
from trued.__main__ import launch
def run(argv, environ, cwd):
    raise RuntimeError(f"no reader for {argv}, {environ['CI_TOKEN']}")
trued.cli.run.run = run
launch()
"""


def started(machine: Machine, program: str, *arguments: str) -> Ran:
    """Run *program*, in which something of trued is broken, as if it were trued."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=machine.work,
        env=machine.environ | {"CI_TOKEN": "tok-4711"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)


def secret_url() -> str:
    return f"https://joe:{PASSWORD}@example.org/simple/"


@pytest.mark.parametrize("options", [(), ("--debug",), ("--json",), ("-vv", "--debug")])
def test_the_message_of_a_fault_carries_no_secret(machine: Machine, options: tuple[str, ...]) -> None:
    ran = started(machine, FAULTY_COMMAND, "freeze", "-i", secret_url(), "--log", "run.log", *options)

    everything = ran.out + ran.err + (machine.work / "run.log").read_text()
    assert ran.status == 2
    assert "TRU999" in ran.out + ran.err
    assert "RuntimeError: sent" in everything or json.loads(ran.out)
    assert not [word for word in (PASSWORD, "am9l", "tok-4711") if word in everything]


def test_the_traceback_is_shown_with_debug_alone(machine: Machine) -> None:
    plain = started(machine, FAULTY_COMMAND, "freeze", "-i", secret_url())
    asked = started(machine, FAULTY_COMMAND, "freeze", "-i", secret_url(), "--debug")

    assert ("Traceback" in plain.err, "Traceback" in asked.err) == (False, True)


@pytest.mark.parametrize("options", [(), ("--debug",)])
def test_a_fault_before_any_command_is_told_the_same_way(machine: Machine, options: tuple[str, ...]) -> None:
    ran = started(machine, FAULTY_START, "lock", "-i", secret_url(), *options)

    assert (ran.status, ran.codes) == (2, ["TRU999"])
    assert not [word for word in (PASSWORD, "tok-4711") if word in ran.out + ran.err]
    assert ("Traceback" in ran.err) is bool(options)


def test_a_fault_before_any_command_is_one_document_too(machine: Machine) -> None:
    ran = started(machine, FAULTY_START, "lock", "-i", secret_url(), "--json")

    assert ran.status == 2
    assert PASSWORD not in ran.out
    assert ran.document["exit_status"] == 2
