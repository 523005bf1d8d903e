"""No process of a build outlives it, and none takes more than it may."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.build.evil import Bench, running_with
from trued.build import supervisor
from trued.build.limits import BuildLimits
from trued.build.log import BuildLog
from trued.build.no_sandbox import NoSandbox
from trued.build.sandbox import Confinement
from trued.core.errors import OperationalError, Refused, TruedError

_MIB = 1024 * 1024


def refusal(error: pytest.ExceptionInfo[TruedError]) -> tuple[str, str]:
    (finding,) = error.value.findings
    return finding.code, finding.subject


# A daemon would go on after the wheel is there: double fork, a session of its own, all signals ignored.
def test_a_daemon_dies_with_its_build(boxed: Bench) -> None:
    token = f"daemon-{os.getpid()}"
    outcome = boxed.build(
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        argv = [sys.executable, '-c', 'import time; time.sleep(300)', '{token}']\n"
        "        os.execv(sys.executable, argv)\n"
        "    os._exit(0)\n"
        "time.sleep(0.3)\n"
        "print('left it behind')"
    )

    assert "left it behind" in outcome.log
    assert not running_with(token)


def test_a_build_that_sleeps_is_killed_with_all_it_started(boxed: Bench) -> None:
    token = f"sleeper-{os.getpid()}"
    with pytest.raises(Refused) as error:
        boxed.build(
            f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '{token}'])\n"
            "print('asleep', flush=True)\n"
            "time.sleep(300)",
            limits=BuildLimits(wall_seconds=2),
        )

    assert refusal(error) == ("TRU442", "time")
    assert "asleep" in error.value.findings[0].values["lines"]
    assert not running_with(token)


def test_nothing_runs_on_where_a_folder_to_be_watched_is_gone(tmp_path: Path) -> None:
    token = f"unwatched-{os.getpid()}"
    confinement = Confinement(cwd=str(tmp_path), writable=(str(tmp_path / "gone"),))

    with BuildLog(str(tmp_path / "log"), mask=str) as log, pytest.raises(FileNotFoundError):
        NoSandbox().run([sys.executable, "-c", "import time; time.sleep(300)", token], confinement, log=log)

    assert not running_with(token)


# A fork bomb: where the kernel does not count (root), trued counts.
def test_a_fork_bomb_is_bounded(boxed: Bench) -> None:
    token = f"bomb-{os.getpid()}"
    with pytest.raises(TruedError):
        boxed.build(
            f"open('/tmp/{token}', 'w').close()\nwhile True:\n    if os.fork() == 0: time.sleep(0.001)",
            limits=BuildLimits(processes=64, wall_seconds=20),
        )

    assert not running_with(token)


def test_memory_is_bounded(boxed: Bench) -> None:
    with pytest.raises((OperationalError, Refused)):
        boxed.build(
            "held = []\nwhile True: held.append(b'x' * 10_000_000)",
            limits=BuildLimits(memory_bytes=256 * _MIB, wall_seconds=20),
        )

    assert "MemoryError" in boxed.log


# Each process stays below the limit of one; together they do not.
def test_the_memory_of_many_processes_counts_together(boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(
            "for _ in range(8):\n"
            "    if os.fork() == 0:\n"
            "        held = bytearray(os.urandom(1) * 60_000_000)\n"
            "        time.sleep(300)\n"
            "time.sleep(300)",
            limits=BuildLimits(memory_bytes=256 * _MIB, wall_seconds=30),
        )

    assert refusal(error) == ("TRU442", "memory")


# Memory that is a file without a name and belongs to no process: it would not be counted.
@pytest.mark.parametrize(
    "way", ["os.memfd_create('x')", "ctypes.CDLL(None).shmget(1, 4096, 0o1600) >= 0 or 1/0"]
)
def test_memory_that_no_process_holds_cannot_be_had(way: str, boxed: Bench) -> None:
    outcome = boxed.build(
        f"try:\n    {way}\n    got('memory')\nexcept (OSError, ZeroDivisionError): print('none')"
    )

    assert not outcome.loot


def test_shared_memory_is_bounded(boxed: Bench) -> None:
    outcome = boxed.build("Path('/dev/shm/x').write_bytes(b'x' * 100_000_000); got('100 MB')")

    assert not outcome.loot


# One endless file, and many: also files that were removed and stay open.
def test_a_file_is_bounded(boxed: Bench) -> None:
    outcome = boxed.build(
        "with open('/tmp/big', 'wb') as file:\n"
        "    for _ in range(100): file.write(b'x' * 1_000_000)\n"
        "got('100 MB')",
        limits=BuildLimits(file_bytes=10 * _MIB),
    )

    assert not outcome.loot
    assert "File too large" in outcome.log


def test_the_disk_is_bounded_even_by_files_without_a_name(boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(
            "held = []\n"
            "for number in range(400):\n"
            "    held.append(open(f'/tmp/{number}', 'wb'))\n"
            "    os.unlink(f'/tmp/{number}')\n"
            "    held[-1].write(b'x' * 10_000_000)\n"
            "    held[-1].flush()\n"
            "time.sleep(300)",
            limits=BuildLimits(written_bytes=400 * _MIB, wall_seconds=40),
        )

    assert refusal(error) == ("TRU442", "disk space")


# What lies in sockets is no process's memory: one process filled 900 MB so, with 14 MB of its own.
def test_memory_that_no_process_has_is_bounded(boxed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([10_000 * _MIB, 5000 * _MIB])
    monkeypatch.setattr(supervisor, "_available_memory", lambda: next(told, 900 * _MIB))

    with pytest.raises(Refused) as error:
        boxed.build("time.sleep(300)", limits=BuildLimits(wall_seconds=40))

    assert refusal(error) == ("TRU442", "memory")


# Empty files take no space, and still the places that a file system has for files.
def test_the_number_of_files_is_bounded(boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(
            "for number in range(20_000): open(f'/tmp/{number}', 'wb').close()\ntime.sleep(300)",
            limits=BuildLimits(entries=10_000, wall_seconds=40),
        )

    assert refusal(error) == ("TRU442", "files")


def test_endless_output_is_bounded(boxed: Bench) -> None:
    with pytest.raises(Refused) as error:
        boxed.build(
            "while True: os.write(1, b'y\\n' * 10_000)",
            limits=BuildLimits(output_bytes=_MIB, wall_seconds=30),
        )

    assert refusal(error) == ("TRU442", "printed text")
    assert len(boxed.log) < 3 * _MIB


# One line without an end would have to be held in memory.
def test_a_line_without_end_is_cut(boxed: Bench) -> None:
    outcome = boxed.build("os.write(1, b'y' * 50_000)")

    assert max(map(len, outcome.log.splitlines())) < 70_000
    assert outcome.log.count("y") >= 50_000


def test_processor_time_is_bounded(boxed: Bench) -> None:
    with pytest.raises(OperationalError) as error:
        boxed.build("while True: pass", limits=BuildLimits(cpu_seconds=1, wall_seconds=30))

    assert refusal(error) == ("TRU441", "build_wheel")


_STARTER = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = {path!r}
from tests.build.evil import Bench
from trued.build.no_sandbox import NoSandbox
from trued.build.sandbox import find_sandbox
sandbox = find_sandbox(os.environ, platform=sys.platform) if sys.argv[1] == "boxed" else NoSandbox()
code = '''
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", around["token"]])
print("asleep", flush=True)
time.sleep(300)
'''
try:
    Bench(Path(sys.argv[2]), sandbox).build(code, around={{"token": sys.argv[3]}})
except KeyboardInterrupt:
    print("interrupted")
"""


