"""Whatever is not as it was leads to Python, to which the launcher leaves everything as it found it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Wheel, make_wheel
from tests.launcher.conftest import STARTED, Launcher

INSTALL = ("install", "-r", "requirements.txt")
PLAIN = {"PIP_CONFIG_FILE": ""}
"""Has the files of pip's configuration count."""

Undo = Callable[[], object]
Change = Callable[[Launcher], Undo]


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def append(path: Path, text: str) -> Undo:
    before = path.read_text()
    path.write_text(before + text)
    return lambda: path.write_text(before)


def written(path: Path, text: str) -> Undo:
    write(path, text)
    return path.unlink


def made(path: Path) -> Undo:
    path.mkdir()
    return path.rmdir


def opened(path: Path) -> Undo:
    mode = path.stat().st_mode
    path.chmod(0o1777)
    return lambda: path.chmod(mode)


def appears(name: str, text: str = "") -> Change:
    """A file below the folder of the test."""
    return lambda launcher: written(launcher.machine.home.parent / name, text)


def in_packages(name: str, text: str = "") -> Change:
    return lambda launcher: written(launcher.machine.libraries / name, text)


CONFIGURED: dict[str, Change] = {
    "requirements with a comment": lambda one: append(one.machine.work / "requirements.txt", "# more\n"),
    "trued.toml here": appears("work/trued.toml", "[tool]\n"),
    "trued.toml above": appears("trued.toml"),
    "trued.toml of the user": appears("home/.config/trued/trued.toml"),
    "trued.toml of the system": appears("home/etc/trued/trued.toml"),
    "pyproject.toml here": appears("work/pyproject.toml", "[project]\nname = 'a'\nversion = '1'\n"),
    "pyproject.toml above": appears("pyproject.toml"),
    "pip.conf of the user": appears("home/.config/pip/pip.conf", "[global]\ntimeout = 3\n"),
    "pip.conf as it was called before": appears("home/.pip/pip.conf"),
    "pip.conf of the system": appears("home/etc/pip/pip.conf"),
    "pyvenv.cfg says more": lambda one: append(one.venv / "pyvenv.cfg", "more = true\n"),
    "a second pyvenv.cfg": appears("work/.venv/bin/pyvenv.cfg", "home = /usr/bin\n"),
    "what published before": appears("home/.local/share/trued/known.sqlite3"),
    "a leftover journal": lambda one: made(one.machine.libraries / ".trued-journal"),
    "another module": in_packages("stranger.py"),
    "the folder above is everybody's": lambda one: opened(one.machine.home.parent),
}
"""What is no obstacle to the installation."""


def test_what_changed_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted(*INSTALL, **PLAIN)
    for name, change in CONFIGURED.items():
        undo = change(launcher)
        before = launcher.everything()

        assert launcher.alone(*INSTALL, **PLAIN).status == STARTED, name
        assert launcher.everything() == before, name
        undo()

    assert launcher.alone(*INSTALL, **PLAIN).status == 0


@pytest.mark.parametrize("name", ["a leftover journal", "another module", "trued.toml of the user"])
def test_python_installs_where_the_launcher_did_not(
    launcher: Launcher, wheels: list[Wheel], name: str
) -> None:
    made = launcher.noted(*INSTALL, **PLAIN)
    CONFIGURED[name](launcher)

    ran = launcher.run(*INSTALL, **PLAIN)

    assert ran.status == 0, ran.err
    assert made.keys() - launcher.everything().keys() == set()


IN_THE_WAY: dict[str, Callable[[Launcher], object]] = {
    "a file of the same name": in_packages("demo/__init__.py", "mine"),
    "a file where a folder comes": in_packages("demo", "mine"),
    "a link where a folder comes": lambda one: os.symlink("/nowhere", one.machine.libraries / "demo"),
    "a script of the same name": appears("work/.venv/bin/third", "mine"),
    "a file of the data": appears("work/.venv/share/third/third.txt", "mine"),
}


def test_what_is_in_the_way_stays_and_python_tells_it(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    for name, change in IN_THE_WAY.items():
        change(launcher)
        before = launcher.everything()

        assert launcher.alone(*INSTALL).status == STARTED, name
        ran = launcher.run(*INSTALL)

        assert ran.status == 1, name
        assert ran.codes in (["TRU512"], ["TRU513"]), name
        assert launcher.everything() == before, name
        launcher.renew()


def twice_as_long(path: Path) -> None:
    path.write_bytes(path.read_bytes() * 2)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def through_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def of_another_form(path: Path) -> None:
    import hashlib

    body = path.read_bytes()[32:].replace(b"trued replay 1\n", b"trued replay 0\n", 1)
    path.write_bytes(hashlib.sha256(body).digest() + body)


DAMAGED: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "twice as long": twice_as_long,
    "one bit other": flipped,
    "another form": of_another_form,
    "the group may write": lambda path: path.chmod(0o620),
    "everybody may write": lambda path: path.chmod(0o602),
    "a link": through_a_link,
    "a pipe": a_pipe,
    "a folder": a_folder,
    "larger than memory": lambda path: os.truncate(path, 2**42),
}


