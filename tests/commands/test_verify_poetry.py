"""An environment that Poetry made and filled. Poetry comes from the real index, once a run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, install_newest, make_wheel

pytestmark = pytest.mark.network

DEMO = make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:main\n")


@pytest.fixture(scope="module")
def poetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program, in an environment of its own that nothing else sees."""
    folder = tmp_path_factory.mktemp("poetry") / "environment"
    install_newest("poetry", folder)
    return folder / "bin/poetry"


@pytest.fixture
def filled(machine: Machine, poetry: Path) -> Machine:
    """Return a machine whose environment Poetry made, with demo in it."""
    machine.index.add(DEMO)
    (machine.work / ".venv").rename(machine.work / "other")
    machine.write(
        "[project]",
        'name = "app"',
        'version = "1"',
        'requires-python = ">=3.11"',
        'dependencies = ["demo==1.0"]',
        "[tool.poetry]",
        "package-mode = false",
        "[[tool.poetry.source]]",
        'name = "local"',
        f'url = "{machine.index.url}"',
        'priority = "primary"',
        name="pyproject.toml",
    )
    variables = {
        "POETRY_VIRTUALENVS_IN_PROJECT": "true",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    subprocess.run(
        [poetry, "install", "-n", "-q"], cwd=machine.work, env=machine.environ | variables, check=True
    )
    return machine


def test_what_poetry_left_is_sound(filled: Machine) -> None:
    assert filled.trued("verify").status == 0


def test_what_was_changed_in_it_is_told(filled: Machine) -> None:
    (filled.libraries / "demo/__init__.py").write_text("evil = True\n")

    ran = filled.trued("verify")

    assert ran.status == 1
    assert "modified   TRU525  demo 1.0" in ran.out


def test_hashes_of_a_requirements_file_prove_it(filled: Machine) -> None:
    filled.write(DEMO.line)

    document = filled.trued("verify", "--against", "requirements.txt", "--json").document

    result = document["result"]
    assert isinstance(result, dict)
    assert result["proven"] == 1


def test_freeze_finds_the_wheels_that_poetry_installed(filled: Machine) -> None:
    assert DEMO.sha256 in filled.trued("freeze", "--require-hashes").out
