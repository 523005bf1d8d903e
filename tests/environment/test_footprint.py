"""The survey: what an installation will make, compared with what stands there."""

from __future__ import annotations

from pathlib import Path

from trued.environment.footprint import WHOLE, survey


def roots(folder: Path) -> dict[str, str]:
    return dict.fromkeys(("purelib", "platlib", "scripts", "headers", "data"), str(folder))


def test_a_whole_folder_that_is_new_is_one_new_folder(tmp_path: Path) -> None:
    found = survey([(0, [("purelib", "demo", WHOLE), ("purelib", "", ("top.py",))])], roots(tmp_path))

    assert found.is_clear
    assert found.directories == [("purelib", "demo")]
    assert found.files == [("purelib", "top.py")]


def test_a_whole_folder_that_stands_already_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()

    found = survey([(3, [("purelib", "demo", WHOLE)])], roots(tmp_path))

    assert found.occupied == [(3, "purelib", "demo")]


def test_two_may_share_a_whole_folder_that_is_new(tmp_path: Path) -> None:
    groups = [("purelib", "google", WHOLE)]

    found = survey([(0, groups), (1, groups)], roots(tmp_path))

    assert found.is_clear
    assert found.directories == [("purelib", "google")]


def test_files_of_one_name_are_still_found_beside_whole_folders(tmp_path: Path) -> None:
    one = [("purelib", "demo", WHOLE), ("scripts", "", ("run",))]

    found = survey([(0, one), (1, [("scripts", "", ("run",))])], roots(tmp_path))

    assert found.shared == [(0, 1, "scripts", "run")]
