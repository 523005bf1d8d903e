"""Protection that is broken off at every step: all as before, or set right by the next call."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, make_environment
from trued.core.errors import OperationalError
from trued.environment.immutable import is_immutable, set_immutable, why_not_immutable
from trued.environment.protection import chosen, planned, protect, unprotect, weaknesses
from trued.environment.protection_files import STAGING, files_of, shared_outside
from trued.environment.protection_state import read_protection
from trued.environment.target import Target
from trued.environment.transaction import change

HAS_IMMUTABLE = not why_not_immutable("/tmp")
MEANS = [("read-only",), *([("read-only", "immutable")] if HAS_IMMUTABLE else [])]
NOW = "2026-01-01T00:00:00Z"
RUN = """
import os, pickle, signal, sys
from trued.environment.protection import protect
with open(sys.argv[1], "rb") as file:
    target, means = pickle.load(file)
left = [int(sys.argv[2])]
def checkpoint(name):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
protect(target, means, time="2026-01-01T00:00:00Z", checkpoint=checkpoint)
"""


class Ended(BaseException):
    """What ends a run at a checkpoint, as ctrl-c does."""


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    """Return an environment with two packages, whose files the store shares, and a file of another tool."""
    made = make_environment(tmp_path / "env", str(tmp_path / "cache"))
    shelf = Shelf(tmp_path / "store")
    change(made, additions=[shelf.wheel("alpha"), shelf.wheel("beta")])
    (Path(made.roots["purelib"]) / "other.py").write_text("x = 1\n")
    yield made
    for path in (tmp_path, *tmp_path.rglob("*")):
        if not path.is_symlink() and is_immutable(str(path)):
            set_immutable(str(path), immutable=False)


def look(target: Target) -> dict[str, tuple[int, bytes | None, bool]]:
    """Return permissions, content and flag of everything below the environment."""
    found = {}
    for path in Path(target.prefix).rglob("*"):
        if not path.is_symlink():
            content = path.read_bytes() if path.is_file() else None
            found[str(path)] = (path.stat().st_mode, content, is_immutable(str(path)))
    return found


def ending_at(number: int) -> Callable[[str], None]:
    left = [number]

    def checkpoint(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Ended

    return checkpoint


@pytest.mark.parametrize("means", MEANS)
def test_broken_off_at_any_step_all_is_as_before(target: Target, means: tuple[str, ...]) -> None:
    before = look(target)

    number = 1
    while True:
        try:
            protect(target, means, time=NOW, checkpoint=ending_at(number))
        except Ended:
            assert look(target) == before, number
            number += 1
        else:
            break
    assert number > len(means) * 5


@pytest.mark.parametrize("means", MEANS)
@pytest.mark.parametrize("at", [1, 3, 8, 15, 25])
def test_killed_at_any_step_unprotect_puts_all_back(
    target: Target, tmp_path: Path, means: tuple[str, ...], at: int
) -> None:
    before = look(target)
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((target, means)))

    done = subprocess.run([sys.executable, "-c", RUN, str(job), str(at)])

    assert done.returncode in (-signal.SIGKILL, 0)
    unprotect(target)
    protect(target, means, time=NOW)
    unprotect(target)
    assert look(target) == before


@pytest.mark.parametrize("means", MEANS)
def test_content_and_times_stay(target: Target, means: tuple[str, ...]) -> None:
    path = Path(target.roots["purelib"]) / "alpha.py"
    before = (path.read_bytes(), path.stat().st_mtime_ns)

    protect(target, means, time=NOW)

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.skipif(not HAS_IMMUTABLE, reason="nothing can be made immutable here")
def test_no_inode_that_the_store_shares_is_made_immutable(target: Target, tmp_path: Path) -> None:
    protect(target, ("read-only", "immutable"), time=NOW)

    stored = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert stored
    assert not any(is_immutable(str(path)) for path in stored)
    assert shared_outside(list(files_of(target.prefix))) == []


def test_a_plan_says_what_is_shared(target: Target) -> None:
    assert planned(target.prefix, ("read-only",)).copied == 0
    assert planned(target.prefix, ("read-only", "immutable")).copied > 0


def test_names_in_no_encoding_are_protected_and_put_back(target: Target) -> None:
    path = os.fsencode(target.roots["purelib"]) + b"/\xff.py"
    with open(path, "wb") as file:
        file.write(b"x = 1\n")
    before = os.stat(path).st_mode

    protect(target, ("read-only",), time=NOW)
    assert not os.stat(path).st_mode & 0o222

    unprotect(target)
    assert os.stat(path).st_mode == before


def test_links_are_not_followed(target: Target, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine\n")
    (Path(target.prefix) / "link").symlink_to(outside)
    (Path(target.prefix) / "folder").symlink_to(tmp_path)

    protect(target, ("read-only",), time=NOW)

    assert os.stat(outside).st_mode & 0o200


def test_sources_that_are_worked_on_are_left_alone(target: Target) -> None:
    source = Path(target.prefix) / "src" / "mine" / "code.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1\n")

    protect(target, ("read-only",), time=NOW)

    assert os.access(source, os.W_OK)
    assert source.stat().st_mode & 0o200


def test_a_planted_state_gives_no_more_than_the_right_to_write(target: Target) -> None:
    """The attack: modes with set-user-ID, and paths that leave the environment, for the next unprotect."""
    path = Path(target.roots["purelib"]) / "other.py"
    path.chmod(0o555)
    name = os.path.relpath(path, target.prefix)
    state = Path(target.prefix) / ".trued-protection.json"
    state.write_text(
        '{"format": 1, "means": ["read-only"], "complete": true, "time": "", '
        f'"modes": {{"{name}": "6755", "../../escape": "0777"}}}}'
    )

    unprotect(target)

    assert path.stat().st_mode & 0o7777 == 0o555


def test_nothing_of_the_work_stays(target: Target) -> None:
    protect(target, ("read-only",), time=NOW)
    unprotect(target)

    assert not (Path(target.prefix) / STAGING).exists()
    assert read_protection(target.prefix) is None


def test_what_stands_is_told_weak_in_each_of_its_means(target: Target) -> None:
    protect(target, chosen(target.prefix, ()), time=NOW)
    standing = read_protection(target.prefix)
    assert standing is not None

    assert list(weaknesses(target.prefix, standing)) == []


def test_folders_that_lie_deep_in_each_other_are_gone_through(tmp_path: Path) -> None:
    """The attack: a package nests folders deeper than Python calls, and ``verify`` ends at its own fault."""
    folders = [str(tmp_path)]
    for _ in range(1200):
        folders.append(f"{folders[-1]}/d")
        os.mkdir(folders[-1])

    found = [one.path for one in files_of(str(tmp_path))]
    for folder in reversed(folders[1:]):
        os.rmdir(folder)

    assert found == folders[::-1]


def test_a_folder_that_cannot_be_listed_is_told(target: Target) -> None:
    protect(target, ("read-only",), time=NOW)
    standing = read_protection(target.prefix)
    assert standing is not None
    name = "x" * 200
    descriptor = os.open(target.prefix, os.O_RDONLY)
    for _ in range(25):  # longer than a path may be (PATH_MAX), which holds for root too
        os.mkdir(name, dir_fd=descriptor)
        inner = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)

    with pytest.raises(OperationalError) as caught:
        list(weaknesses(target.prefix, standing))
    subprocess.run(["rm", "-r", f"{target.prefix}/{name}"], check=True)

    assert [one.code for one in caught.value.findings] == ["TRU520"]
