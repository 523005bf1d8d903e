"""A replayed installation is the installation: same files, same words, and no Python is started."""

from __future__ import annotations

import subprocess

import pytest

from tests.commands.conftest import Wheel
from tests.launcher.conftest import STARTED, Launcher

INSTALL = ("install", "-r", "requirements.txt")
DONE = "installed 3 distributions, every file proven (all from the store)\n"


@pytest.mark.parametrize(
    "options",
    [(), ("--compile",), ("--verify-store", "full"), ("--threads", "1"), ("--link-mode=hardlink",)],
    ids=" ".join,
)
def test_a_replay_makes_byte_for_byte_what_the_full_road_makes(
    launcher: Launcher, wheels: list[Wheel], options: tuple[str, ...]
) -> None:
    made = launcher.noted(*INSTALL, *options)

    ran = launcher.alone(*INSTALL, *options)

    assert (ran.status, ran.out) == (0, "")
    assert ran.err == DONE
    assert launcher.everything() == made
    assert {"bin/demo", "bin/third", "share/third/third.txt"} < made.keys()
    assert any(name.endswith(".pyc") for name in made) == ("--compile" in options)


def test_what_was_replayed_is_verified(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    launcher.alone(*INSTALL)

    ran = launcher.run("verify", "--strict")

    assert (ran.status, ran.codes) == (0, [])
    script = subprocess.run([launcher.venv / "bin" / "demo"], capture_output=True, text=True)
    assert script.stderr == "1\n"


def test_what_stands_already_is_told_without_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    launcher.alone(*INSTALL)
    there = launcher.run(*INSTALL)

    again = launcher.alone(*INSTALL)

    assert (again.status, again.err) == (0, there.err)
    assert "3 distributions there already" in again.err
    assert launcher.replays == ["new", "old"]


def test_a_replay_is_carried_out_again_and_again(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted()
    for _ in range(4):
        assert launcher.alone(*INSTALL).status == 0
        assert launcher.everything() == made
        launcher.renew()


def test_no_python_is_started(launcher: Launcher, wheels: list[Wheel]) -> None:
    before = launcher.alone(*INSTALL)

    assert (before.status, before.err) == (STARTED, "Python was started\n")


@pytest.mark.parametrize("command", [("-q",), ("-q", "-q"), ("--quiet",)], ids=" ".join)
def test_quiet_is_quiet(launcher: Launcher, wheels: list[Wheel], command: tuple[str, ...]) -> None:
    launcher.noted(*INSTALL, *command)

    ran = launcher.alone(*INSTALL, *command)

    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_a_lock_is_synchronised(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.machine.write("demo", "other", "third", name="wanted.in")
    locked = launcher.run("lock", "-r", "wanted.in", "-o", "pylock.toml")
    assert locked.status == 0, locked.err
    for path in launcher.machine.home.rglob("replays/*"):
        path.unlink()
    made = launcher.noted("sync", "pylock.toml")

    ran = launcher.alone("sync", "pylock.toml")

    assert ran.status == 0
    assert launcher.everything() == made


def test_an_environment_is_named_by_an_option(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted(*INSTALL, "--venv", ".venv")

    assert launcher.alone(*INSTALL, "--venv", ".venv").status == 0
    assert launcher.everything() == made


def test_an_interpreter_is_named_by_its_path(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted(*INSTALL, "--python", ".venv/bin/python")

    assert launcher.alone(*INSTALL, "--python", ".venv/bin/python").status == 0
    assert launcher.everything() == made


def test_an_environment_is_named_by_a_variable(launcher: Launcher, wheels: list[Wheel]) -> None:
    named = {"VIRTUAL_ENV": str(launcher.venv)}
    made = launcher.noted(*INSTALL, **named)

    assert launcher.alone(*INSTALL, **named).status == 0
    assert launcher.everything() == made


def test_the_program_is_called_through_a_link(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    link = launcher.machine.home / "trued"
    link.symlink_to(launcher.program)

    done = subprocess.run(
        [link, *INSTALL], cwd=launcher.machine.work, env=launcher.machine.environ, capture_output=True
    )

    assert done.returncode == 0
    assert done.stderr.decode() == DONE
