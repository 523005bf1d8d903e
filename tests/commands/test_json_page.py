"""What ``--json`` prints, held against the page that tells it, and the exit statuses against theirs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Index, Machine, make_wheel
from tests.commands.fork_server import ForkServer
from tests.index.server import Server

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
LONG, SHORT = (REFERENCE / "json.md").read_text(encoding="utf-8").split("\n## The short forms\n")


@pytest.fixture(scope="module")
def settled(
    tmp_path_factory: pytest.TempPathFactory, environment: Path, fork_server: ForkServer
) -> Iterator[Machine]:
    """A project with a lock, and with what it locks installed; no test changes what another one asks for."""
    folder = tmp_path_factory.mktemp("settled")
    (folder / "home").mkdir()
    shutil.copytree(environment, folder / "work" / ".venv", symlinks=True)
    with Server() as server:
        machine = Machine(home=folder / "home", work=folder / "work", index=Index(server), server=fork_server)
        for wheel in (make_wheel("left"), make_wheel("demo", requires=("left",))):
            machine.index.add(wheel)
        project = ("[project]", 'name = "own"', 'version = "1"', 'dependencies = ["demo"]')
        machine.write(*project, name="pyproject.toml")
        assert machine.trued("lock").status == 0
        assert machine.trued("sync").status == 0
        yield machine


def row(command: str, page: str) -> set[str]:
    """Return the words in code spans of the table row, or else the part of *page* that is about *command*."""
    lines = [line for line in page.splitlines() if re.match(rf"\| [^|]*`{re.escape(command)}`", line)]
    part = lines[0] if lines else page.partition(f"## The result of `{command}`\n")[2].partition("\n## ")[0]
    assert part, f"the page does not tell of {command}"
    return set(re.findall(r"`([^`]+)`", part))


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("install", "install -r pylock.toml --dry-run"),
        ("download", "download -d wheels -r pylock.toml"),
        ("lock", "lock --check"),
        ("export", "export pylock.toml"),
        ("config list", "config list"),
        ("config get", "config get level"),
        ("config set", "config set retries 3"),
        ("config debug", "config debug"),
        ("tree", "tree"),
        ("why", "why left"),
        ("why-not", "why-not demo==9"),
        ("verify", "verify"),
        ("protect", "protect --status"),
        ("doctor", "doctor --offline"),
        ("freeze", "freeze"),
        ("sbom", "sbom --offline"),
        ("report", "report"),
        ("migrate", "migrate --dry-run"),
        ("wheel", "wheel -r pylock.toml -w wheels"),
        ("selftest", "selftest"),
    ],
)
def test_the_page_names_every_key_of_a_result(settled: Machine, command: str, line: str) -> None:
    result = document_of(settled, line)["result"]

    assert isinstance(result, dict)
    assert result
    assert {*result} - row(command, LONG) == set()


def test_the_page_says_what_sync_has_more_than_install(settled: Machine) -> None:
    result = document_of(settled, "sync --dry-run")["result"]

    assert isinstance(result, dict)
    assert {*result} - row("install", LONG) == row("sync", LONG) & {*result} == {"removed"}


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("list", "list"),
        ("show", "show demo --files"),
        ("show --evidence", "show --evidence demo"),
        ("known list", "known list"),
        ("explain", "explain TRU101"),
        ("uninstall", "uninstall -y left"),
        ("cache dir", "cache dir"),
        ("cache info", "cache info"),
        ("cache list", "cache list"),
        ("cache verify", "cache verify"),
        ("cache prune", "cache prune"),
        ("cache purge", "cache purge"),
        ("trust list", "trust list"),
    ],
)
def test_the_page_names_every_key_of_a_short_form(settled: Machine, command: str, line: str) -> None:
    told = json.loads(settled.trued(*line.split(), "--json").out)
    keys = {key for one in (told if isinstance(told, list) else [told]) for key in one}

    assert keys - row(command, SHORT) == set()


def test_an_error_of_a_command_with_a_short_form_prints_the_whole_document(machine: Machine) -> None:
    for line in ("show absent", "hash absent.whl", "tuf refresh"):
        told = document_of(machine, line)

        assert (told["ok"], bool(told["findings"])) == (False, True), line


def test_each_exit_status_is_told_on_its_page(settled: Machine) -> None:
    page = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    (settled.work / "nothing").mkdir()

    statuses = [
        settled.trued(*line.split()).status
        for line in ("list", "why-not demo==9", "list --no-such-option", "sbom --path nothing")
    ]

    assert statuses == [0, 1, 2, 3]
    assert re.findall(r"^\| (\d+) \|", page, re.MULTILINE) == ["0", "1", "2", "3", "130"]


def document_of(machine: Machine, line: str) -> dict[str, object]:
    return machine.trued(*line.split(), "--json").document
