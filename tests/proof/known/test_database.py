"""The file: private, whole, shared between processes, and kept when it is damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof.known.samples import JANUARY, JUNE, database, learn, run, sha256, subject
from trued.core.errors import OperationalError, Refused
from trued.proof.known.database import Database
from trued.proof.known.known_files import KnownFiles, Learned
from trued.proof.known.schema import APPLICATION, MIGRATIONS


def known(folder: Path, *, time: str = JUNE, number: int = 2) -> KnownFiles:
    return KnownFiles(str(database(folder)), run=run(time, number=number))


def code_of(error: pytest.ExceptionInfo[OperationalError]) -> str:
    return error.value.findings[0].code


def test_the_file_and_its_folder_are_the_users_alone(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    path = database(tmp_path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_file_says_what_it_is_and_of_which_form(tmp_path: Path) -> None:
    learn(tmp_path, subject())

    connection = sqlite3.connect(database(tmp_path))
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()

    assert (application, version) == (APPLICATION, len(MIGRATIONS))


def test_nothing_is_written_before_commit(tmp_path: Path) -> None:
    with known(tmp_path) as files:
        files.remember(Learned(subject=subject(), accepted="asked"))

    assert not database(tmp_path).exists()


def test_a_run_is_written_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    learn(tmp_path, subject("taken"))

    with known(tmp_path) as files:
        files.remember(Learned(subject=subject("fresh"), accepted="asked"))
        files.remember(Learned(subject=subject("taken", content="others"), accepted="asked"))
        with pytest.raises(Refused) as error:
            files.commit()

        assert [finding.code for finding in error.value.findings] == ["TRU770"]
        assert [file.project for file in files.files()] == ["taken"]


def test_what_was_first_seen_stays_that(tmp_path: Path) -> None:
    learn(tmp_path, subject(), time=JANUARY)
    learn(tmp_path, subject(), time=JUNE)

    with known(tmp_path) as files:
        (file,) = files.files()

    assert (file.first_seen, file.run.id) == (JANUARY, "run-1")


def test_no_record_is_dated_before_an_earlier_one(tmp_path: Path) -> None:
    learn(tmp_path, subject(), time=JUNE)
    learn(tmp_path, subject("later"), time="2025-06-10T12:00:00Z")

    with known(tmp_path) as files:
        assert {file.first_seen for file in files.files()} == {JUNE}


def test_a_clock_before_the_newest_record_is_told(tmp_path: Path) -> None:
    learn(tmp_path, subject(), time=JUNE)

    with known(tmp_path, time="2025-06-10T12:00:00Z") as files:
        (finding,) = files.clock_findings()

    assert finding.code == "TRU777"
    assert finding.values == {"clock": "2025-06-10T12:00:00Z", "newest": JUNE}


def test_a_clock_that_goes_on_is_not_told(tmp_path: Path) -> None:
    learn(tmp_path, subject(), time=JANUARY)

    with known(tmp_path, time=JUNE) as files:
        assert files.clock_findings() == ()


WRITER = """
import sys
from pathlib import Path
from tests.proof.known.samples import learn, subject
folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    learn(folder, subject(f"{name}{number}"), subject("shared"))
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    arguments = [[sys.executable, "-c", WRITER, str(tmp_path), name, "15"] for name in ("first", "second")]
    running = [subprocess.Popen(each, cwd=Path(__file__).parents[3]) for each in arguments]

    assert [process.wait(60) for process in running] == [0, 0]
    with known(tmp_path) as files:
        assert len(files.files()) == 31


def test_of_two_processes_that_accept_different_bytes_one_is_refused(tmp_path: Path) -> None:
    # the attack: an index that hands out two files under one name, to two runs at the same moment
    with known(tmp_path, number=1) as one, known(tmp_path, number=2) as other:
        one.remember(Learned(subject=subject(), accepted="asked"))
        other.remember(Learned(subject=subject(content="others"), accepted="asked"))
        one.commit()
        with pytest.raises(Refused):
            other.commit()

        assert [file.sha256 for file in other.files()] == [subject().sha256]


