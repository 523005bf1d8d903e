"""``trued list`` and ``trued show`` from the outside, on what trued and other tools installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Index, Machine, make_wheel
from tests.index.server import Server

DEMO = make_wheel("demo", "2.1", requires=("leaf>=1", "gone; extra == 'x'"))


def lay_down(machine: Machine, name: str, version: str = "1.0", installer: str = "pip") -> Path:
    """Put a distribution there by hand, as another installer leaves it."""
    info = machine.libraries / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (machine.libraries / f"{name}.py").write_text("")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "INSTALLER").write_text(f"{installer}\n")
    rows = [f"{name}.py,,", *(f"{info.name}/{file},," for file in ("METADATA", "INSTALLER", "RECORD"))]
    (info / "RECORD").write_text("".join(f"{row}\n" for row in rows))
    return info


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Iterator[Machine]:
    """Return a machine with demo, which needs leaf, for tests that only look."""
    folder = tmp_path_factory.mktemp("settled")
    (folder / "home").mkdir()
    shutil.copytree(environment, folder / "work" / ".venv", symlinks=True)
    with Server() as server:
        machine = Machine(home=folder / "home", work=folder / "work", index=Index(server))
        leaf, demo = machine.index.add(make_wheel("leaf")), machine.index.add(DEMO)
        assert machine.install(leaf.line, demo.line).status == 0
        yield machine


def test_an_empty_environment_lists_nothing(machine: Machine) -> None:
    ran = machine.trued("list")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == ["Package Version Proof sha256", "------- ------- ----- ------"]


def test_each_project_stands_with_its_proof_and_the_digest_of_its_file(settled: Machine) -> None:
    rows = settled.trued("list").out.splitlines()[2:]

    assert rows[0].split() == ["demo", "2.1", "pin", DEMO.sha256[:12]]
    assert rows[1].split()[:3] == ["leaf", "1.0", "pin"]


def test_what_another_tool_installed_stands_without_proof(machine: Machine) -> None:
    lay_down(machine, "other", installer="pip")

    assert machine.trued("list").out.splitlines()[2].split() == ["other", "1.0", "none", "(pip)"]


def test_freeze_format_is_lines_for_a_requirements_file(settled: Machine) -> None:
    assert settled.trued("list", "--format", "freeze").out == "demo==2.1\nleaf==1.0\n"


def test_json_has_what_pip_has_and_the_evidence(settled: Machine) -> None:
    listed = json.loads(settled.trued("list", "--format", "json").out)

    assert listed[0] == {
        "name": "demo",
        "version": "2.1",
        "editable_project_location": None,
        "installer": "trued",
        "sha256": DEMO.sha256,
        "evidence": ["pin"],
    }
    assert json.loads(settled.trued("list", "--json").out) == listed


def test_a_project_can_be_left_out_under_any_spelling(settled: Machine) -> None:
    assert settled.trued("list", "--format=freeze", "--exclude", "DEMO").out == "leaf==1.0\n"


def test_another_folder_can_be_listed(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line, options=("--target", "folder"))

    assert machine.trued("list", "--path", "folder", "--format=freeze").out == "demo==1.0\n"
    assert machine.trued("list", "--format=freeze").out.strip() == ""


def test_a_distribution_whose_metadata_is_damaged_does_not_hide_the_others(machine: Machine) -> None:
    lay_down(machine, "whole")
    (lay_down(machine, "broken") / "METADATA").write_bytes(b"\xff\xfe\x00")

    ran = machine.trued("list", "--format=freeze")

    assert ran.status == 0
    assert "whole==1.0" in ran.out


def test_show_tells_project_file_source_and_proof(settled: Machine) -> None:
    shown = settled.trued("show", "Demo").out.splitlines()

    assert shown[:3] == ["Name: demo", "Version: 2.1", "Summary: demo, a demonstration"]
    assert f"Location: {settled.libraries}" in shown
    assert "Installer: trued" in shown
    assert "Requires: leaf" in shown
    assert f"File: {DEMO.filename}" in shown
    assert f"sha256: {DEMO.sha256}" in shown
    assert f"Proof: pin by requirements.txt:2: sha256:{DEMO.sha256}" in shown


def test_show_tells_who_needs_a_project(settled: Machine) -> None:
    assert "Required-by: demo" in settled.trued("show", "leaf").out.splitlines()


def test_show_lists_the_files_when_asked(settled: Machine) -> None:
    files = settled.trued("show", "-f", "demo").out.partition("Files:\n")[2].split()

    assert "demo/__init__.py" in files
    assert "demo-2.1.dist-info/RECORD" in files
    assert [name for name in files if not (settled.libraries / name).exists()] == []


def test_show_says_that_nothing_proves_what_another_tool_installed(machine: Machine) -> None:
    lay_down(machine, "other")

    shown = machine.trued("show", "other")

    assert shown.status == 0
    assert "Proof: none" in shown.out


def test_show_of_several_separates_them_as_pip_does(settled: Machine) -> None:
    assert "\n---\n" in settled.trued("show", "demo", "leaf").out


def test_show_as_json_holds_the_whole_receipt(settled: Machine) -> None:
    [shown] = json.loads(settled.trued("show", "--json", "--files", "demo").out)

    assert shown["receipt"]["sha256"] == DEMO.sha256
    assert shown["requires"] == ["leaf"]
    assert "demo/__init__.py" in shown["files"]


def test_show_tells_every_project_that_is_not_there(settled: Machine) -> None:
    ran = settled.trued("show", "demo", "nope", "neither")

    assert (ran.status, ran.codes) == (2, ["TRU914"])
    assert "nope is not installed" in ran.err
    assert "neither is not installed" in ran.err


def test_listing_writes_nothing_into_the_environment(settled: Machine) -> None:
    before = settled.snapshot()

    settled.trued("list")
    settled.trued("show", "demo")

    assert settled.snapshot() == before


def test_a_list_cut_short_by_its_reader_is_no_error(settled: Machine) -> None:
    assert settled.shell("trued list | head -c 1").err == ""


@pytest.mark.parametrize(
    "command", ["show other", "tree --venv .venv", "why other --venv .venv", "sbom --offline", "verify"]
)
def test_one_package_with_a_marker_that_cannot_be_decided_stops_no_command(
    machine: Machine, command: str
) -> None:
    info = lay_down(machine, "other")
    with (info / "METADATA").open("a") as file:
        file.write('Requires-Dist: leaf; os_name ~= "posix"\nRequires-Dist: other; os_name ~= "posix"\n')

    ran = machine.trued(*command.split())

    assert "TRU999" not in ran.codes
    assert ran.status in (0, 1)


def test_evidence_in_a_receipt_that_is_no_list_is_left_out(machine: Machine) -> None:
    info = lay_down(machine, "other", installer="trued")
    (info / "trued-receipt.json").write_text('{"filename": "other.whl", "evidence": 1}')

    ran = machine.trued("show", "other")

    assert (ran.status, "Proof: " in ran.out) == (0, False)
