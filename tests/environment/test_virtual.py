"""Virtual environments that are made for a run, and taken back when it fails."""

from __future__ import annotations

import sys
from pathlib import Path

from trued.environment.virtual import create_virtual_environment, take_back


def made(folder: Path) -> str:
    """Make an environment at *folder* and return the folder of its packages."""
    create_virtual_environment(str(folder), sys.executable)
    return str(next(folder.glob("lib/python*/site-packages")))


def test_one_is_taken_back_whole(tmp_path: Path) -> None:
    library = made(tmp_path / "new")

    take_back(str(tmp_path / "new"), [library], stood=False)

    assert list(tmp_path.iterdir()) == []


def test_one_that_somebody_installed_into_meanwhile_stays(tmp_path: Path) -> None:
    library = made(tmp_path / "new")
    (Path(library) / "theirs.py").write_text("")

    take_back(str(tmp_path / "new"), [library], stood=False)

    assert (Path(library) / "theirs.py").exists()
    assert (tmp_path / "new" / "pyvenv.cfg").exists()
