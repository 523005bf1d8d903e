"""Attacks by what stands in an environment on whoever looks at it: each is one that got through once."""

from __future__ import annotations

import json

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
