"""``kill -9`` at any step: the next run finds the environment as before, or complete."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, Snapshot, site, snapshot
from tests.environment.test_transaction import removals_of
from trued.environment.journal import FOLDER
from trued.environment.target import Target
from trued.environment.transaction import change, finish_leftovers

RUN = """
import os, pickle, signal, sys
from trued.environment.target import Target
from trued.environment.transaction import Addition, change
from trued.store.link import LayOut, lay_out

job, ending, at = sys.argv[1:]
# Under nohup, or in the background of a script, the tests are started with these two ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
with open(job, "rb") as file:
    target, additions, removals = pickle.load(file)
steps = []

def checkpoint(name):
    steps.append(name)
    if at in (name, str(len(steps))):
        os.kill(os.getpid(), getattr(signal, ending))

def one_by_one(additions, roots):
    for one in additions:
        lay_out([LayOut(one.entry, one.manifest, one.bytecode)], roots, workers=1)
        checkpoint("linked " + one.manifest["project"])

change(target, additions=additions, removals=removals, lay_out=one_by_one, checkpoint=checkpoint)
print(len(steps))
"""


class Scene:
    """An environment before and after one change, and that change in another process."""

    def __init__(self, target: Target, job: Path, after: Snapshot) -> None:
        self.target = target
        self.job = job
        self.before = snapshot(target.prefix)
        self.after = after

    def run(self, ending: str, at: int | str) -> subprocess.CompletedProcess[str]:
        """Run the change in a process that ends itself at a checkpoint, given by number or name."""
        return subprocess.run(
            [sys.executable, "-c", RUN, self.job, ending, str(at)], capture_output=True, text=True
        )


@pytest.fixture
def scene(environment: Target, shelf: Shelf, tmp_path: Path) -> Scene:
    """Return a change with everything in it: a replacement, a removal, an addition, shared folders."""
    old = [
        shelf.wheel("alpha", "1.0", {"alpha/old.py": b"", "shared/alpha.py": b"1"}, bytecode=True),
        shelf.wheel("beta", scripts={"beta-tool": b"b"}),
        shelf.wheel("stays", files={"shared/stays.py": b""}),
    ]
    change(environment, additions=old)
    additions = [
        shelf.wheel("alpha", "2.0", {"alpha/new.py": b"", "shared/alpha.py": b"2"}, bytecode=True),
        shelf.wheel("gamma", data={"share/gamma/x": b"x"}, entry_points=(("console", "g", "gamma", "m"),)),
    ]
    removals = removals_of(environment, "alpha", "beta")
    job = tmp_path / "job"
    job.write_bytes(pickle.dumps((environment, additions, removals)))
    kept = tmp_path / "kept"
    shutil.copytree(environment.prefix, kept, symlinks=True)
    change(environment, additions=additions, removals=removals)
    after = snapshot(environment.prefix)
    shutil.rmtree(environment.prefix)
    kept.rename(environment.prefix)
    return Scene(environment, job, after)


def test_kill_at_any_step_leaves_before_or_after(scene: Scene, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(scene.target.prefix, kept, symlinks=True)
    outcomes = []
    for at in range(1, 100):
        answer = scene.run("SIGKILL", at)
        if answer.returncode == 0:
            break
        assert answer.returncode == -signal.SIGKILL, answer.stderr
        finish_leftovers(scene.target)
        now = snapshot(scene.target.prefix)
        assert now in (scene.before, scene.after), f"killed at checkpoint {at}"
        outcomes.append(now == scene.after)
        shutil.rmtree(scene.target.prefix)
        shutil.copytree(kept, scene.target.prefix, symlinks=True)

    assert outcomes == sorted(outcomes)
    assert len(outcomes) > 12
    assert True in outcomes
    assert False in outcomes


def test_kill_in_the_middle_of_undoing_is_undone_too(scene: Scene) -> None:
    scene.run("SIGKILL", "linked alpha")
    assert (site(scene.target) / FOLDER).exists()
    undo = """
import os, pickle, signal, sys
from trued.environment.transaction import recover
with open(sys.argv[1], "rb") as file:
    target = pickle.load(file)[0]
seen = []
def checkpoint(name):
    seen.append(name)
    if len(seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
recover(target.roots, checkpoint)
"""
    for at in (1, 2, 3):
        answer = subprocess.run([sys.executable, "-c", undo, scene.job, str(at)])
        assert answer.returncode == -signal.SIGKILL

    finish_leftovers(scene.target)

    assert snapshot(scene.target.prefix) == scene.before


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_polite_end_is_undone_by_the_process_itself(scene: Scene, ending: str) -> None:
    answer = scene.run(ending, "linked alpha")

    assert answer.returncode != 0
    assert snapshot(scene.target.prefix) == scene.before


def test_the_handler_of_sigterm_is_given_back(environment: Target, shelf: Shelf) -> None:
    before = signal.getsignal(signal.SIGTERM)

    change(environment, additions=[shelf.wheel("alpha")])

    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interrupted_run_is_finished_even_without_the_store(scene: Scene, shelf: Shelf) -> None:
    scene.run("SIGKILL", "linked alpha")
    shutil.rmtree(shelf.root)

    assert finish_leftovers(scene.target) == "undone"
    assert snapshot(scene.target.prefix) == scene.before


def test_an_interrupted_run_is_undone_after_the_environment_was_moved(scene: Scene, tmp_path: Path) -> None:
    scene.run("SIGKILL", "linked alpha")
    moved = tmp_path / "moved"
    os.rename(scene.target.prefix, moved)
    target = Target(
        kind="virtual",
        python=str(moved / "bin/python"),
        prefix=str(moved),
        facts=scene.target.facts,
        roots={
            key: path.replace(scene.target.prefix, str(moved)) for key, path in scene.target.roots.items()
        },
    )

    finish_leftovers(target)

    assert snapshot(moved) == scene.before


def test_the_next_change_begins_by_undoing(scene: Scene, shelf: Shelf) -> None:
    scene.run("SIGKILL", "linked alpha")

    change(scene.target, additions=[shelf.wheel("delta")])

    assert (site(scene.target) / "delta.py").exists()
    assert (site(scene.target) / "alpha/old.py").exists()
    assert not (site(scene.target) / FOLDER).exists()


def test_what_another_tool_installed_since_is_not_undone(scene: Scene, shelf: Shelf) -> None:
    """Killed while it replaced alpha 1.0 by 2.0; then another tool removed the half and installed 3.0."""
    scene.run("SIGKILL", "linked alpha")
    library = site(scene.target)
    assert (library / "alpha-2.0.dist-info/RECORD").exists()
    shutil.rmtree(library / "alpha-2.0.dist-info")
    shutil.rmtree(library / "alpha", ignore_errors=True)
    (library / "alpha").mkdir()
    (library / "alpha/third.py").write_text("3")
    (library / "alpha-3.0.dist-info").mkdir()
    (library / "alpha-3.0.dist-info/METADATA").write_text("Name: alpha\nVersion: 3.0\n")
    (library / "alpha-3.0.dist-info/INSTALLER").write_text("pip\n")
    (library / "alpha-3.0.dist-info/RECORD").write_text("alpha/third.py,,\nalpha-3.0.dist-info/RECORD,,\n")

    finish_leftovers(scene.target)

    assert (library / "alpha/third.py").read_text() == "3"
    assert not (library / "alpha/old.py").exists()
    assert (library / "beta.py").exists()
    assert not (library / "gamma.py").exists()
    assert not (library / FOLDER).exists()
