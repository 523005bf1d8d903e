"""Exports that are not what they should be: refused as a whole, and the database at hand stays."""

import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.advisories.making import AS_OF, affected, archive, archive_of, database, document, subject
from trued.advisories.building import import_archive, import_folder
from trued.advisories.bulk import Document, archive_members, member_document
from trued.advisories.database import AdvisoryDatabase
from trued.core.errors import OperationalError
from trued.core.limits import Limits

LISTED = document(affected=[affected(versions=("1.0",))])
RECORD = json.dumps(LISTED).encode()


def documents(data: bytes, *, limits: Limits | None = None) -> list[Document]:
    members = archive_members(data, source="an export", limits=limits or Limits())
    return [member_document(data, member, "an export") for member in members]


def refusal(data: bytes, *, limits: Limits | None = None) -> str:
    with pytest.raises(OperationalError) as caught:
        documents(data, limits=limits)
    (finding,) = caught.value.findings
    assert finding.code == "TRU802"
    return finding.values["detail"]


def test_an_export_is_read_record_by_record() -> None:
    (read,) = documents(archive(LISTED))

    assert (read.identifier, read.data) == ("PYSEC-2026-1", RECORD)


def test_members_may_be_stored_without_compression() -> None:
    (read,) = documents(archive_of({"A-1.json": RECORD}, zipfile.ZIP_STORED))

    assert (read.data, read.packed) == (RECORD, None)


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all", b"\0" * 1000])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    assert "no whole ZIP archive" in refusal(data)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_export_is_refused(real_archive: bytes, part: float) -> None:
    """The attack: a download that ends early, by itself or by someone's hand, hides what was to follow."""
    assert refusal(real_archive[: int(len(real_archive) * part)])


def test_an_export_without_its_beginning_is_refused(real_archive: bytes) -> None:
    assert refusal(real_archive[1000:])


@pytest.mark.parametrize(
    "name",
    [
        "../A-1.json",
        "/etc/A-1.json",
        "folder/A-1.json",
        "..\\A-1.json",
        "C:/A-1.json",
        "A-1.json/",
        "A-1.txt",
        ".json",
        ".hidden.json",
        "A 1.json",
        "Á-1.json",
        "A-1\n.json",
    ],
)
def test_a_member_with_a_name_that_is_no_records_is_refused(name: str) -> None:
    """The attack: names that lead elsewhere when a member is unpacked. None is, and none is passed over."""
    assert "no record's name" in refusal(archive_of({"A-0.json": RECORD, name: RECORD}))


def test_a_member_larger_than_a_record_can_be_is_refused() -> None:
    limits = Limits(advisory_record_bytes=1000)

    assert "too large for a record" in refusal(archive_of({"A-1.json": b" " * 1001}), limits=limits)


def test_members_too_large_together_are_refused_before_one_is_inflated() -> None:
    """The attack: a bomb of many small bombs."""
    limits = Limits(advisory_unpacked_bytes=10_000)

    assert "too large together" in refusal(
        archive_of({f"A-{n}.json": b" " * 1000 for n in range(11)}), limits=limits
    )


def test_too_many_members_are_refused() -> None:
    assert "too many" in refusal(
        archive_of({"A-1.json": b"", "A-2.json": b""}), limits=Limits(advisory_records=1)
    )


def bomb_with_small_claims() -> bytes:
    """Make a member whose 10 MB the directory of the archive calls ten bytes."""
    made = bytearray(archive_of({"A-1.json": b" " * 10_000_000}))
    central = made.rindex(b"PK\x01\x02")
    struct.pack_into("<I", made, central + 24, 10)
    return bytes(made)


def test_a_member_that_inflates_to_more_than_it_claims_is_refused_unread() -> None:
    """The attack: the bomb that lies about its size. No more than the claim is ever inflated."""
    assert "not as long as the archive says" in refusal(bomb_with_small_claims())


