"""The local database: what it answers, what it says of itself, and what it does when it is not sound."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.advisories.making import AS_OF, affected, archive, codes, database, document, subject
from trued.advisories.about import SCHEMA, age_findings
from trued.advisories.building import import_archive
from trued.advisories.checking import export_archive, verify_database
from trued.advisories.database import AdvisoryDatabase
from trued.advisories.matching import Affected, How
from trued.advisories.quick_look import _SCHEMA, needing_a_look
from trued.advisories.severity import Severity
from trued.core.errors import OperationalError

LISTED = document(affected=[affected(versions=("1.0",), events="introduced=0 fixed=1.1")])
BAD, GOOD = "b" * 64, "a" * 64
MALWARE = document(
    "MAL-2026-1",
    affected=[
        affected(
            versions=("6.6.6",),
            database_specific={
                "indicators": {
                    "package_integrity": [{"filename": "demo-6.6.6.tar.gz", "hashes": {"sha256": BAD}}]
                }
            },
        )
    ],
)


def failure_of_opening(path: Path | str) -> str:
    with pytest.raises(OperationalError) as caught:
        AdvisoryDatabase.open(str(path))
    return caught.value.findings[0].code


def test_a_release_is_matched_with_its_record_and_what_fixes_it(tmp_path: Path) -> None:
    with AdvisoryDatabase.open(database(tmp_path, LISTED)) as opened:
        (match,) = opened.audit([subject(version="0.9")]).matches

    assert (match.record.id, match.verdict, match.fixed_in) == ("PYSEC-2026-1", Affected(How.RANGE), ("1.1",))


def test_matches_come_in_the_order_of_the_releases(tmp_path: Path) -> None:
    other = document("A-1", affected=[affected("other", events="introduced=0")])
    asked = [subject("other"), subject("unknown"), subject(), subject("other", "2")]

    with AdvisoryDatabase.open(database(tmp_path, LISTED, other)) as opened:
        found = opened.audit(asked).matches

    assert [(m.subject.project, m.subject.version) for m in found] == [
        ("other", "1.0"),
        ("demo", "1.0"),
        ("other", "2"),
    ]


def test_a_withdrawn_record_is_kept_and_matches_nothing(tmp_path: Path) -> None:
    gone = MALWARE | {"withdrawn": "2026-02-01T00:00:00Z"}

    with AdvisoryDatabase.open(database(tmp_path, gone)) as opened:
        assert opened.audit([subject("demo", "6.6.6", BAD)]).matches == ()
        assert opened.record("MAL-2026-1") is not None
        assert opened.named(["MAL-2026-1"]) == ()
        assert opened.about.withdrawn == 1


@pytest.mark.parametrize(("name", "version"), [("demo", "1.0"), ("renamed", "0.1"), ("demo", "6.6.6")])
def test_a_malicious_file_is_found_by_its_digest_whatever_it_is_called(
    tmp_path: Path, name: str, version: str
) -> None:
    with AdvisoryDatabase.open(database(tmp_path, MALWARE)) as opened:
        (match,) = opened.audit([subject(name, version, GOOD, BAD.upper())]).matches

    assert match.verdict == Affected(How.DIGEST)
    assert match.sha256 == BAD


def test_a_malicious_file_is_found_among_those_of_a_whole_lock(tmp_path: Path) -> None:
    others = tuple(f"{number:064x}" for number in range(2000))

    with AdvisoryDatabase.open(database(tmp_path, MALWARE)) as opened:
        matches = opened.audit(
            [subject("demo", "1.0", *others), subject("other", "1.0", *others, BAD)]
        ).matches

    assert [(m.subject.project, m.sha256) for m in matches] == [("other", BAD)]


def test_a_malicious_release_is_found_by_its_version_though_its_file_has_another_digest(
    tmp_path: Path,
) -> None:
    """A record seldom names every file of a release: a digest that it does not name clears nothing."""
    with AdvisoryDatabase.open(database(tmp_path, MALWARE)) as opened:
        (match,) = opened.audit([subject("demo", "6.6.6", GOOD)]).matches

    assert match.verdict == Affected(How.LISTED)


def test_a_record_that_does_not_rate_is_rated_through_the_records_of_its_aliases(tmp_path: Path) -> None:
    silent = LISTED | {"aliases": ["CVE-2026-1"]}
    rated = document(
        "GHSA-1", aliases=["CVE-2026-1"], affected=[], database_specific={"severity": "CRITICAL"}
    )

    with AdvisoryDatabase.open(database(tmp_path, silent, rated)) as opened:
        (match,) = opened.audit([subject()]).matches
        rating = opened.rating(match)

    assert (rating.severity, rating.record) == (Severity.CRITICAL, "GHSA-1")


def test_a_withdrawn_record_rates_no_other(tmp_path: Path) -> None:
    silent = LISTED | {"aliases": ["CVE-2026-1"]}
    gone = {"withdrawn": "2026-02-01T00:00:00Z", "database_specific": {"severity": "LOW"}}
    rated = document("GHSA-1", aliases=["CVE-2026-1"], affected=[], **gone)

    with AdvisoryDatabase.open(database(tmp_path, silent, rated)) as opened:
        (match,) = opened.audit([subject()]).matches
        assert opened.rating(match).severity is None


def test_records_are_found_by_id_and_by_alias(tmp_path: Path) -> None:
    with AdvisoryDatabase.open(database(tmp_path, LISTED | {"aliases": ["CVE-2026-1"]})) as opened:
        assert [each.id for each in opened.named(["CVE-2026-1", "PYSEC-2026-1"])] == ["PYSEC-2026-1"]
        assert opened.record("CVE-2026-1") is None


# About itself


def test_a_database_says_what_it_holds(real: AdvisoryDatabase) -> None:
    about = real.about

    assert (about.records, about.withdrawn, about.malware, about.unreadable) == (2661, 10, 14, 0)
    assert about.newest == "2024-10-10T17:22:00.587279"
    assert (about.source, len(about.digest), len(about.content)) == ("the fixture", 64, 64)


def test_the_same_records_have_the_same_content(tmp_path: Path) -> None:
    contents = set()
    for order in ((LISTED, MALWARE), (MALWARE, LISTED)):
        path = str(tmp_path / "db")
        contents.add(import_archive(path, archive(*order), source="x", as_of=AS_OF).content)

    assert len(contents) == 1


@pytest.mark.parametrize(("days", "expected"), [(-2, ["TRU803"]), (0, []), (7, []), (8, ["TRU803"])])
def test_a_database_older_than_allowed_is_told(tmp_path: Path, days: int, expected: list[str]) -> None:
    with AdvisoryDatabase.open(database(tmp_path, LISTED)) as opened:
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
        findings = age_findings(opened.about, now=now, limit=timedelta(days=7))

    assert codes(findings) == expected


# Not sound


def test_no_database_is_told(tmp_path: Path) -> None:
    assert failure_of_opening(tmp_path / "nothing") == "TRU800"


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "db"
    path.write_bytes(data)

    assert failure_of_opening(path) == "TRU801"


def test_a_database_of_another_layout_is_told(tmp_path: Path) -> None:
    path = database(tmp_path, LISTED)
    changed(path, "UPDATE about SET value = '0' WHERE name = 'schema'")

    assert failure_of_opening(path) == "TRU801"


@pytest.mark.parametrize("as_of", ["", "yesterday", "2026-01-01T00:00:00"])
def test_a_database_that_does_not_say_how_old_it_is_is_told(tmp_path: Path, as_of: str) -> None:
    path = database(tmp_path, LISTED)
    changed(path, f"UPDATE about SET value = '{as_of}' WHERE name = 'as_of'")

    assert failure_of_opening(path) == "TRU801"


def test_a_database_with_a_name_that_means_something_in_an_address_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%20d"
    folder.mkdir()

    with AdvisoryDatabase.open(database(folder, LISTED)) as opened:
        assert opened.about.records == 1


def changed(path: str, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry",
        "UPDATE entry SET versions = ''",
        "UPDATE entry SET ranges = 'i f$1!4010'",
        "DELETE FROM name",
        "DELETE FROM file",
        "UPDATE record SET body = x'00'",
        "DELETE FROM record",
        "UPDATE about SET value = 'f' WHERE name = 'content'",
    ],
)
def test_a_changed_database_does_not_pass_its_check(tmp_path: Path, statement: str) -> None:
    path = database(tmp_path, LISTED, MALWARE)
    changed(path, statement)

    with AdvisoryDatabase.open(path) as opened:
        try:
            findings = verify_database(opened)
        except OperationalError as error:
            findings = error.findings

    assert "TRU801" in codes(findings)


def test_a_record_that_is_gone_stops_the_audit(tmp_path: Path) -> None:
    path = database(tmp_path, LISTED)
    changed(path, "DELETE FROM record")

    with AdvisoryDatabase.open(path) as opened, pytest.raises(OperationalError):
        opened.audit([subject()])


def test_a_sound_database_passes_its_check(real: AdvisoryDatabase) -> None:
    assert verify_database(real) == ()


# Exported


def test_an_export_of_the_database_makes_the_same_database(real: AdvisoryDatabase, tmp_path: Path) -> None:
    out = tmp_path / "all.zip"

    count = export_archive(real, str(out))
    about = import_archive(str(tmp_path / "db"), out.read_bytes(), source="x", as_of=AS_OF)

    assert count == about.records == real.about.records
    with AdvisoryDatabase.open(str(tmp_path / "db")) as again:
        assert {each[0]: each[1] for each in again.documents()} == {
            each[0]: each[1] for each in real.documents()
        }


def test_the_same_database_is_exported_as_the_same_bytes(tmp_path: Path) -> None:
    with AdvisoryDatabase.open(database(tmp_path, LISTED, MALWARE)) as opened:
        export_archive(opened, str(tmp_path / "one.zip"))
        export_archive(opened, str(tmp_path / "two.zip"))

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_export_into_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with (
        AdvisoryDatabase.open(database(tmp_path, LISTED)) as opened,
        pytest.raises(OperationalError) as caught,
    ):
        export_archive(opened, str(tmp_path / "nowhere" / "all.zip"))

    assert codes(caught.value.findings) == ["TRU804"]


# The quick look


def test_the_quick_look_leaves_out_exactly_what_the_audit_calls_clean(real: AdvisoryDatabase) -> None:
    asked = [("django", "3.2.0", ()), ("django", "999", ()), ("unknown", "1", ()), ("gratient", "0.5", ())]

    looked = needing_a_look(real.path, asked)

    audited = [
        n for n, (name, version, _) in enumerate(asked) if real.audit([subject(name, version)]).matches
    ]
    assert looked == (audited, real.about.as_of)
    assert audited == [0, 3]


def test_the_quick_look_knows_files_by_their_digest(tmp_path: Path) -> None:
    path = database(tmp_path, MALWARE)

    assert needing_a_look(path, [("renamed", "1", (BAD.upper(),)), ("renamed", "1", (GOOD,))]) == ([0], AS_OF)


def test_the_quick_look_leaves_undecided_and_unreadable_ones_to_the_audit(tmp_path: Path) -> None:
    local = document("A-1", affected=[affected(versions=("1.0",))])
    broken = document("A-2", schema_version="2", affected=[affected("other")])

    looked = needing_a_look(
        database(tmp_path, local, broken), [("demo", "1.0+cu1", ()), ("other", "1", ()), ("third", "1", ())]
    )

    assert looked == ([0, 1], AS_OF)


def test_the_quick_look_gives_up_on_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"no database")

    assert needing_a_look(str(tmp_path / "db"), [("demo", "1", ())]) is None
    assert needing_a_look(str(tmp_path / "nothing"), [("demo", "1", ())]) is None


def test_both_ways_to_look_know_the_same_layout() -> None:
    assert _SCHEMA == SCHEMA