def started(bench: Bench, kind: str, token: str) -> subprocess.Popen[bytes]:
    script = _STARTER.format(path=[path for path in sys.path if path])
    process = subprocess.Popen(
        [sys.executable, "-c", script, kind, str(bench.folder), token], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    until = time.monotonic() + 60
    while sum("time.sleep(300)" in line and "sys.argv" not in line for line in running_with(token)) == 0:
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.05)
    return process


def await_end_of(token: str) -> None:
    until = time.monotonic() + 20
    while running_with(token):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ["boxed", "free"])
def test_ctrl_c_ends_the_whole_tree(kind: str, request: pytest.FixtureRequest) -> None:
    token = f"interrupted-{kind}-{os.getpid()}"
    process = started(request.getfixturevalue(kind), kind, token)

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)

    assert said == b"interrupted\n"
    assert not running_with(token)


def test_the_box_ends_when_trued_is_killed(boxed: Bench) -> None:
    token = f"orphan-{os.getpid()}"
    process = started(boxed, "boxed", token)

    process.kill()
    process.communicate()

    await_end_of(token)


def test_without_the_box_the_limits_hold_what_hangs_on_the_build(free: Bench) -> None:
    token = f"free-sleeper-{os.getpid()}"
    with pytest.raises(Refused) as error:
        free.build(
            f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '{token}'])\n"
            "time.sleep(300)",
            limits=BuildLimits(wall_seconds=2),
        )

    assert refusal(error) == ("TRU442", "time")
    assert not running_with(token)


# Each empty line costs as much as a full one: while millions were written down, nobody looked at the limits.
def test_a_flood_of_lines_does_not_keep_the_limits_from_being_looked_at(boxed: Bench) -> None:
    begun = time.monotonic()

    with pytest.raises(Refused) as error:
        boxed.build("while True: os.write(1, b'\\n' * 65536)", limits=BuildLimits(wall_seconds=2))

    assert refusal(error) == ("TRU442", "time")
    assert time.monotonic() - begun < 8