@pytest.mark.parametrize("member", [b" " * 10_000_000, RECORD], ids=["bomb", "record"])
def test_both_inflating_libraries_say_the_same(member: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bytearray(archive_of({"A-1.json": member}))
    struct.pack_into("<I", made, made.rindex(b"PK\x01\x02") + 24, 10)
    first = refusal(bytes(made))

    monkeypatch.setitem(sys.modules, "isal", None)

    assert refusal(bytes(made)) == first
    assert documents(archive_of({"A-1.json": RECORD}))[0].data == RECORD


def test_a_member_that_differs_from_its_checksum_is_refused() -> None:
    made = bytearray(archive_of({"A-1.json": RECORD}, zipfile.ZIP_STORED))
    place = made.index(b"1.0")
    made[place] = ord("9")

    assert "differs from its checksum" in refusal(bytes(made))


def test_a_damaged_stream_is_refused() -> None:
    made = bytearray(archive_of({"A-1.json": RECORD}))
    begin = made.index(b"A-1.json") + len("A-1.json")
    made[begin : begin + 8] = b"\xff" * 8

    assert refusal(bytes(made))


def test_an_encrypted_member_is_refused() -> None:
    made = bytearray(archive_of({"A-1.json": RECORD}))
    central = made.rindex(b"PK\x01\x02")
    struct.pack_into("<H", made, central + 8, 1)

    assert "encrypted" in refusal(bytes(made))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_compression_is_refused(compression: int) -> None:
    assert "compressed in a way" in refusal(archive_of({"A-1.json": RECORD}, compression))


def test_a_header_that_leads_elsewhere_is_refused() -> None:
    made = bytearray(archive_of({"A-1.json": RECORD}))
    central = made.rindex(b"PK\x01\x02")
    struct.pack_into("<I", made, central + 42, 7)

    assert "no header" in refusal(bytes(made))


# The database that is at hand


@pytest.mark.parametrize(
    "broken",
    [b"", archive(LISTED)[:-30], bomb_with_small_claims(), archive_of({}), archive_of({"A-1.json": b"{"})],
    ids=["empty", "cut off", "bomb", "no records", "nothing readable"],
)
def test_a_broken_export_leaves_the_old_database_and_nothing_else(tmp_path: Path, broken: bytes) -> None:
    path = database(tmp_path, LISTED)
    before = Path(path).read_bytes()

    with pytest.raises(OperationalError):
        import_archive(path, broken, source="an export", as_of=AS_OF)

    assert Path(path).read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["advisories.sqlite3"]


def test_an_export_of_fewer_than_half_of_the_records_is_taken_for_a_cut_off_one(tmp_path: Path) -> None:
    """The attack: a well-formed export from which most records are gone."""
    path = database(tmp_path, *(document(f"A-{number}") for number in range(5)))
    small = archive(document("A-1"), document("A-2"))

    with pytest.raises(OperationalError) as caught:
        import_archive(path, small, source="an export", as_of=AS_OF)
    allowed = import_archive(path, small, source="an export", as_of=AS_OF, may_shrink=True)

    assert "fewer than half" in caught.value.findings[0].values["detail"]
    assert allowed.records == 2


def test_an_export_replaces_the_database_as_a_whole(tmp_path: Path) -> None:
    path = database(tmp_path, LISTED)

    import_archive(path, archive(document("A-1")), source="another", as_of=AS_OF)

    with AdvisoryDatabase.open(path) as opened:
        assert opened.record("PYSEC-2026-1") is None
        assert opened.about.source == "another"


def test_a_reader_keeps_its_database_while_another_takes_the_place(tmp_path: Path) -> None:
    path = database(tmp_path, LISTED)

    with AdvisoryDatabase.open(path) as opened:
        import_archive(path, archive(document("A-1")), source="another", as_of=AS_OF)
        assert len(opened.audit([subject()]).matches) == 1


def test_a_damaged_database_is_replaced_like_an_absent_one(tmp_path: Path) -> None:
    path = tmp_path / "advisories.sqlite3"
    path.write_bytes(b"no database")

    assert import_archive(str(path), archive(LISTED), source="an export", as_of=AS_OF).records == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OperationalError) as caught:
        import_archive(str(tmp_path / "file" / "db"), archive(LISTED), source="an export", as_of=AS_OF)

    assert caught.value.findings[0].code == "TRU804"


