"""The environment of one build: the interpreter sees it, and nothing beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trued.environment.interpreter import facts_of
from trued.environment.target import Target
from trued.environment.throw_away import throw_away_environment


@pytest.fixture
def made(tmp_path: Path) -> Target:
    folder = tmp_path / "env"
    folder.mkdir()
    return throw_away_environment(str(folder), facts_of(sys.executable, None))


def asked(made: Target, code: str) -> object:
    done = subprocess.run(
        [made.python, "-c", f"import json, sys; print(json.dumps({code}))"],
        capture_output=True,
        check=True,
        env={"PYTHONNOUSERSITE": "1"},
    )
    return json.loads(done.stdout)


def test_its_interpreter_has_its_folder_for_prefix(made: Target) -> None:
    assert asked(made, "sys.prefix") == made.prefix


def test_modules_in_it_are_found(made: Target) -> None:
    Path(made.roots["purelib"], "only_here.py").write_text("answer = 42\n")

    assert asked(made, "__import__('only_here').answer") == 42


def test_packages_of_the_interpreter_and_the_user_are_not_seen(made: Target) -> None:
    """Attack: a build dependency that nobody proved is found because it happens to be installed."""
    path = asked(made, "sys.path")

    assert isinstance(path, list)
    assert [one for one in path if "-packages" in one] == [made.roots["purelib"]]


def test_it_has_no_installer(made: Target) -> None:
    assert list(Path(made.roots["purelib"]).iterdir()) == []
