"""A file that is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from trued.core.whole_file import draft_path, write_whole


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_parts_stand_one_after_the_other_and_no_draft_is_left(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "a"), b"one ", b"two")

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one two"


def test_a_folder_that_lacks_is_made_and_private_where_the_file_is(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "private" / "a"), b"", mode=0o600)

    assert mode_of(tmp_path / "private") == 0o700
    assert mode_of(tmp_path / "private" / "a") == 0o600


def test_a_mode_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").touch(0o640)
    (tmp_path / "a").chmod(0o640)

    write_whole(str(tmp_path / "a"), b"new", keeps_mode=True)
    assert mode_of(tmp_path / "a") == 0o640

    write_whole(str(tmp_path / "a"), b"new", mode=0o600)
    assert mode_of(tmp_path / "a") == 0o600


def test_what_it_returns_tells_this_file_from_every_other(tmp_path: Path) -> None:
    written = write_whole(str(tmp_path / "a"), b"1234", durable=False)

    assert os.path.samestat(written, (tmp_path / "a").stat())
    assert written.st_size == 4


def test_a_failure_leaves_the_old_content_and_no_draft(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()  # a file cannot take the place of a folder
    (tmp_path / "a" / "kept").touch()

    with pytest.raises(OSError, match="directory"):
        write_whole(str(tmp_path / "a"), b"new")

    assert [path.name for path in tmp_path.rglob("*")] == ["a", "kept"]


def test_a_long_name_still_has_room_for_its_draft() -> None:
    assert len(os.path.basename(draft_path("/folder/" + "x" * 255))) < 255


def test_no_folder_is_made_where_that_is_not_wanted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(str(tmp_path / "missing" / "a"), b"", makes_folders=False)

    assert list(tmp_path.iterdir()) == []