def test_a_replay_that_is_not_to_be_believed_is_not(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    path = launcher.replay()
    content, before = path.read_bytes(), launcher.everything()
    for name, damage in DAMAGED.items():
        damage(path)

        assert launcher.alone(*INSTALL).status == STARTED, name
        assert launcher.everything() == before, name
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(content)
        path.chmod(0o600)

    assert launcher.alone(*INSTALL).status == 0


@pytest.mark.parametrize("name", ["cut", "everybody may write", "a link", "larger than memory"])
def test_a_replay_that_is_not_to_be_believed_is_noted_anew(
    launcher: Launcher, wheels: list[Wheel], name: str
) -> None:
    made = launcher.noted()
    DAMAGED[name](launcher.replay())

    ran = launcher.run(*INSTALL)

    assert ran.status == 0, ran.err
    assert launcher.everything() == made
    launcher.renew()
    assert launcher.alone(*INSTALL).status == 0


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")


@root_only
@pytest.mark.parametrize("name", ["replay", "cache"])
def test_what_is_anothers_is_not_believed(launcher: Launcher, wheels: list[Wheel], name: str) -> None:
    launcher.noted()
    path = launcher.replay()
    os.chown(path if name == "replay" else path.parent.parent, 65534, 65534)

    assert launcher.alone(*INSTALL).status == STARTED
    ran = launcher.run(*INSTALL)

    assert ran.status == 0, ran.err
    assert len(launcher.machine.installed) == 3


@root_only
def test_another_user_has_replays_of_his_own(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    top = launcher.machine.home.parent
    for folder in (top, *top.parents):
        if folder.stat().st_uid == 0 and folder not in (Path("/"), Path("/tmp")):
            folder.chmod(folder.stat().st_mode | 0o055)
    for path in (launcher.venv, *launcher.venv.rglob("*")):
        if not path.is_symlink():
            os.chown(path, 65534, 65534)
    before = launcher.everything()

    ran = launcher.alone_through(
        ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"), *INSTALL
    )

    assert ran.status == STARTED
    assert launcher.everything() == before


VARIABLES = {
    "a level": {"TRUED_LEVEL": "strict"},
    "an index": {"TRUED_INDEX_URL": "https://elsewhere.example/simple/"},
    "pip's cache": {"PIP_CACHE_DIR": "/nonexistent"},
    "no colour": {"NO_COLOR": "1"},
    "another path": {"PATH": "/usr/bin:/bin"},
    "modules from elsewhere": {"PYTHONPATH": "/nonexistent"},
    "another language": {"LC_ALL": "C"},
    "a proxy": {"https_proxy": "http://127.0.0.1:9"},
    "another C library": {"LD_LIBRARY_PATH": "/nonexistent"},
    "another home": {"HOME": "/nonexistent"},
}


def test_variables_are_part_of_the_call(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()

    for name, variables in VARIABLES.items():
        assert launcher.alone(*INSTALL, **variables).status == STARTED, name
    assert launcher.alone(*INSTALL).status == 0


def test_arguments_are_part_of_the_call(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()

    for more in (("--no-deps",), ("-q",), ("--index-url", "https://elsewhere.example/"), ("",)):
        assert launcher.alone(*INSTALL, *more).status == STARTED, more
    assert launcher.alone(*INSTALL).status == 0


@pytest.mark.skipif(shutil.which("setarch") is None, reason="no setarch")
def test_another_machine_by_name_is_another_call(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()

    assert launcher.alone_through(("setarch", "--uname-2.6"), *INSTALL).status == STARTED
    assert launcher.alone(*INSTALL).status == 0


def test_another_interpreter_behind_the_link_is_left_to_python(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    launcher.noted()
    python = launcher.venv / "bin" / "python"
    python.unlink()
    shutil.copy(os.path.realpath(sys.executable), python)

    assert launcher.alone(*INSTALL).status == STARTED


def test_the_folder_is_part_of_the_call(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    shutil.copytree(launcher.machine.work, launcher.machine.work.with_name("copy"), symlinks=True)
    moved = launcher.machine.work.rename(launcher.machine.work.with_name("moved"))
    moved.with_name("copy").rename(launcher.machine.work)

    assert launcher.alone(*INSTALL).status == 0
    assert not any(moved.rglob("demo-1.0.dist-info"))


def test_a_protected_environment_is_left_to_python_which_refuses(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    launcher.noted()
    write(launcher.venv / ".trued-protection.json", "{}")
    before = launcher.everything()

    assert launcher.alone(*INSTALL).status == STARTED
    ran = launcher.run(*INSTALL)

    assert ran.status != 0
    assert launcher.everything() == before


def test_a_database_of_advisories_that_came_is_left_to_python(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    launcher.noted()
    write(launcher.machine.home / ".cache" / "trued" / "advisories" / "pypi.sqlite3")

    assert launcher.alone(*INSTALL).status == STARTED


def test_who_holds_the_environment_is_waited_for(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted()
    descriptor = os.open(launcher.machine.libraries, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert launcher.alone(*INSTALL).status == STARTED

    waiting = subprocess.Popen(
        [launcher.program, *INSTALL], cwd=launcher.machine.work, env=launcher.machine.environ
    )
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1)
    os.close(descriptor)

    assert waiting.wait(60) == 0
    assert launcher.everything() == made


def test_who_clears_the_store_is_waited_for(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted()
    descriptor = os.open(launcher.machine.store / "lock", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    assert launcher.alone(*INSTALL).status == STARTED

    os.close(descriptor)
    assert launcher.alone(*INSTALL).status == 0
    assert launcher.everything() == made


def test_what_stands_but_was_changed_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    launcher.alone(*INSTALL)
    launcher.run(*INSTALL)
    assert launcher.alone(*INSTALL).status == 0

    shutil.rmtree(launcher.machine.libraries / "demo-1.0.dist-info")

    assert launcher.alone(*INSTALL).status == STARTED


@pytest.mark.parametrize("name", ["trued.toml", "pyproject.toml"])
def test_a_pipe_for_configuration_holds_nothing_up(
    launcher: Launcher, wheels: list[Wheel], name: str
) -> None:
    # Reading it before it is looked at waited until somebody wrote.
    os.mkfifo(launcher.machine.work / name)

    ran = launcher.run(*INSTALL)

    assert launcher.replays == []
    assert ran.status in (0, 2)


def test_a_configuration_without_end_is_not_taken_in(launcher: Launcher, wheels: list[Wheel]) -> None:
    (launcher.machine.work / "pyproject.toml").symlink_to("/dev/zero")

    launcher.run_through(("sh", "-c", 'ulimit -v 4000000; exec "$@"', "sh"), *INSTALL)

    assert launcher.replays == []


def test_no_configuration_at_all_is_plain(launcher: Launcher, wheels: list[Wheel]) -> None:
    # Continuous integration often says so; the device is no file whose content could be compared.
    nothing = {"TRUED_CONFIG_FILE": os.devnull, "PIP_CONFIG_FILE": os.devnull}
    made = launcher.noted(*INSTALL, **nothing)

    assert launcher.alone(*INSTALL, **nothing).status == 0
    assert launcher.everything() == made


def test_more_threads_than_there_are_numbers(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted(*INSTALL, "--threads", "5000000000")

    assert launcher.alone(*INSTALL, "--threads", "5000000000").status == 0
    assert launcher.everything() == made


def test_a_time_beyond_what_the_launcher_counts_is_a_time(launcher: Launcher, wheels: list[Wheel]) -> None:
    database = launcher.machine.home / ".local" / "share" / "trued" / "known.sqlite3"
    write(database)
    os.utime(database, (10_000_000_000, 10_000_000_000))
    launcher.noted()

    assert launcher.alone(*INSTALL).status == 0


def test_a_folder_that_came_where_one_was_to_be_made_is_somebody_elses(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    # The journal would have named it as new, and undoing deleted it with what is in it.
    header = {"head.py": b"", "head-1.0.data/headers/head.h": b"int head;\n"}
    wheel = launcher.machine.index.add(make_wheel("head", files=header))
    launcher.machine.write(wheel.line)
    shutil.rmtree(launcher.venv / "include")
    launcher.run(*INSTALL)
    shutil.rmtree(launcher.venv / "include")
    shutil.rmtree(launcher.machine.libraries / "head-1.0.dist-info")
    (launcher.machine.libraries / "head.py").unlink()
    launcher.run(*INSTALL)
    assert launcher.replays == ["new"]
    shutil.rmtree(launcher.machine.libraries / "head-1.0.dist-info")
    (launcher.machine.libraries / "head.py").unlink()
    shutil.rmtree(launcher.venv / "include")
    write(launcher.venv / "include" / "mine.h", "int mine;\n")

    assert launcher.alone(*INSTALL).status == STARTED


def test_a_database_that_was_replaced_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    database = launcher.machine.home / ".local" / "share" / "trued" / "known.sqlite3"
    write(database)
    launcher.noted()
    write(database.with_name("newer"))
    database.with_name("newer").rename(database)

    assert launcher.alone(*INSTALL).status == STARTED


def test_another_answer_of_the_interpreter_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    for answer in (launcher.machine.home / ".cache" / "trued" / "interpreters").iterdir():
        os.utime(answer)

    assert launcher.alone(*INSTALL).status == STARTED


@pytest.mark.parametrize("name", ["RECORD", "trued-receipt.json"])
def test_what_stands_but_was_emptied_is_left_to_python(
    launcher: Launcher, wheels: list[Wheel], name: str
) -> None:
    # As a power cut may leave it.
    launcher.noted()
    launcher.alone(*INSTALL)
    launcher.run(*INSTALL)
    assert launcher.alone(*INSTALL).status == 0
    path = launcher.machine.libraries / "demo-1.0.dist-info" / name
    path.unlink()
    path.touch()

    assert launcher.alone(*INSTALL).status == STARTED
    assert launcher.run(*INSTALL).status == 0
    assert path.stat().st_size > 0
