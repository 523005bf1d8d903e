"""Faults at every single step of a replay: the environment is as before or whole, and what is left mended."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.index.server import Reply
from tests.launcher import stepping
from tests.launcher.conftest import STARTED, Launcher, place

INSTALL = ("install", "-r", "requirements.txt")
NOT_PRINTED = 2
Found = dict[str, tuple[int, bytes]]

steps = pytest.mark.skipif(not stepping.POSSIBLE, reason="calls are counted on Linux for x86-64")


@dataclass(frozen=True)
class Stepped:
    """How a replay ended, and the calls that it made."""

    status: int
    calls: list[str]


@pytest.fixture
def one(launcher: Launcher) -> Launcher:
    """A machine with one wheel to be installed: a module, a script, a file of the data."""
    files = {"third.py": b"third = 3\n", "third-1.0.data/data/share/third/third.txt": b"3\n"}
    scripts = "[console_scripts]\nthird = third:third\n"
    wheel = launcher.machine.index.add(make_wheel("third", files=files, entry_points=scripts))
    launcher.machine.write(wheel.line)
    return launcher


def stepped(launcher: Launcher, faults: str = "", call: tuple[str, ...] = INSTALL) -> Stepped:
    """Replay *call* with *faults* where Python would only say that it was started."""
    ran = launcher.alone_through((sys.executable, "-IS", stepping.__file__, faults), *call)
    status, *calls = ran.out.split()
    return Stepped(int(status), calls)


def without_journal(found: Found) -> Found:
    return {name: about for name, about in found.items() if ".trued-journal" not in name}


@steps
@pytest.mark.parametrize("half", [0, 1])
def test_after_an_error_at_any_step_nothing_or_everything_has_happened(one: Launcher, half: int) -> None:
    made = one.noted()
    before = one.everything()
    count = len(stepped(one).calls)
    assert one.everything() == made
    for number in range(1 + half, count + 1, 2):
        one.renew()

        ran = stepped(one, f"{number}={errno.ENOSPC}")

        if ran.status == STARTED:
            assert one.everything() == before, (number, ran.calls)
        else:
            assert ran.status in (0, NOT_PRINTED), (number, ran.calls)
            assert without_journal(one.everything()) == made, (number, ran.calls)


@steps
@pytest.mark.parametrize("half", [0, 1])
def test_what_a_kill_leaves_at_any_step_is_mended_by_the_next_run(one: Launcher, half: int) -> None:
    made = one.noted()
    calls = stepped(one).calls
    for number in range(calls.index("mkdir") + 1 + half, len(calls) + 1, 2):
        one.renew()
        assert stepped(one, f"{number}=kill").status == -signal.SIGKILL

        ran = one.run(*INSTALL)

        assert ran.status == 0, (number, calls, ran.err)
        assert one.everything() == made, (number, calls)


@steps
def test_an_interruption_at_any_step_comes_before_or_after_all_of_it(one: Launcher) -> None:
    made = one.noted()
    before = one.everything()
    count = len(stepped(one).calls)
    for number in range(1, count + 1, 3):
        one.renew()

        ran = stepped(one, f"{number}=-{int(signal.SIGINT)}")

        assert ran.status == -signal.SIGINT, (number, ran.calls)
        assert one.everything() in (before, made), (number, ran.calls)


@steps
def test_a_commit_that_fails_and_is_killed_while_it_is_undone_is_mended(one: Launcher) -> None:
    # The journal said "done" while the files were being deleted: what was left of them counted as installed.
    made = one.noted()
    calls = stepped(one).calls
    fsync = len(calls) - calls[::-1].index("fsync")
    one.renew()
    undoing = stepped(one, f"{fsync}={errno.EIO}")
    assert undoing.status == STARTED
    for number in range(fsync + 1, len(undoing.calls) + 1):
        if undoing.calls[number - 1] not in ("rename", "unlink", "unlinkat", "rmdir"):
            continue
        one.renew()
        ran = stepped(one, f"{fsync}={errno.EIO},{number}=kill")
        assert ran.status == -signal.SIGKILL

        again = one.run(*INSTALL)

        assert again.status == 0, again.err
        assert one.everything() == made, (number, ran.calls)


@steps
def test_what_cannot_be_undone_is_left_to_python_with_its_journal(one: Launcher) -> None:
    made = one.noted()
    calls = stepped(one).calls
    link = calls.index("linkat") + 1
    one.renew()
    undoing = stepped(one, f"{link}={errno.ENOSPC}").calls
    one.renew()
    first = undoing.index("unlink", link) + 1
    assert stepped(one, f"{link}={errno.ENOSPC},{first}={errno.EIO}").status == STARTED
    assert (one.machine.libraries / ".trued-journal" / "journal").is_file()

    ran = one.run(*INSTALL)

    assert ran.status == 0, ran.err
    assert one.everything() == made


@steps
def test_python_can_be_interrupted_after_the_launcher_has_failed(one: Launcher) -> None:
    # Signals waited while the launcher was at work, and went on to wait in the Python that it became.
    one.noted()
    link = stepped(one).calls.index("linkat") + 1
    one.renew()
    one.python.unlink()
    one.python.write_text(
        "#!/bin/sh\nwhile read line; do case $line in SigBlk*) echo $line;; esac; done </proc/$$/status >&2\n"
    )
    one.python.chmod(0o755)

    ran = one.run_through((sys.executable, "-IS", stepping.__file__, f"{link}={errno.ENOSPC}"), *INSTALL)

    assert ran.err.split() == ["SigBlk:", "0" * 16]


@steps
@pytest.mark.parametrize("name", ["third.py", "third-1.0.dist-info/METADATA"])
def test_a_file_that_another_program_makes_meanwhile_stays(one: Launcher, name: str) -> None:
    one.noted()
    calls = stepped(one).calls
    one.renew()
    before = one.everything()
    path = one.machine.libraries / name
    first = calls.index("linkat") + 1

    ran = stepped(one, f"{first}=sh:mkdir -p {path.parent}; echo mine >{path}")

    assert ran.status == STARTED
    assert path.read_text() == "mine\n"
    assert one.everything().keys() - before.keys() <= {
        str(found.relative_to(one.venv)) for found in (path, path.parent)
    }


@steps
@pytest.mark.parametrize("call", ["mkdir", "linkat"])
@pytest.mark.parametrize("name", ["lib/{packages}/third-1.0.dist-info", "share/third"], ids=("code", "data"))
def test_a_link_that_is_put_in_the_way_meanwhile_leads_nowhere(
    one: Launcher, tmp_path: Path, call: str, name: str
) -> None:
    # Who may write to the environment could have another user's run make files anywhere. (A folder further up
    # that is exchanged in these milliseconds still leads there, for the launcher as for Python.)
    one.noted()
    calls = stepped(one).calls
    journal = calls.index("mkdir") + 1
    outside = tmp_path / "outside"
    outside.mkdir()
    packages = one.machine.libraries.relative_to(one.venv / "lib")
    path = one.venv / name.format(packages=packages)
    places = [number for number, one_of in enumerate(calls, 1) if number > journal and one_of == call]
    for number in places:
        one.renew()

        stepped(one, f"{number}=sh:rm -rf {path}; mkdir -p {path.parent}; ln -s {outside} {path}")

        assert list(outside.rglob("*")) == [], (number, calls)


@steps
@pytest.mark.parametrize("fault", [str(errno.ENOSPC), f"-{int(signal.SIGINT)}"], ids=["error", "interrupted"])
def test_a_lock_is_written_whole_or_not_at_all(one: Launcher, fault: str) -> None:
    routes = one.machine.index.server.routes
    page = routes["/simple/third/"]
    assert isinstance(page, Reply)
    fresh = {**page.headers, "Cache-Control": "max-age=600"}
    routes["/simple/third/"] = Reply(body=page.body, headers=fresh)
    one.machine.write("third", name="wanted.in")
    python = str(one.venv / "bin" / "python")  # that beside the launcher is exchanged in these tests
    call = ("lock", "-r", "wanted.in", "-o", "pylock.toml", "--python", python)
    lock = one.machine.work / "pylock.toml"
    for _ in range(2):
        lock.unlink(missing_ok=True)
        assert one.run(*call).status == 0
    text, names = lock.read_bytes(), set(one.machine.work.iterdir())
    lock.unlink()
    # Pages are known to be fresh from the next second on.
    whole = next(ran for ran in iter(lambda: stepped(one, call=call), None) if not ran.status)
    assert lock.read_bytes() == text
    for number in range(1, len(whole.calls) + 1):
        lock.unlink(missing_ok=True)

        ran = stepped(one, f"{number}={fault}", call)

        assert ran.status in (0, STARTED, NOT_PRINTED, -signal.SIGINT), (number, ran.calls)
        assert not lock.exists() or lock.read_bytes() == text, (number, ran.calls)
        left = set(one.machine.work.iterdir()) - names
        assert not left or ran.calls[number - 1] == "unlink", (
            number,
            ran.calls,
        )  # which was to remove the draft
        for path in left:
            path.unlink()


@steps
def test_a_limit_for_files_is_an_error_and_not_the_end(one: Launcher) -> None:
    # The signal for it ended the launcher in the middle, at every call; Python does not take notice of it.
    one.noted()
    before = one.everything()

    ran = one.alone_through(("sh", "-c", 'ulimit -f 0; exec "$@"', "sh"), *INSTALL)

    assert ran.status == STARTED
    assert one.everything() == before


def test_what_could_not_be_printed_is_no_success(one: Launcher) -> None:
    made = one.noted()

    ran = one.alone_through(("sh", "-c", 'exec "$@" 2>/dev/full', "sh"), *INSTALL)

    assert ran.status == NOT_PRINTED
    assert one.everything() == made


def test_without_streams_everything_is_installed(one: Launcher) -> None:
    made = one.noted()

    ran = one.alone_through(("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"), *INSTALL)

    assert ran.status == 0
    assert one.everything() == made


@steps
def test_without_room_for_threads_one_does_it(launcher: Launcher) -> None:
    # To be refused a thread ended the whole program by a signal, whenever it was called.
    files = {f"big/{folder}/{name}.py": b"" for folder in range(100) for name in range(8)}
    wheel = launcher.machine.index.add(make_wheel("big", files=files))
    launcher.machine.write(wheel.line)
    made = launcher.noted()
    thread = stepped(launcher).calls.index("clone3") + 1
    launcher.renew()

    ran = stepped(launcher, f"{thread}={errno.EAGAIN}")

    assert ran.status == 0
    assert launcher.everything() == made


def test_many_files_are_linked_by_two_threads(launcher: Launcher) -> None:
    files = {f"big/{folder}/{name}.py": b"%d" % name for folder in range(100) for name in range(8)}
    wheel = launcher.machine.index.add(make_wheel("big", files=files))
    launcher.machine.write(wheel.line)
    made = launcher.noted()

    for _ in range(3):
        assert launcher.alone(*INSTALL).status == 0
        assert launcher.everything() == made
        launcher.renew()


def started(launcher: Launcher, work: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [launcher.program, *INSTALL],
        cwd=work or launcher.machine.work,
        env=launcher.machine.environ,
        stderr=subprocess.PIPE,
    )


def test_many_at_once_make_one_installation(one: Launcher) -> None:
    made = one.noted()
    for _ in range(5):
        running = [started(one) for _ in range(6)]
        told = [process.communicate(timeout=60)[1] for process in running]

        assert [process.returncode for process in running] == [0] * 6, told
        assert one.everything() == made
        one.renew()


def test_many_environments_are_filled_from_one_store_at_once(
    one: Launcher, environment: Path, tmp_path: Path
) -> None:
    one.noted()
    works = [tmp_path / f"work{number}" for number in range(4)]
    for _ in range(3):
        for work in works:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(one.machine.work, work, symlinks=True)
        running = [started(one, work) for work in works]
        told = [process.communicate(timeout=60)[1] for process in running]
        assert [process.returncode for process in running] == [0] * 4, told
    for work in works:
        machine = Machine(home=one.machine.home, work=work, index=one.machine.index)
        assert machine.installed == {"third": "1.0"}


def test_beside_one_who_clears_the_cache_everything_is_whole(one: Launcher) -> None:
    made = one.noted()
    ended = threading.Event()
    told: list[str] = []

    def clear() -> None:
        while not ended.is_set():
            ran = one.run("cache", "purge")
            if ran.status != 0:
                told.append(ran.err)

    clearing = threading.Thread(target=clear)
    clearing.start()
    try:
        for _ in range(8):
            ran = one.run(*INSTALL)
            assert ran.status == 0, ran.err
            assert one.everything().keys() == made.keys()
            one.renew()
    finally:
        ended.set()
        clearing.join()
    assert told == []


def test_a_second_program_has_replays_of_its_own(one: Launcher, built: Path, tmp_path: Path) -> None:
    one.noted()
    place(built, tmp_path / "other")
    other = Launcher(machine=one.machine, prefix=tmp_path / "other", environment=one.environment)

    assert other.alone(*INSTALL).status == STARTED
