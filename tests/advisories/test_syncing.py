"""Bringing a database up to date by OSV's list of changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.making import affected, codes, database, document, subject
from trued.advisories.bulk import Document
from trued.advisories.checking import verify_database
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.syncing import apply_documents, outdated, read_modified
from trued.core.errors import OperationalError

LATER = "2026-03-01T00:00:00+00:00"


def as_document(made: dict[str, Any]) -> Document:
    return Document(made["id"], json.dumps(made).encode())


def listed(version: str, identifier: str = "A-1", modified: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    return document(identifier, modified=modified, affected=[affected(versions=(version,))])


def test_the_list_gives_the_time_of_each_record() -> None:
    data = b"2026-02-01T00:00:00.5Z,MAL-2026-1\r\n2026-01-01T00:00:00Z,PYSEC-2026-1\r\n"

    assert read_modified(data, source="x") == {
        "MAL-2026-1": "2026-02-01T00:00:00.5",
        "PYSEC-2026-1": "2026-01-01T00:00:00",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"2026-02-01T00:00:00Z,A-1",
        b"2026-02-01T00:00:00Z,A-1\n2026-02-01T0",
        b"2026-02-01T00:00:00Z,A-1\n\n",
        b"modified,id\n",
        b"2026-02-01T00:00:00Z;A-1\n",
        b"2026-02-01T00:00:00Z,\n",
        b"2026-02-01T00:00:00Z,../A-1\n",
        b"<html>\n",
        b"\xff\n",
    ],
)
def test_a_list_of_another_form_or_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(OperationalError) as caught:
        read_modified(data, source="x")

    assert codes(caught.value.findings) == ["TRU822"]


def test_what_is_newer_or_not_at_hand_is_outdated() -> None:
    present = {"A-1": "2026-01-01T00:00:00", "A-2": "2026-01-01T00:00:00", "A-3": ""}
    newer = {
        "A-1": "2026-01-01T00:00:00",
        "A-2": "2026-01-01T00:00:00.1",
        "A-3": "2026-01-01T00:00:00",
        "A-4": "2020-01-01T00:00:00",
    }

    assert outdated(present, newer, source="x") == ("A-2", "A-3", "A-4")


def test_a_list_of_fewer_than_half_of_the_records_is_refused() -> None:
    with pytest.raises(OperationalError):
        outdated({f"A-{n}": "" for n in range(5)}, {"A-1": "2026", "A-2": "2026"}, source="x")


def test_new_and_changed_records_are_put_in(tmp_path: Path) -> None:
    path = database(tmp_path, listed("1.0"), listed("5.0", "A-9"))

    about = apply_documents(
        path,
        [as_document(listed("2.0", modified="2026-02-01T00:00:00Z")), as_document(listed("3.0", "A-2"))],
        as_of=LATER,
    )

    with AdvisoryDatabase.open(path) as opened:
        found = [
            version
            for version in ("1.0", "2.0", "3.0", "5.0")
            if opened.audit([subject(version=version)]).matches
        ]
        assert found == ["2.0", "3.0", "5.0"]
        assert verify_database(opened) == ()
        assert opened.about == about
    assert (about.records, about.as_of, about.newest) == (3, LATER, "2026-02-01T00:00:00")


def test_an_older_record_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    path = database(tmp_path, listed("1.0"))

    apply_documents(path, [as_document(listed("2.0", modified="2020-01-01T00:00:00Z"))], as_of=LATER)

    with AdvisoryDatabase.open(path) as opened:
        assert len(opened.audit([subject(version="1.0")]).matches) == 1


def test_a_withdrawal_is_put_in(tmp_path: Path) -> None:
    path = database(tmp_path, listed("1.0"))

    apply_documents(path, [as_document(listed("1.0") | {"withdrawn": "2026-02-01T00:00:00Z"})], as_of=LATER)

    with AdvisoryDatabase.open(path) as opened:
        assert opened.audit([subject()]).matches == ()
        assert opened.about.withdrawn == 1


def test_an_unreadable_change_leaves_the_record_and_is_told_until_it_can_be_read(tmp_path: Path) -> None:
    path = database(tmp_path, listed("1.0"))

    apply_documents(path, [as_document(listed("2.0") | {"schema_version": "2.0"})], as_of=LATER)
    with AdvisoryDatabase.open(path) as opened:
        answer = opened.audit([subject(version="1.0")])
    apply_documents(path, [as_document(listed("2.0"))], as_of=LATER)
    with AdvisoryDatabase.open(path) as opened:
        mended = opened.audit([subject(version="2.0")])

    assert (len(answer.matches), len(answer.unreadable)) == (1, 1)
    assert (len(mended.matches), len(mended.unreadable)) == (1, 0)


def test_a_failure_in_between_leaves_the_old_database(tmp_path: Path) -> None:
    path = database(tmp_path, listed("1.0"))
    before = Path(path).read_bytes()

    def documents() -> Any:
        yield as_document(listed("2.0"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_documents(path, documents(), as_of=LATER)

    assert Path(path).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_database_there_is_nothing_to_bring_up_to_date(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        apply_documents(str(tmp_path / "db"), [], as_of=LATER)

    assert codes(caught.value.findings) == ["TRU800"]
