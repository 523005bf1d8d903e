"""The digest of a source tree: what it tells apart, and what not."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from trued.build.tree_digest import TreeEntry, entries_digest, tree_digest


def _tree(folder: Path) -> Path:
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("x = 1\n")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "link").symlink_to("pkg/a.py")
    return folder


def test_the_digest_is_that_of_the_documented_list(tmp_path: Path) -> None:
    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    listed = (
        "trued-tree-1\0"
        f"l {sha256('pkg/a.py')} link\0"
        f"f {sha256('x = 1' + chr(10))} pkg/a.py\0"
        f"x {sha256('#!/bin/sh' + chr(10))} run\0"
    )

    assert tree_digest(str(_tree(tmp_path / "t"))) == sha256(listed)


def test_the_order_of_the_entries_plays_no_part() -> None:
    one, other = TreeEntry("f", "0" * 64, "a"), TreeEntry("f", "1" * 64, "b")

    assert entries_digest([one, other]) == entries_digest([other, one])


def test_times_and_empty_folders_play_no_part(tmp_path: Path) -> None:
    one, other = _tree(tmp_path / "one"), _tree(tmp_path / "other")
    os.utime(other / "run", (1, 1))
    (other / "empty").mkdir()

    assert tree_digest(str(one)) == tree_digest(str(other))


def _edit(folder: Path) -> None:
    (folder / "run").write_text("#!/bin/sh\n#")


def _rename(folder: Path) -> None:
    (folder / "run").rename(folder / "ran")


def _forbid(folder: Path) -> None:
    (folder / "run").chmod(0o644)


def _lead_elsewhere(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("run")


def _be_a_file(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").write_text("pkg/a.py")


@pytest.mark.parametrize("change", [_edit, _rename, _forbid, _lead_elsewhere, _be_a_file])
def test_content_name_mode_and_kind_play_a_part(tmp_path: Path, change: Callable[[Path], None]) -> None:
    one, other = _tree(tmp_path / "one"), _tree(tmp_path / "other")
    change(other)

    assert tree_digest(str(one)) != tree_digest(str(other))


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(OSError, match="pipe is neither"):
        tree_digest(str(tmp_path))