# Records in an export


def test_of_two_records_with_one_id_the_newest_counts_in_either_order(tmp_path: Path) -> None:
    old = document(modified="2025-01-01T00:00:00Z", affected=[affected(versions=("1.0",))])
    new = document(modified="2025-01-01T00:00:00.5Z", affected=[affected(versions=("2.0",))])

    for first, second in ((old, new), (new, old)):
        path = database(tmp_path, document("A-1"))
        import_archive(path, twice(first, second), source="an export", as_of=AS_OF)
        with AdvisoryDatabase.open(path) as opened:
            assert opened.audit([subject(version="1.0")]).matches == ()
            assert len(opened.audit([subject(version="2.0")]).matches) == 1


def twice(first: dict[str, object], second: dict[str, object]) -> bytes:
    """Make an archive with two members of one name, as ``zipfile`` itself warns of."""
    made = bytearray(
        archive_of(
            {
                "PYSEC-2026-1.json": json.dumps(first).encode(),
                "PYSEC-2026-X.json": json.dumps(second).encode(),
            }
        )
    )
    return bytes(made.replace(b"PYSEC-2026-X", b"PYSEC-2026-1"))


def test_an_unreadable_record_is_counted_and_told_of_its_project(tmp_path: Path) -> None:
    path = database(tmp_path, LISTED, document("A-1", schema_version="2.0", affected=[affected("other")]))

    with AdvisoryDatabase.open(path) as opened:
        assert (opened.about.records, opened.about.unreadable) == (1, 1)
        assert opened.audit([subject()]).unreadable == ()
        (told,) = opened.audit([subject("other")]).unreadable
        assert (told.record, told.project, told.detail) == ("A-1", "other", "schema_version")


def test_an_unreadable_record_of_no_known_project_is_told_of_every_release(tmp_path: Path) -> None:
    path = str(tmp_path / "db")
    import_archive(
        path, archive_of({"PYSEC-2026-1.json": RECORD, "A-1.json": b'{"id": '}), source="x", as_of=AS_OF
    )

    with AdvisoryDatabase.open(path) as opened:
        assert [each.record for each in opened.audit([subject("anything")]).unreadable] == ["A-1"]


def test_a_record_under_another_records_name_is_unreadable(tmp_path: Path) -> None:
    """The attack: a second file that takes the place of another advisory."""
    path = str(tmp_path / "db")
    harmless = json.dumps(document(affected=[])).encode()
    import_archive(
        path, archive_of({"PYSEC-2026-1.json": RECORD, "A-9.json": harmless}), source="x", as_of=AS_OF
    )

    with AdvisoryDatabase.open(path) as opened:
        assert len(opened.audit([subject()]).matches) == 1
        assert [each.record for each in opened.unreadable()] == ["A-9"]


def test_a_readable_record_beside_an_unreadable_one_of_its_name_is_kept_and_told(tmp_path: Path) -> None:
    path = str(tmp_path / "db")
    import_archive(path, twice(LISTED, LISTED | {"aliases": 7}), source="x", as_of=AS_OF)

    with AdvisoryDatabase.open(path) as opened:
        answer = opened.audit([subject()])
        assert len(answer.matches) == 1
        assert len(answer.unreadable) == 1


# Folders


def test_a_folder_of_records_is_imported_like_an_export(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "PYSEC-2026-1.json").write_bytes(RECORD)
    (folder / "notes.txt").write_text("not a record")

    about = import_folder(str(tmp_path / "db"), str(folder), as_of=AS_OF)

    assert (about.records, about.source, about.digest) == (1, str(folder), "")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        import_folder(str(tmp_path / "db"), str(tmp_path / "nowhere"), as_of=AS_OF)

    assert caught.value.findings[0].code == "TRU802"


def test_what_is_kept_of_a_record_is_its_text(tmp_path: Path) -> None:
    with AdvisoryDatabase.open(database(tmp_path, LISTED)) as opened:
        (kept,) = opened.documents()

    assert kept[1] == RECORD
    assert zlib.decompress(kept[2], -15) == RECORD
