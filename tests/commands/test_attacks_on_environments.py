"""Attacks by what stands in an environment on whoever looks at it: each is one that got through once."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel


def test_protecting_writes_through_no_link_that_waits_for_it(machine: Machine) -> None:
    """Attack: a link under the name that the draft of the protection's state had."""
    machine.install(machine.index.add(make_wheel("demo")).line)
    victim = machine.home / "victim"
    victim.write_text("precious")
    (machine.work / ".venv" / ".trued-protection.json.new").symlink_to(victim)

    machine.trued("protect", "--means", "read-only")

    assert (victim.read_text(), victim.stat().st_mode & 0o222) == ("precious", 0o200)


@pytest.mark.parametrize("options", [(), ("--require-hashes",)])
@pytest.mark.parametrize(
    "document",
    [
        (
            "direct_url.json",
            {"url": "https://example.org/x.whl\n--index-url https://example.net/", "dir_info": {}},
        ),
        ("direct_url.json", {"url": "https://example.org/x.whl --hash=sha256:00", "archive_info": {}}),
        ("METADATA", "Name: demo\nVersion: 1.0\n --index-url https://example.net/\n"),
        ("METADATA", "Name: demo\nVersion: 1.0\\\n"),
        ("METADATA", "Name: demo --index-url https://example.net/\nVersion: 1.0\n"),
    ],
)
def test_what_stands_in_an_environment_brings_no_line_of_its_own_into_a_frozen_file(
    machine: Machine, document: tuple[str, object], options: tuple[str, ...]
) -> None:
    """Attack: a package's own files make ``trued freeze > requirements.txt`` write an index or a digest."""
    folder = machine.libraries / "demo-1.0.dist-info"
    folder.mkdir()
    name, content = document
    (folder / "METADATA").write_text("Name: demo\nVersion: 1.0\n")
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))

    ran = machine.trued("freeze", *options)

    assert "TRU596" in ran.codes
    assert [line for line in ran.out.splitlines() if line and not line.startswith("#")] == []


def test_a_folded_version_is_one_line_of_a_list(machine: Machine) -> None:
    """Attack: a line of the list that looks like another package's."""
    folder = machine.libraries / "demo-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: demo\nVersion: 1.0\n other  9.9  attestation\n")

    lines = machine.trued("list").out.splitlines()

    assert len([line for line in lines if "other" in line and not line.startswith("demo")]) == 0


# A cloned repository brings an environment


def brought_program(machine: Machine, path: Path) -> None:
    """Write a program to *path* that leaves a sign when it runs, and then does what Python does."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\ntouch "{machine.home}/ran"\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)


@pytest.mark.parametrize("command", [("list",), ("audit",), ("verify",), ("install", "demo", "--dry-run")])
def test_no_interpreter_runs_that_came_with_an_environment_nobody_named(
    machine: Machine, command: tuple[str, ...]
) -> None:
    """Attack: ``.venv/bin/python`` of a cloned repository is a program of its author."""
    brought_program(machine, machine.work / ".venv" / "bin" / "python")

    ran = machine.trued(*command)

    assert (ran.status, ran.codes) == (2, ["TRU515"])
    assert not (machine.home / "ran").exists()


def test_neither_does_one_that_lies_elsewhere_in_the_repository(machine: Machine) -> None:
    """Attack: the link is one as everywhere, and leads to another folder of the repository."""
    brought_program(machine, machine.work / "tools" / "python3")
    python = machine.work / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("../../tools/python3")

    assert machine.trued("list").codes == ["TRU515"]
    assert not (machine.home / "ran").exists()


@pytest.mark.parametrize("folder", [".venv", ".venv/bin"])
def test_no_standard_library_is_taken_from_a_repository(machine: Machine, folder: str) -> None:
    """Attack: the interpreter is the system's, and ``pyvenv.cfg`` sends it to modules of the repository."""
    (machine.work / folder / "pyvenv.cfg").write_text(f"home = {machine.work}/fake/bin\n")

    assert machine.trued("list").codes == ["TRU515"]


def test_whoever_names_or_activates_such_an_environment_uses_it(machine: Machine) -> None:
    brought_program(machine, machine.work / ".venv" / "bin" / "python")

    assert machine.trued("list", "--venv", ".venv").status == 0
    assert machine.trued("list", VIRTUAL_ENV=".venv").status == 0


def test_an_environment_in_a_home_folder_may_have_a_python_that_lies_there(machine: Machine) -> None:
    """A Python below the home folder, as of pyenv or uv, is not one that came with ``~/.venv``."""
    shutil.copytree(machine.work / ".venv", machine.home / ".venv", symlinks=True)
    brought_program(machine, machine.home / "pythons" / "bin" / "python3")
    python = machine.home / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(machine.home / "pythons" / "bin" / "python3")
    folder = machine.home / "project"
    folder.mkdir()
    os.rename(machine.work / ".venv", machine.work / "away")

    ran = machine.shell(f"cd '{folder}' && trued list")

    assert (ran.status, ran.codes) == (0, [])
