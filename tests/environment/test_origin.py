"""An environment that trued made, and what became of its own files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from trued.environment.origin import ORIGIN_FILE, origin_findings
from trued.environment.virtual import create_virtual_environment


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    create_virtual_environment(str(folder), sys.executable)
    return folder


def told(folder: Path) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in origin_findings(str(folder))]


def test_a_new_environment_is_as_it_was_made(made: Path) -> None:
    assert told(made) == []


def test_packages_that_come_later_are_none_of_its_business(made: Path) -> None:
    (made / "bin/tool").write_text("")

    assert told(made) == []


def test_a_changed_pyvenv_cfg_is_told(made: Path) -> None:
    """The attack: another ``home``, and every script of the environment starts that interpreter."""
    (made / "pyvenv.cfg").write_text("home = /tmp/evil\n")

    assert told(made) == [("TRU568", "pyvenv.cfg")]


def test_a_changed_activate_is_told(made: Path) -> None:
    """The attack: a line in what every shell sources."""
    with (made / "bin/activate").open("a") as file:
        file.write("curl example.org\n")

    assert told(made) == [("TRU568", "activate")]


def test_a_script_that_is_gone_is_told(made: Path) -> None:
    (made / "bin/activate.fish").unlink()

    assert told(made) == [("TRU568", "activate.fish")]


def test_a_link_to_another_interpreter_is_told(made: Path) -> None:
    (made / "bin/python").unlink()
    (made / "bin/python").symlink_to("/bin/false")

    assert told(made) == [("TRU568", "python")]


def test_a_program_in_the_place_of_the_link_is_told(made: Path) -> None:
    (made / "bin/python").unlink()
    (made / "bin/python").write_text("#!/bin/sh\n")

    assert told(made) == [("TRU568", "python")]


def test_a_pipe_in_the_place_of_a_file_does_not_hold_the_run(made: Path) -> None:
    import os

    (made / "pyvenv.cfg").unlink()
    os.mkfifo(made / "pyvenv.cfg")

    assert told(made) == [("TRU568", "pyvenv.cfg")]


def test_another_interpreter_behind_the_same_link_is_a_note(made: Path) -> None:
    """An update of the system does that."""
    path = made / ORIGIN_FILE
    document = json.loads(path.read_text())
    document["interpreter"]["sha256"] = "0" * 64
    path.write_text(json.dumps(document))

    assert [code for code, _ in told(made)] == ["TRU569"]


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"files": 1}', "[" * 100_000])
def test_a_list_that_cannot_be_read_is_told(made: Path, text: str) -> None:
    (made / ORIGIN_FILE).write_text(text)

    assert told(made) == [("TRU568", ORIGIN_FILE)]


def test_a_list_that_names_files_elsewhere_has_none_of_them_opened(made: Path) -> None:
    """The attack: have the digest of a secret compared."""
    path = made / ORIGIN_FILE
    document = json.loads(path.read_text())
    document["files"] = {"../../../../etc/passwd": "0" * 64}
    path.write_text(json.dumps(document))

    (finding,) = origin_findings(str(made))
    assert finding.values["reason"] == "it is gone, or no file"


def test_an_interpreter_that_is_a_device_does_not_hold_the_run(made: Path) -> None:
    """The attack: reading ``/dev/zero`` has no end."""
    path = made / ORIGIN_FILE
    document = json.loads(path.read_text())
    document["interpreter"]["path"] = "/dev/zero"
    path.write_text(json.dumps(document))

    assert told(made) == [("TRU569", "zero")]


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_told(made: Path, name: str) -> None:
    path = made / ORIGIN_FILE
    document = json.loads(path.read_text())
    document["files"], document["links"] = {name: "0" * 64}, {name: "bin"}
    path.write_text(json.dumps(document))

    assert told(made) == [("TRU568", name)] * 2


def test_an_environment_that_others_made_is_not_judged(tmp_path: Path) -> None:
    assert told(tmp_path) == []


def test_a_moved_environment_is_judged_where_it_is(made: Path) -> None:
    moved = made.rename(made.parent / "moved")

    assert told(moved) == []