def test_a_writer_that_waits_too_long_for_another_is_told(tmp_path: Path) -> None:
    learn(tmp_path, subject())
    holder = sqlite3.connect(database(tmp_path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    waiting = Database(str(database(tmp_path)), wait_seconds=0.05)
    with pytest.raises(OperationalError) as error, waiting.writing():
        pass
    waiting.close()
    holder.close()

    assert code_of(error) == "TRU776"
    assert error.value.findings[0].values["reason"] == "another run is writing it"


def test_a_file_that_is_no_database_is_told_and_stays_as_it_is(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    database(tmp_path).write_bytes(b"no database at all, but longer than the header of one" * 40)
    before = database(tmp_path).read_bytes()

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.judge(subject(), ())

    assert code_of(error) == "TRU775"
    assert database(tmp_path).read_bytes() == before


def test_a_database_with_a_page_destroyed_is_told(tmp_path: Path) -> None:
    learn(tmp_path, *(subject(f"demo{number}", content=str(number)) for number in range(200)))
    data = bytearray(database(tmp_path).read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    database(tmp_path).write_bytes(data)

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.files()

    assert code_of(error) == "TRU775"


def test_a_database_cut_short_is_told(tmp_path: Path) -> None:
    learn(tmp_path, *(subject(f"demo{number}", content=str(number)) for number in range(200)))
    os.truncate(database(tmp_path), 4096)

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.files()

    assert code_of(error) == "TRU775"


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    foreign = sqlite3.connect(database(tmp_path))
    foreign.execute("CREATE TABLE bookmarks (url TEXT)")
    foreign.close()

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.files()

    assert code_of(error) == "TRU776"
    assert "another program" in error.value.findings[0].values["reason"]


def test_the_database_of_a_newer_trued_is_left_alone(tmp_path: Path) -> None:
    learn(tmp_path, subject())
    newer = sqlite3.connect(database(tmp_path))
    newer.execute("PRAGMA user_version = 99")
    newer.close()

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.files()

    assert code_of(error) == "TRU776"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_database_that_everybody_may_write_to_is_not_believed(tmp_path: Path) -> None:
    # the attack: another user of the machine makes a file known
    learn(tmp_path, subject())
    database(tmp_path).chmod(0o666)

    with known(tmp_path) as files, pytest.raises(OperationalError) as error:
        files.judge(subject(), ())

    assert "everybody may write" in error.value.findings[0].values["reason"]


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    database(tmp_path).parent.mkdir()
    database(tmp_path).touch()

    learn(tmp_path, subject())

    with known(tmp_path) as files:
        assert len(files.files()) == 1


def test_files_are_found_by_project_release_and_name(tmp_path: Path) -> None:
    learn(tmp_path, subject(), subject(version="2.0"), subject("other"))

    with known(tmp_path) as files:
        assert len(files.files("Demo")) == 2
        assert len(files.files("demo==2.0")) == 1
        assert len(files.files("demo-1.0-py3-none-any.whl")) == 1
        assert files.files("demo==3.0") == []


def test_what_is_forgotten_is_new_again(tmp_path: Path) -> None:
    learn(tmp_path, subject(), time=JANUARY)

    with known(tmp_path) as files:
        files.forget(files.files("demo"))

        assert files.files() == []
        assert not files.judge(subject(content="others", tag="cp312-none-any"), ()).findings


def test_a_verification_is_recalled_by_all_three_digests(tmp_path: Path) -> None:
    keys = {"file": sha256("file"), "bundle": sha256("bundle"), "root": sha256("root")}
    with known(tmp_path) as files:
        files.verified.remember(**keys, result="held")
        files.commit()

    with known(tmp_path) as files:
        assert files.verified.recall(**keys) == "held"
        assert files.verified.recall(**(keys | {"root": sha256("other")})) is None


def test_the_newest_edition_of_a_document_stays(tmp_path: Path) -> None:
    for edition in ("2026-01-01", "2026-03-01", "2026-02-01"):
        with known(tmp_path) as files:
            files.remember_document("sums", edition=edition, sha256=sha256(edition))
            files.commit()

    with known(tmp_path) as files:
        document = files.document("sums")

    assert document is not None
    assert document.edition == "2026-03-01"
