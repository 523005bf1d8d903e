"""Reading an export with two workers: the same database, and the same refusals, as with one."""

from __future__ import annotations

import json
import zipfile
from functools import partial
from pathlib import Path

import pytest

from tests.advisories.making import AS_OF, archive_of
from trued.advisories.building import import_archive
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.reading_archive import Share, alone, read_rows
from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.store.workers import outcomes

IN_TWO = partial(outcomes, workers=2)


def last_half_alone(work, batches):  # type: ignore[no-untyped-def] # a Share whose workers end out of order
    middle = len(batches) // 2
    return [work(batches[middle:]), work(batches[:middle])]


def tables(path: Path) -> list[object]:
    with AdvisoryDatabase.open(str(path)) as database:
        found: list[object] = [database.about, list(database.documents()), database.unreadable()]
        return found + [sorted(database.rows(name)) for name in ("record", "entry", "name", "file")]


def imported(path: Path, data: bytes, *, share: Share | None = None) -> list[object]:
    import_archive(str(path), data, source="an export", as_of=AS_OF, share=share or alone)
    return tables(path)


@pytest.mark.alone
def test_two_workers_make_the_database_that_one_makes(real_archive: bytes, tmp_path: Path) -> None:
    one = imported(tmp_path / "one", real_archive)

    assert imported(tmp_path / "two", real_archive, share=IN_TWO) == one
    assert imported(tmp_path / "three", real_archive, share=last_half_alone) == one


def test_records_that_are_stored_or_cannot_be_read_come_from_either_worker_alike(tmp_path: Path) -> None:
    members = {f"A-{number}.json": json.dumps({"id": f"A-{number}"}).encode() for number in range(600)}
    members |= {"A-3.json": b"{", "A-599.json": b'{"id": "another"}'}
    data = archive_of(members, zipfile.ZIP_STORED)

    one = imported(tmp_path / "one", data)

    assert imported(tmp_path / "two", data, share=last_half_alone) == one
    with AdvisoryDatabase.open(str(tmp_path / "two")) as database:
        assert sorted(each.record for each in database.unreadable()) == ["A-3", "A-599"]


def test_a_member_that_is_not_as_the_archive_says_is_told_by_whichever_worker_meets_it() -> None:
    members = {f"A-{number}.json": json.dumps({"id": f"A-{number}"}).encode() for number in range(600)}
    data = bytearray(archive_of(members, zipfile.ZIP_STORED))
    for name in (b"A-77.json", b"A-500.json"):
        data[data.index(name) + len(name)] ^= 1

    for share in (last_half_alone, alone):
        with pytest.raises(OperationalError) as caught:
            list(read_rows(bytes(data), source="an export", limits=Limits(), share=share))
        assert caught.value.findings[0].values["detail"].startswith("A-77.json differs")
