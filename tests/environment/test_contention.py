"""Two runs at once, no room, no permission, other devices."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site, snapshot
from trued.core.errors import OperationalError
from trued.environment.installed import installed_distributions
from trued.environment.lock import Lock
from trued.environment.scheme import folder_roots
from trued.environment.target import Target
from trued.environment.transaction import change

ROOT = os.name == "posix" and os.geteuid() == 0

CHANGE = """
import pickle, sys
from trued.core.errors import TruedError
from trued.environment.transaction import change
with open(sys.argv[1], "rb") as file:
    target, additions = pickle.load(file)
print("ready", flush=True)
sys.stdin.readline()
try:
    change(target, additions=additions)
except TruedError as error:
    print([finding.code for finding in error.findings])
"""


def test_two_runs_at_once_that_install_different_things_both_succeed(
    environment: Target, shelf: Shelf, tmp_path: Path
) -> None:
    runs = []
    for name in ("alpha", "beta"):
        job = tmp_path / name
        files = {f"{name}/m{number}.py": b"x" for number in range(300)}
        job.write_bytes(pickle.dumps((environment, [shelf.wheel(name, files=files)])))
        runs.append(started(job))

    told = [finished(run) for run in runs]

    assert told == ["", ""]
    assert [one.project for one in installed_distributions(environment.libraries)] == ["alpha", "beta"]
    assert len(list(site(environment).glob("*/m*.py"))) == 600


def test_two_runs_at_once_that_install_the_same_thing_both_succeed(
    environment: Target, shelf: Shelf, tmp_path: Path
) -> None:
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((environment, [shelf.wheel("alpha", bytecode=True)])))
    runs = [started(job), started(job)]

    told = [finished(run) for run in runs]

    assert told == ["", ""]
    assert [one.project for one in installed_distributions(environment.libraries)] == ["alpha"]


def test_a_run_that_comes_late_does_not_install_a_second_version(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha", "1.0")])

    with pytest.raises(OperationalError) as caught:
        change(environment, additions=[shelf.wheel("alpha", "2.0")])

    assert [finding.code for finding in caught.value.findings] == ["TRU524"]
    assert [one.version for one in installed_distributions(environment.libraries)] == ["1.0"]


def test_a_removal_of_what_is_gone_is_told(environment: Target) -> None:
    with pytest.raises(OperationalError) as caught:
        change(environment, removals=[str(site(environment) / "gone.py")])

    assert [finding.code for finding in caught.value.findings] == ["TRU524"]


def test_waiting_for_another_run_is_announced(environment: Target, shelf: Shelf) -> None:
    lock = Lock(environment.roots["purelib"])
    lock.__enter__()
    announced = []

    def waiting(folder: str) -> None:
        announced.append(folder)
        threading.Thread(target=lock.__exit__).start()

    change(environment, additions=[shelf.wheel("alpha")], waiting=waiting)

    assert announced == [environment.roots["purelib"]]
    assert (site(environment) / "alpha.py").exists()


def test_the_lock_leaves_nothing_behind(environment: Target) -> None:
    before = snapshot(environment.prefix)

    with Lock(environment.roots["purelib"]):
        pass

    assert snapshot(environment.prefix) == before


def started(job: Path) -> subprocess.Popen[str]:
    run = subprocess.Popen(
        [sys.executable, "-c", CHANGE, job], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    assert run.stdout.readline() == "ready\n"
    return run


def finished(run: subprocess.Popen[str]) -> str:
    return run.communicate("go\n", timeout=30)[0]


def folder_target(environment: Target, folder: Path) -> Target:
    return Target(
        kind="target",
        python=environment.python,
        prefix=str(folder),
        facts=environment.facts,
        roots=folder_roots(str(folder)),
    )


@pytest.fixture
def other_device(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on another device than the temporary folders."""
    folder = Path("/dev/shm") / f"trued-test-{os.getpid()}"
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second device")
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_a_target_folder_may_be_on_another_device(
    environment: Target, shelf: Shelf, other_device: Path
) -> None:
    target = folder_target(environment, other_device / "packages")

    change(target, additions=[shelf.wheel("alpha", "1.0")])

    assert (other_device / "packages/alpha.py").read_bytes() == b"top = True\n"


def test_files_on_another_device_than_the_packages_are_replaced_and_put_back(
    environment: Target, shelf: Shelf, other_device: Path
) -> None:
    scripts = Path(environment.roots["scripts"])
    environment.roots["scripts"] = str(other_device)
    environment.roots["data"] = str(scripts.parent)
    change(environment, additions=[shelf.wheel("alpha", "1.0", scripts={"tool": b"1"})])
    before = snapshot(environment.prefix), snapshot(other_device)
    from tests.environment.test_transaction import removals_of

    def checkpoint(name: str) -> None:
        if name == "laid out":
            raise KeyboardInterrupt

    addition = shelf.wheel("alpha", "2.0", scripts={"tool": b"2"})
    removals = removals_of(environment, "alpha")
    with pytest.raises(KeyboardInterrupt):
        change(environment, additions=[addition], removals=removals, checkpoint=checkpoint)
    assert (snapshot(environment.prefix), snapshot(other_device)) == before

    change(environment, additions=[addition], removals=removals)
    assert (other_device / "tool").read_bytes() == b"2"
    assert [path.name for path in other_device.iterdir()] == ["tool"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with room for 400 KiB and 60 files."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        not ROOT
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400k,nr_inodes=60", "tmpfs", folder], capture_output=True
        ).returncode
    ):
        pytest.skip("cannot mount")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("files", [{"big.bin": b"x" * 600_000}, {f"m{n}.py": b"" for n in range(80)}])
def test_a_full_disk_leaves_everything_as_it_was(
    environment: Target, shelf: Shelf, small_disk: Path, files: dict[str, bytes]
) -> None:
    target = folder_target(environment, small_disk / "packages")
    change(target, additions=[shelf.wheel("alpha")])
    before = snapshot(small_disk)

    with pytest.raises(OperationalError) as caught:
        change(target, additions=[shelf.wheel("large", files=files)])

    assert [finding.code for finding in caught.value.findings] == ["TRU521"]
    assert snapshot(small_disk) == before


@pytest.mark.skipif(not ROOT, reason="needs to become another user")
def test_an_environment_of_somebody_else_is_left_as_it_was(
    environment: Target, shelf: Shelf, tmp_path: Path
) -> None:
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((environment, [shelf.wheel("alpha")])))
    before = snapshot(environment.prefix)
    with OpenedPath(tmp_path):
        answer = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(job)], capture_output=True, text=True, cwd="/"
        )

    assert (answer.stdout.strip(), answer.stderr) == ("['TRU520']", "")
    assert snapshot(environment.prefix) == before


AS_NOBODY = """
import pickle, sys, os
import fcntl, trued.core.errors, trued.core.finding  # before: nobody may not read root's own Python
from trued.core.errors import TruedError
from trued.environment.transaction import change
with open(sys.argv[1], "rb") as file:
    target, additions = pickle.load(file)
os.setuid(65534)
try:
    change(target, additions=additions)
except TruedError as error:
    print([finding.code for finding in error.findings])
"""


class OpenedPath:
    """While inside, anybody may walk to a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._modes = {
            path: path.stat().st_mode for path in (folder, *folder.parents) if not path.stat().st_mode & 1
        }

    def __enter__(self) -> None:
        for path, mode in self._modes.items():
            path.chmod(mode | 0o055)

    def __exit__(self, *_: object) -> None:
        for path, mode in self._modes.items():
            path.chmod(mode)
