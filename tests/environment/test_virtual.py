"""Virtual environments that are made for a run, and taken back when it fails."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
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


def test_two_runs_that_make_the_same_one_make_it_once(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: create_virtual_environment(str(folder), sys.executable), range(4)))

    assert sorted(told) == [False, False, False, True]
    assert (folder / "bin" / "python").exists()
    assert (folder / ".trued-environment.json").exists()
