"""``trued list`` and ``trued show`` from the outside, on what trued and other tools installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel


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


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    """Install demo, which needs leaf, from hashed lines."""
    leaf = machine.index.add(make_wheel("leaf"))
    demo = machine.index.add(make_wheel("demo", "2.1", requires=("leaf>=1", "gone; extra == 'x'")))
    assert machine.install(leaf.line, demo.line).status == 0
    return demo


def test_an_empty_environment_lists_nothing(machine: Machine) -> None:
    ran = machine.trued("list")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == ["Package Version Proof sha256", "------- ------- ----- ------"]


def test_each_project_stands_with_its_proof_and_the_digest_of_its_file(machine: Machine, demo: Wheel) -> None:
    lay_down(machine, "other", installer="pip")

    rows = machine.trued("list").out.splitlines()[2:]

    assert rows[0].split() == ["demo", "2.1", "pin", demo.sha256[:12]]
    assert rows[1].split()[:3] == ["leaf", "1.0", "pin"]
    assert rows[2].split() == ["other", "1.0", "none", "(pip)"]


def test_freeze_format_is_lines_for_a_requirements_file(machine: Machine, demo: Wheel) -> None:
    assert machine.trued("list", "--format", "freeze").out == "demo==2.1\nleaf==1.0\n"


def test_json_has_what_pip_has_and_the_evidence(machine: Machine, demo: Wheel) -> None:
    listed = json.loads(machine.trued("list", "--format", "json").out)

    assert listed[0] == {
        "name": "demo",
        "version": "2.1",
        "editable_project_location": None,
        "installer": "trued",
        "sha256": demo.sha256,
        "evidence": ["pin"],
    }
    assert json.loads(machine.trued("list", "--json").out) == listed


def test_a_project_can_be_left_out_under_any_spelling(machine: Machine, demo: Wheel) -> None:
    assert machine.trued("list", "--format=freeze", "--exclude", "DEMO").out == "leaf==1.0\n"


def test_another_folder_can_be_listed(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.install(wheel.line, options=("--target", "folder"))

    assert machine.trued("list", "--path", "folder", "--format=freeze").out == "demo==1.0\n"
    assert machine.trued("list", "--format=freeze").out.strip() == ""


def test_a_distribution_whose_metadata_is_damaged_does_not_hide_the_others(
    machine: Machine, demo: Wheel
) -> None:
    (lay_down(machine, "broken") / "METADATA").write_bytes(b"\xff\xfe\x00")

    ran = machine.trued("list", "--format=freeze")

    assert ran.status == 0
    assert "demo==2.1" in ran.out


def test_show_tells_project_file_source_and_proof(machine: Machine, demo: Wheel) -> None:
    shown = machine.trued("show", "Demo").out.splitlines()

    assert shown[:3] == ["Name: demo", "Version: 2.1", "Summary: demo, a demonstration"]
    assert f"Location: {machine.libraries}" in shown
    assert "Installer: trued" in shown
    assert "Requires: leaf" in shown
    assert f"File: {demo.filename}" in shown
    assert f"sha256: {demo.sha256}" in shown
    assert f"Proof: pin by requirements.txt:2: sha256:{demo.sha256}" in shown


def test_show_tells_who_needs_a_project(machine: Machine, demo: Wheel) -> None:
    assert "Required-by: demo" in machine.trued("show", "leaf").out.splitlines()


def test_show_lists_the_files_when_asked(machine: Machine, demo: Wheel) -> None:
    files = machine.trued("show", "-f", "demo").out.partition("Files:\n")[2].split()

    assert "demo/__init__.py" in files
    assert "demo-2.1.dist-info/RECORD" in files
    assert [name for name in files if not (machine.libraries / name).exists()] == []


def test_show_says_that_nothing_proves_what_another_tool_installed(machine: Machine) -> None:
    lay_down(machine, "other")

    shown = machine.trued("show", "other")

    assert shown.status == 0
    assert "Proof: none" in shown.out


def test_show_of_several_separates_them_as_pip_does(machine: Machine, demo: Wheel) -> None:
    assert "\n---\n" in machine.trued("show", "demo", "leaf").out


def test_show_as_json_holds_the_whole_receipt(machine: Machine, demo: Wheel) -> None:
    [shown] = json.loads(machine.trued("show", "--json", "--files", "demo").out)

    assert shown["receipt"]["sha256"] == demo.sha256
    assert shown["requires"] == ["leaf"]
    assert "demo/__init__.py" in shown["files"]


def test_show_tells_every_project_that_is_not_there(machine: Machine, demo: Wheel) -> None:
    ran = machine.trued("show", "demo", "nope", "neither")

    assert (ran.status, ran.codes) == (2, ["TRU914"])
    assert "nope is not installed" in ran.err
    assert "neither is not installed" in ran.err


def test_listing_writes_nothing_into_the_environment(machine: Machine, demo: Wheel) -> None:
    before = machine.snapshot()

    machine.trued("list")
    machine.trued("show", "demo")

    assert machine.snapshot() == before


def test_a_list_cut_short_by_its_reader_is_no_error(machine: Machine, demo: Wheel) -> None:
    assert machine.shell("trued list | head -c 1").err == ""
