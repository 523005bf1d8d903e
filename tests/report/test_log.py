import os
import stat
from pathlib import Path

import pytest

from trued.report.log import LogFile


def log_at(path: Path) -> LogFile:
    return LogFile(str(path), timestamp=lambda: "2026-01-02T03:04:05Z")


def test_every_line_carries_time_and_level(tmp_path: Path) -> None:
    log = log_at(tmp_path / "log")

    log.write("info", "one\ntwo")
    log.close()

    assert (tmp_path / "log").read_text() == (
        "2026-01-02T03:04:05Z info    one\n2026-01-02T03:04:05Z info    two\n"
    )


def test_a_second_run_appends(tmp_path: Path) -> None:
    for text in ("first", "second"):
        log = log_at(tmp_path / "log")
        log.write("info", text)
        log.close()

    assert [line.split()[-1] for line in (tmp_path / "log").read_text().splitlines()] == ["first", "second"]


def test_secrets_and_control_characters_do_not_reach_it(tmp_path: Path) -> None:
    log = log_at(tmp_path / "log")

    log.write("debug", "get https://user:word@example.org/\x1b[2J with abc123", secrets=("abc123",))
    log.close()

    assert (tmp_path / "log").read_text().endswith("get https://user:****@example.org/\\x1b[2J with ****\n")


def test_its_folder_is_made(tmp_path: Path) -> None:
    log_at(tmp_path / "new" / "folder" / "log").close()

    assert (tmp_path / "new" / "folder" / "log").is_file()


@pytest.mark.skipif(os.name == "nt", reason="permission bits are POSIX")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    log_at(tmp_path / "log").close()

    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()

    with pytest.raises(OSError, match="log"):
        log_at(tmp_path / "log")
