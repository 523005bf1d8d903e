"""What cannot be audited: each gets its own error, nothing is called clean, and nothing is left behind."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tests.commands.advisories import archive_of, flaw, with_archive
from tests.commands.conftest import Machine

WORDS = "clean", "no known advisories"


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine with an export, and requirements that it knows nothing against."""
    with_archive(machine, flaw())
    machine.write("demo==1.2")
    (machine.work / "empty").mkdir()
    return machine


def files(machine: Machine) -> set[Path]:
    """Every file of the machine but the environment's, and what trued keeps for good."""
    found = {path for folder in (machine.home, machine.work) for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if ".venv" not in path.parts and "interpreters" not in path.parts}


def refused(machine: Machine, status: int, code: str, *arguments: str, stdin: str = "") -> None:
    """Audit with *arguments*; it has to end so, and to leave what was there as it was."""
    before = {path: path.read_bytes() for path in files(machine)}

    done = machine.trued("audit", *arguments, stdin=stdin)

    assert (done.status, code in done.codes) == (status, True), done.err
    assert not any(word in done.out + done.err for word in WORDS)
    after = {path: path.read_bytes() for path in files(machine) if path.suffix != ".sqlite3"}
    assert after == {path: data for path, data in before.items() if path.suffix != ".sqlite3"}


def zip_of(**members: bytes) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


INPUTS: dict[str, tuple[bytes, int, str]] = {
    "no-such-file.txt": (b"", 2, "TRU101"),
    "binary.txt": (bytes(range(256)), 2, "TRU103"),
    "comment.txt": (b"# nothing\n", 3, "TRU824"),
    "no-requirement.txt": (b"===\n", 2, "TRU140"),
    "uv.lock": (b"version = 1\n[[package", 2, "TRU150"),
    "poetry.lock": (b"x", 2, "TRU150"),
    "pdm.lock": (b"[[package]]\nname = 1\n", 2, "TRU152"),
    "pylock.toml": (b'lock-version = "9.0"\n', 2, "TRU151"),
    "cut.json": (b'{"bomFormat": "CycloneDX", "comp', 2, "TRU816"),
    "other.json": (b'{"a": 1}', 2, "TRU816"),
    "list.json": (b"[]", 2, "TRU816"),
    "components.json": (b'{"bomFormat": "CycloneDX", "components": "no"}', 2, "TRU816"),
    "nameless.whl": (b"", 2, "TRU815"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_that_cannot_be_understood_is_an_error(ready: Machine, name: str) -> None:
    data, status, code = INPUTS[name]
    if not name.startswith("no-such"):
        (ready.work / name).write_bytes(data)

    way = ("-r", name) if name.endswith(".txt") else (name,)
    refused(ready, status, code, *way, "--db", "all.zip")


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("nowhere",), 2, "TRU817"),
        (("empty",), 3, "TRU824"),
        (("empty", "--locked"), 2, "TRU817"),
        (("--locked",), 2, "TRU817"),
        (("--path", "nowhere"), 2, "TRU817"),
        (("--path", "requirements.txt"), 2, "TRU817"),
        (("--path", "empty"), 3, "TRU824"),
        (("-",), 3, "TRU824"),
        (("-r", "requirements.txt", "--max-db-age", "soon"), 2, "TRU905"),
        (("-r", "requirements.txt", "--severity", "awful"), 2, "TRU905"),
        (("-r", "requirements.txt", "--service", "esms"), 2, "TRU905"),
        (("-r", "requirements.txt", "-f", "xml"), 2, "TRU905"),
        (("-r", "requirements.txt", "--ignore", "CVE-1:tomorrow"), 2, "TRU805"),
        (("-r", "requirements.txt", "--ignore", ""), 2, "TRU805"),
        (("-r", "requirements.txt", "--vex", "nowhere.json"), 2, "TRU575"),
        (("-r", "requirements.txt", "--vex", "requirements.txt"), 2, "TRU840"),
        (("-r", "requirements.txt", "-f", "json", "-o", "empty"), 2, "TRU579"),
        (("db",), 2, "TRU907"),
        (("db", "frobnicate"), 2, "TRU911"),
        (("db", "update", "one", "two"), 2, "TRU912"),
        (("db", "export"), 2, "TRU907"),
        (("db", "export", "empty"), 2, "TRU804"),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_an_error(
    ready: Machine, arguments: tuple[str, ...], status: int, code: str
) -> None:
    refused(ready, status, code, *arguments, "--db", "all.zip")


EXPORTS: dict[str, tuple[Callable[[], bytes] | None, str]] = {
    "missing.zip": (None, "TRU800"),
    "missing.sqlite3": (None, "TRU800"),
    "empty": (None, "TRU802"),
    "nothing.zip": (lambda: b"", "TRU802"),
    "garbage.zip": (lambda: b"\0garbage" * 99, "TRU802"),
    "cut.zip": (lambda: archive_of(flaw(), flaw("PYSEC-2026-2"))[:-40], "TRU802"),
    "no-records.zip": (zip_of, "TRU802"),
    # Where a member's name was used as a path, it would be written outside.
    "upwards.zip": (lambda: zip_of(**{"..__..__evil.json": b"{}"}), "TRU802"),
    "unreadable.zip": (lambda: zip_of(**{"A-1.json": b"[1]"}), "TRU802"),
    "damaged.sqlite3": (lambda: b"SQLite format 3\0" + b"x" * 5000, "TRU801"),
    os.devnull: (None, "TRU802"),
    "ftp://example.org/all.zip": (None, "TRU328"),
    "http://127.0.0.1:9/all.zip": (None, "TRU303"),
}


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("verb", [("-r", "requirements.txt"), ("db", "info")], ids=" ".join)
def test_a_database_that_is_none_is_an_error(ready: Machine, name: str, verb: tuple[str, ...]) -> None:
    make, code = EXPORTS[name]
    if make is not None:
        (ready.work / name).write_bytes(make())

    refused(ready, 2, code, *verb, "--db", name, "--retries", "0")


@pytest.mark.parametrize("command", ["install", "lock"])
def test_a_database_that_is_missing_stops_no_installation_unheard(ready: Machine, command: str) -> None:
    done = ready.trued(
        command, "--db", "missing.zip", *(("-r", "requirements.txt") if command == "install" else ("demo",))
    )

    assert done.status == 2
    assert "TRU800" in done.codes, done.err


def test_several_wrong_inputs_are_told_at_once(ready: Machine) -> None:
    (ready.work / "x.json").write_text("{")

    done = ready.trued("audit", "nowhere", "x.json", "--path", "elsewhere", "--db", "all.zip")

    assert done.status == 2
    assert sorted(set(done.codes)) == ["TRU816", "TRU817"]
    assert "nowhere" in done.err
    assert "elsewhere" in done.err


def test_with_json_a_mistake_is_a_document_too(ready: Machine) -> None:
    done = ready.trued("audit", "nowhere", "--json", "--db", "all.zip")

    assert done.status == 2
    assert [one["code"] for one in json.loads(done.out)["findings"]] == ["TRU817"]
