"""Private folders among the temporary files: what a killed run left goes, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trued.build.scratch import PREFIX, Scratch, sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")

_RUN = """
import sys
sys.path[:0] = {path!r}
from trued.build.scratch import Scratch
scratch = Scratch()
open(scratch.path + "/left", "w").close()
print(scratch.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_a_folder_goes_with_its_run(temporary: Path) -> None:
    with Scratch() as scratch:
        (Path(scratch.path) / "file").touch()

    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next_and_a_living_ones_stays(temporary: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN.format(path=sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        assert run.stdout is not None
        path = Path(run.stdout.readline().strip())
        with Scratch():
            lived = path.is_dir()
        run.send_signal(signal.SIGKILL)

    with Scratch() as scratch:
        is_alone = [str(one) for one in temporary.iterdir()] == [scratch.path]

    assert (lived, is_alone) == (True, True)


# Who may write among temporary files makes a link of such a name to a folder of the user.
def test_a_link_of_such_a_name_is_not_followed(temporary: Path) -> None:
    kept = temporary / "kept"
    (kept / "inner").mkdir(parents=True)
    (temporary / f"{PREFIX}evil").symlink_to(kept)

    assert sweep() == 0
    assert (kept / "inner").is_dir()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root makes folders of others")
def test_a_folder_of_another_user_is_not_looked_into(temporary: Path) -> None:
    foreign = temporary / f"{PREFIX}foreign"
    foreign.mkdir()
    os.chown(foreign, 65534, 65534)

    assert sweep() == 0
    assert foreign.is_dir()


def test_where_folders_cannot_be_locked_only_old_ones_go(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trued.build.scratch._lock", lambda _: None)
    new, old = temporary / f"{PREFIX}new", temporary / f"{PREFIX}old"
    new.mkdir()
    old.mkdir()
    os.utime(old, (time.time() - 100_000,) * 2)

    assert sweep() == 1
    assert (new.is_dir(), old.exists()) == (True, False)
