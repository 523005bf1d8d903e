"""Attacks on ``trued verify`` itself: what is planted is told, read within bounds, and holds nobody up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.test_verify import DEMO, LEAF, lay_down, row, told

DOCUMENTS = (
    "METADATA", "RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "provenance_url.json",
    "trued-receipt.json", "entry_points.txt",
)  # fmt: skip
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def settled(machine: Machine) -> Machine:
    """Return a machine with demo and leaf installed by trued."""
    for wheel in (DEMO, LEAF):
        machine.index.add(wheel)
    assert machine.install(DEMO.line, LEAF.line).status == 0
    return machine


def faults(machine: Machine) -> list[str]:
    """Return the words of the lines."""
    return [word for word, _ in told(machine.trued("verify"))]


@as_root
def test_a_file_of_another_user_is_told(settled: Machine) -> None:
    """The attack: a file that somebody else can change at any time, with the right content today."""
    path = settled.libraries / "demo/__init__.py"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o444)
    os.chown(path, 12345, 12345)

    ran = settled.trued("verify")

    assert ("owner", "TRU532") in told(ran)
    assert ran.status == 1


@as_root
def test_a_folder_of_another_user_is_told(settled: Machine) -> None:
    os.chown(settled.libraries / "demo", 12345, 12345)

    assert faults(settled) == ["owner"]


def test_a_program_that_runs_as_its_owner_is_told(settled: Machine) -> None:
    """The attack: a set-user-ID bit, which no digest sees."""
    path = settled.work / ".venv/bin/demo"
    path.chmod(0o4755)

    assert faults(settled) == ["mode"]


def test_a_folder_that_everybody_may_write_is_told(settled: Machine) -> None:
    (settled.libraries / "demo").chmod(0o777)

    assert faults(settled) == ["mode"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_pipe_in_the_place_of_a_document_does_not_hold_the_run(settled: Machine, name: str) -> None:
    """The attack: whoever opens a pipe waits until somebody writes to it."""
    path = settled.libraries / f"demo-1.0.dist-info/{name}"
    path.unlink(missing_ok=True)
    os.mkfifo(path)

    ran = settled.trued("verify")

    assert ran.status in (1, 2)
    assert "TRU999" not in ran.err


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_never_ends_is_read_within_bounds(settled: Machine, name: str) -> None:
    """The attack: a link to a device that gives bytes for ever, to fill the memory."""
    path = settled.libraries / f"demo-1.0.dist-info/{name}"
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")

    ran = settled.shell("ulimit -v 2000000; trued verify")

    assert ran.status in (1, 2)
    assert "TRU999" not in ran.err


@pytest.mark.parametrize(
    "command", ["list", "freeze", "inspect", "uninstall -y demo", "install -r requirements.txt"]
)
def test_pipes_hold_up_no_other_command_either(settled: Machine, command: str) -> None:
    for name in DOCUMENTS:
        path = settled.libraries / f"demo-1.0.dist-info/{name}"
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    ran = settled.trued(*command.split())

    assert "TRU999" not in ran.err


@pytest.mark.parametrize("name", ["pipe.pth", "sitecustomize.py", "pipe.start", "planted.py", "planted.so"])
def test_a_planted_pipe_of_any_name_is_told_and_does_not_hold_the_run(settled: Machine, name: str) -> None:
    os.mkfifo(settled.libraries / name)

    assert settled.trued("verify").status == 1


def test_a_pipe_among_bytecode_is_told(settled: Machine) -> None:
    cache = settled.libraries / "demo/__pycache__"
    cache.mkdir(exist_ok=True)
    os.mkfifo(cache / "part.cpython-311.pyc")

    assert faults(settled) == ["extra"]


def test_a_pipe_in_the_place_of_a_script_is_told(settled: Machine) -> None:
    path = settled.work / ".venv/bin/demo"
    path.unlink()
    os.mkfifo(path)

    assert "modified" in faults(settled)


def test_a_package_list_of_links_in_a_circle_is_told(settled: Machine) -> None:
    (settled.libraries / "circle").symlink_to(settled.libraries)

    assert faults(settled) == ["extra"]


def test_a_link_in_the_place_of_a_dist_info_folder_is_told(settled: Machine, tmp_path: Path) -> None:
    """The attack: a list of files that lies elsewhere, where somebody else can write it."""
    folder = settled.libraries / "demo-1.0.dist-info"
    moved = folder.rename(tmp_path / "elsewhere.dist-info")
    folder.symlink_to(moved)

    assert settled.trued("verify").status == 1


def test_a_folder_in_the_place_of_a_file_is_told(settled: Machine) -> None:
    path = settled.libraries / "demo/part.py"
    path.unlink()
    path.mkdir()

    assert settled.trued("verify").status == 1


def test_a_record_beyond_all_measure_is_not_read(machine: Machine) -> None:
    """The attack: a RECORD of a gigabyte, most of it a hole, to fill the memory."""
    info = lay_down(machine, "huge", {"huge.py": b"x = 1\n"})
    with (info / "RECORD").open("r+b") as file:
        file.truncate(1 << 30)

    ran = machine.shell("ulimit -v 2000000; trued verify")

    assert "TRU546" in ran.out


def test_a_name_with_terminal_commands_is_shown_as_text(machine: Machine) -> None:
    """The attack: a file name that clears the screen, and writes that all is well."""
    name = "\x1b[2Jall as it should be\x07\u202e.py"
    (machine.libraries / name).write_text("evil = 1\n")

    ran = machine.trued("verify")

    assert ran.status == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.out + ran.err)


def test_a_project_whose_name_is_a_terminal_command_is_shown_as_text(machine: Machine) -> None:
    info = lay_down(machine, "evil", {"evil.py": b"x = 1\n"})
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: \x1b[2Jevil\nVersion: 1.0\x07\n")
    (machine.libraries / "evil.py").write_text("x = 2\n")

    ran = machine.trued("verify")

    assert ran.status == 1
    assert not {"\x1b", "\x07"} & set(ran.out + ran.err)


def test_a_row_that_names_a_file_of_another_package_takes_nothing_from_it(settled: Machine) -> None:
    """The attack: a planted package that lists a proven one's file with other content."""
    lay_down(settled, "thief", {"thief.py": b"x = 1\n"}, row("demo/part.py", b"evil = 1\n"))
    (settled.libraries / "demo/part.py").unlink()
    (settled.libraries / "demo/part.py").write_bytes(b"evil = 1\n")

    ran = settled.trued("verify")

    assert ran.status == 1
    assert any(line.startswith("modified") and "demo/part.py" in line for line in ran.out.splitlines())


def test_another_build_of_the_same_version_does_not_pass_for_the_locked_one(machine: Machine) -> None:
    """The attack: files, RECORD and receipt all of another wheel; only the lock knows which it was to be."""
    other = make_wheel("leaf", files={"leaf/__init__.py": b"evil = 1\n"})
    machine.index.add(other)
    assert machine.install(other.line).status == 0
    machine.write(LEAF.line, name="lock.txt")

    ran = machine.trued("verify", "--against", "lock.txt")

    assert machine.trued("verify").status == 0
    assert (ran.status, "TRU593" in ran.out) == (1, True)
