"""The kept log: for its owner alone, fit for a terminal, without secrets, whole."""

from pathlib import Path

import pytest

from trued.build.log import BuildLog


def kept(path: Path, *pieces: bytes) -> str:
    with BuildLog(str(path), mask=lambda text: text.replace("hunter2", "****")) as log:
        for piece in pieces:
            log.feed(piece)
    return path.read_text()


def test_the_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    kept(tmp_path / "log", b"")

    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


# Another user makes the file, or a link, before.
def test_a_log_that_exists_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "other")

    with pytest.raises(FileExistsError):
        BuildLog(str(tmp_path / "log"), mask=str)


def test_lines_may_arrive_in_any_pieces(tmp_path: Path) -> None:
    assert kept(tmp_path / "log", b"a", b"b\nc", b"\n", b"d") == "ab\nc\nd\n"


def test_progress_on_one_line_becomes_lines(tmp_path: Path) -> None:
    assert kept(tmp_path / "log", b" 10%\r 20%\r\ndone\n") == " 10%\n 20%\ndone\n"


# Hides the lines above, sets the window's title, answers as if typed, turns the reading direction.
@pytest.mark.parametrize(
    "trick", [b"\x1b[2J", b"\x1b]0;title\x07", b"\x9b5n", "\u202e".encode(), b"\x08\x08", b"\x00"]
)
def test_what_moves_the_cursor_or_the_reader_is_written_as_an_escape(trick: bytes, tmp_path: Path) -> None:
    text = kept(tmp_path / "log", b"error" + trick + b"\n")

    assert text.rstrip("\n").isprintable()
    assert "\\" in text


def test_colours_are_dropped(tmp_path: Path) -> None:
    assert kept(tmp_path / "log", b"\x1b[1;31merror:\x1b[m no\n") == "error: no\n"


def test_secrets_are_masked_however_the_line_is_cut(tmp_path: Path) -> None:
    assert kept(tmp_path / "log", b"token hunt", b"er2\n") == "token ****\n"


# A colour in the middle of a secret would keep it from being found.
def test_secrets_are_masked_after_colours_are_dropped(tmp_path: Path) -> None:
    assert kept(tmp_path / "log", b"hunt\x1b[31mer2\n") == "****\n"


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    text = kept(tmp_path / "log", *(b"x" * 1500 for _ in range(4)))

    assert len(text.splitlines()) == 2


def test_the_last_lines_are_those_that_say_something(tmp_path: Path) -> None:
    with BuildLog(str(tmp_path / "log"), mask=str) as log:
        log.note("build_wheel")
        log.feed(b"one\n\n  \ntwo\nthree")

        assert log.last_lines(2) == ("two", "three")
        assert log.last_lines() == ("one", "two", "three")


def test_each_line_is_told_while_the_build_runs(tmp_path: Path) -> None:
    told: list[str] = []
    with BuildLog(str(tmp_path / "log"), mask=str, told=told.append) as log:
        log.feed(b"compiling\n\nlinking")

        assert told == ["compiling"]
    assert told == ["compiling", "linking"]
