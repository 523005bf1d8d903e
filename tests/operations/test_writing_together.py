"""Files that are written together: all of them, or every one as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from trued.core.errors import OperationalError
from trued.operations.migration.writing import PlannedFile, write_together


class Interrupted(str):
    """A text that the user's ctrl-c comes upon."""

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        raise KeyboardInterrupt


def planned(name: str, text: str, old: bytes | None = None) -> PlannedFile:
    return PlannedFile(name=name, text=text, old=old)


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    (tmp_path / "same").write_text("text")

    assert write_together(str(tmp_path), [planned("same", "text", b"text"), planned("new", "n")]) == ("new",)


@pytest.mark.parametrize("before", [None, b"before"])
def test_an_interruption_leaves_every_file_as_it_was(tmp_path: Path, before: bytes | None) -> None:
    if before is not None:
        (tmp_path / "first").write_bytes(before)

    with pytest.raises(KeyboardInterrupt):
        write_together(str(tmp_path), [planned("first", "after", before), planned("second", Interrupted())])

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == (
        {} if before is None else {"first": before}
    )


def test_a_file_that_cannot_be_written_takes_the_others_back(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(OperationalError):
        write_together(str(tmp_path), [planned("first", "text"), planned("folder", "text")])

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_changed_file_is_shown_line_by_line() -> None:
    diff = planned("a.txt", "one\nthree\n", b"one\ntwo\n").diff

    assert diff.splitlines()[:2] == ["--- a.txt (now)", "+++ a.txt (new)"]
    assert diff.splitlines()[-2:] == ["-two", "+three"]
