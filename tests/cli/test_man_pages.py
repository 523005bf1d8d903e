"""The manual pages: made from the tables, sound to those who read such pages, and part of what is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from trued.cli.commands import COMMANDS
from trued.config.options import of_command

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every page."""
    made = tmp_path_factory.mktemp("man1")
    subprocess.run([sys.executable, "tools/man_pages.py", str(made)], cwd=ROOT, check=True)
    return made


def needed(tool: str) -> str:
    """Return the tool's path; where the check runs as a whole it has to be there."""
    path = shutil.which(tool)
    if path is None:
        assert not os.environ.get("CI"), f"{tool} belongs to the packages of .ci/run"
        pytest.skip(f"{tool} is not on this machine")
    return path


def test_each_command_has_a_page(folder: Path) -> None:
    expected = {"trued.1", *(f"trued-{name}.1" for name in COMMANDS)}

    assert {path.name for path in folder.iterdir()} == expected


def test_a_page_has_the_options_of_its_command(folder: Path) -> None:
    text = (folder / "trued-migrate.1").read_text().replace("\\-", "-")

    shown = [one for one in of_command("migrate") if not one.hidden]
    longs = [word for one in shown for word in one.spellings if word.startswith("--")]
    general = (folder / "trued.1").read_text().replace("\\-", "-")
    assert [word for word in longs if word not in text and word not in general] == []


def test_the_pages_are_sound(folder: Path) -> None:
    pages = sorted(str(path) for path in folder.iterdir())

    told = subprocess.run([needed("mandoc"), "-T", "lint", *pages], capture_output=True, text=True).stdout

    # They carry no date: two builds of one commit have to be the same.
    assert [
        line for line in told.splitlines() if "missing date" not in line and "longer than 80" not in line
    ] == []


def test_a_page_is_shown_whole(folder: Path) -> None:
    command = [needed("mandoc"), "-T", "utf8", "-O", "width=80", str(folder / "trued-lock.1")]

    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    plain = "".join(one for index, one in enumerate(shown) if "\b" not in shown[index : index + 2])
    assert "trued lock --check" in plain
    assert "TRUED_UNIVERSAL" in plain


def test_building_takes_the_pages_along(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("src", "tools"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert len([name for name in names if "/share/man/man1/trued-" in name]) == len(COMMANDS)
