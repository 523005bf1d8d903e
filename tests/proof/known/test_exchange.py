"""Export and import: a copy that brings everything back, and never rewrites what is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.known.samples import FORGE, JANUARY, JUNE, database, learn, run, sha256, subject
from trued.core.errors import UsageError
from trued.core.names import ProjectName
from trued.proof.known.exchange import Exchange, export_lines, import_exchange, read_exchange, set_aside
from trued.proof.known.known_files import KnownFiles
from trued.proof.known.model import KnownDocument, KnownFile, ListedFile, Run


def exported(folder: Path) -> bytes:
    with KnownFiles(str(database(folder)), run=run(JUNE)) as known, known.database.reading() as connection:
        return "".join(f"{line}\n" for line in export_lines(connection)).encode()


def imported(folder: Path, data: bytes) -> int:
    with KnownFiles(str(database(folder)), run=run(JUNE)) as known:
        return import_exchange(known.database, read_exchange(data, file="known.jsonl"), file="known.jsonl")


def lines_of(error: pytest.ExceptionInfo[UsageError]) -> list[tuple[str, int]]:
    return [(one.code, one.place.line) for one in error.value.findings if one.place is not None]


def test_an_export_brings_back_everything(tmp_path: Path) -> None:
    learn(tmp_path / "old", subject(), publishers=(FORGE,), listed={"demo-1.0.tar.gz": sha256("source")})

    count = imported(tmp_path / "new", exported(tmp_path / "old"))

    assert count == 1
    assert exported(tmp_path / "new") == exported(tmp_path / "old")


def test_an_export_of_nothing_can_be_imported(tmp_path: Path) -> None:
    assert imported(tmp_path / "new", exported(tmp_path / "nowhere")) == 0


def test_what_is_known_keeps_its_first_day(tmp_path: Path) -> None:
    # the attack: a file for import that makes a record older than it is
    learn(tmp_path / "own", subject(), time=JUNE)
    learn(tmp_path / "foreign", subject(), time=JANUARY)

    assert imported(tmp_path / "own", exported(tmp_path / "foreign")) == 0
    assert JANUARY.encode() not in exported(tmp_path / "own")


def test_an_import_that_contradicts_what_is_known_changes_nothing(tmp_path: Path) -> None:
    # the attack: a file for import that makes other bytes known under a name that is known
    learn(tmp_path / "own", subject())
    learn(tmp_path / "foreign", subject("added"), subject(content="others"))
    before = exported(tmp_path / "own")

    with pytest.raises(UsageError) as error:
        imported(tmp_path / "own", exported(tmp_path / "foreign"))

    assert lines_of(error) == [("TRU779", 3)]
    assert exported(tmp_path / "own") == before


def test_results_of_verifications_are_not_exported(tmp_path: Path) -> None:
    # the attack: a file for import that says which signatures were good
    learn(tmp_path, subject())
    with KnownFiles(str(database(tmp_path)), run=run()) as known:
        known.verified.remember(file=sha256("f"), bundle=sha256("b"), root=sha256("r"), result="held")
        known.commit()

    assert sha256("b").encode() not in exported(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "00"},
        {"sha256": 7},
        {"project": "Not.Normal"},
        {"first_seen": "yesterday"},
        {"first_seen": "2026-01-10T12:00:00+02:00"},
        {"publishers": [{"kind": "Nobody"}]},
        {"publishers": "GitHub"},
        {"digests": {"sha512": "00"}},
        {"run": None},
        {"filename": ""},
    ],
)
def test_a_record_with_a_wrong_value_is_told_by_its_line(tmp_path: Path, change: dict[str, object]) -> None:
    learn(tmp_path, subject())
    header, file, *rest = exported(tmp_path).decode().splitlines()
    record = json.loads(file)
    record["file"] |= change
    data = "\n".join((header, json.dumps(record), *rest)).encode()

    with pytest.raises(UsageError) as error:
        imported(tmp_path / "new", data)

    assert lines_of(error) == [("TRU778", 2)]


@pytest.mark.parametrize(
    "data", [b"", b"{}\n", b"\xff\n", b"[]\n", b'{"trued": "known-files", "format": 2}\n']
)
def test_a_file_that_is_no_export_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UsageError) as error:
        imported(tmp_path, data)

    assert lines_of(error) == [("TRU778", 1)]


def test_every_line_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    header = exported(tmp_path / "nowhere").decode()

    with pytest.raises(UsageError) as error:
        imported(tmp_path, f'{header}nonsense\n{{"unknown": {{}}}}\n'.encode())

    assert lines_of(error) == [("TRU778", 2), ("TRU778", 3)]


def test_a_damaged_database_is_moved_aside_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "known.sqlite3"
    path.write_bytes(b"damaged")

    first = set_aside(str(path), time=JUNE)
    path.write_bytes(b"damaged again")
    second = set_aside(str(path), time=JUNE)

    assert (Path(first).read_bytes(), Path(second).read_bytes()) == (b"damaged", b"damaged again")
    assert not path.exists()


names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda n: "--" not in n)
hexadecimal = st.binary(min_size=32, max_size=32).map(bytes.hex)
times = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z")
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
filenames = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+!~-]{0,11}", fullmatch=True)
known_files = st.builds(
    KnownFile,
    project=names.map(ProjectName),
    version=words,
    filename=filenames,
    sha256=hexadecimal,
    first_seen=times,
    run=st.builds(Run, id=words, time=times, command=words, folder=words),
    accepted=words,
    index=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    digests=st.fixed_dictionaries({}, optional={"sha256": hexadecimal}),
    publishers=st.sampled_from([(), (FORGE.to_identity(),)]),
)
listings = st.builds(
    ListedFile,
    project=names.map(ProjectName),
    version=words,
    filename=filenames,
    sha256=st.one_of(st.just(""), hexadecimal),
    first_seen=times,
)
editions = st.builds(KnownDocument, name=words, edition=words, sha256=hexadecimal, first_seen=times)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    files=st.lists(
        known_files, max_size=4, unique_by=(lambda f: (f.project, f.filename), lambda f: f.run.id)
    ),
    listed=st.lists(listings, max_size=4, unique_by=lambda one: (one.project, one.filename)),
    documents=st.lists(editions, max_size=3, unique_by=lambda one: one.name),
)
def test_whatever_is_known_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[KnownFile],
    listed: list[ListedFile],
    documents: list[KnownDocument],
) -> None:
    folder = tmp_path_factory.mktemp("known")
    numbered = tuple(enumerate(files, start=2))
    exchange = Exchange(files=numbered, listed=tuple(listed), documents=tuple(documents))
    with KnownFiles(str(database(folder)), run=run(JUNE)) as known:
        import_exchange(known.database, exchange, file="known.jsonl")

    data = exported(folder)
    read = read_exchange(data, file="known.jsonl")

    assert sorted((one for _, one in read.files), key=repr) == sorted(files, key=repr)
    assert sorted(read.listed, key=repr) == sorted(listed, key=repr)
    assert sorted(read.documents, key=repr) == sorted(documents, key=repr)
    imported(folder / "again", data)
    assert exported(folder / "again") == data
