"""Locks take the warm road too: the same files, and whatever is not as it was is left to the full road."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel

ROAD = """
import sys
from trued.__main__ import main
status = main()
print("full" if "trued.cli.run" in sys.modules else "warm", status)
"""


def road(machine: Machine, *arguments: str, **variables: str) -> tuple[str, int]:
    """Run trued with *arguments*; return which road was taken, and the exit status."""
    done = subprocess.run(
        [sys.executable, "-c", ROAD, *arguments],
        cwd=machine.work,
        env={**machine.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    taken, status = done.stdout.split()[-2:]
    return taken, int(status)


@pytest.fixture
def wheels(machine: Machine) -> list[Wheel]:
    """Three wheels, the first of which needs the others, locked in pylock.toml and exported as uv.lock is."""
    made = [make_wheel("demo", requires=("other", "third")), make_wheel("other"), make_wheel("third")]
    for wheel in made:
        machine.index.add(wheel, size=len(wheel.content))
    machine.trued("lock", "demo")
    return made


def uninstalled(machine: Machine) -> None:
    machine.trued("uninstall", "-y", *machine.installed)
    assert machine.installed == {}


ALL = {"demo": "1.0", "other": "1.0", "third": "1.0"}


@pytest.mark.parametrize(
    "command", [("install", "-q", "-r", "pylock.toml"), ("sync", "-q"), ("sync", "-q", "pylock.toml")]
)
def test_the_second_run_takes_the_warm_road_and_makes_the_same(
    machine: Machine, wheels: list[Wheel], command: tuple[str, ...]
) -> None:
    first = road(machine, *command)
    before = machine.snapshot()
    uninstalled(machine)

    second = road(machine, *command)

    assert (first, second) == (("full", 0), ("warm", 0))
    assert machine.installed == ALL
    assert machine.snapshot().keys() == before.keys()
    assert machine.trued("verify").status == 0


def test_install_and_sync_answer_each_other(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "install", "-q", "-r", "pylock.toml")

    assert road(machine, "sync", "-q", "pylock.toml") == ("warm", 0)


def test_sync_of_hashed_requirements_is_warm_too(machine: Machine, wheels: list[Wheel]) -> None:
    machine.trued("export", "pylock.toml", "-o", "out.txt")
    road(machine, "sync", "-q", "out.txt")
    uninstalled(machine)

    assert road(machine, "sync", "-q", "out.txt") == ("warm", 0)
    assert machine.installed == ALL


def test_what_the_lock_does_not_list_is_removed_by_the_full_road(
    machine: Machine, wheels: list[Wheel]
) -> None:
    road(machine, "sync", "-q")
    machine.install(machine.index.add(make_wheel("stray")).line)

    assert road(machine, "sync", "-q") == ("full", 0)
    assert machine.installed == ALL


def test_an_egg_that_the_lock_does_not_list_is_seen(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "sync", "-q")
    (machine.libraries / "old-1.0.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")

    assert road(machine, "sync", "-q")[0] == "full"


def test_a_lock_that_changed_in_one_byte_is_read_again(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "sync", "-q")
    lock = machine.work / "pylock.toml"
    lock.write_bytes(lock.read_bytes() + b"# \n")

    assert road(machine, "sync", "-q") == ("full", 0)


def test_a_lock_whose_digest_was_swapped_is_refused_although_the_store_has_the_files(
    machine: Machine, wheels: list[Wheel]
) -> None:
    # Attack: a lock that was installed before, with one digest replaced.
    road(machine, "sync", "-q")
    lock = machine.work / "pylock.toml"
    lock.write_text(lock.read_text().replace(wheels[1].sha256, "0" * 64))
    uninstalled(machine)

    assert road(machine, "sync", "-q")[1] == 1
    assert machine.installed == {}


def test_another_index_has_the_full_road_judge_the_lock(machine: Machine, wheels: list[Wheel]) -> None:
    # Attack or mistake: a lock of one index, where the user now has chosen another.
    road(machine, "sync", "-q")
    uninstalled(machine)

    assert road(machine, "sync", "-q", TRUED_INDEX_URL="https://index.example.org/simple/") == (
        "full",
        1,
    )
    assert road(machine, "sync", "-q", "-i", "https://index.example.org/simple/") == ("full", 1)


def test_extras_have_the_full_road_choose(machine: Machine) -> None:
    machine.index.add(make_wheel("left"))
    demo = make_wheel("demo")
    machine.index.add(demo)
    (machine.work / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["demo"]\n'
        '[project.optional-dependencies]\nmore = ["left"]\n'
    )
    machine.trued("lock", "--extra", "more")
    road(machine, "sync", "-q")

    assert road(machine, "sync", "-q", "--extra", "more")[0] == "full"


def test_the_digest_has_to_stand_in_the_entry_of_its_project() -> None:
    from trued.operations.plain_lock import stands_in_lock

    lock = b'[[packages]]\nname = "a"\nhash = "11"\n\n[[packages]]\nname = "b"\nhash = "22"\n'

    assert stands_in_lock(lock, [("a", "11"), ("b", "22")])
    assert not stands_in_lock(lock, [("a", "22"), ("b", "22")])
    assert not stands_in_lock(lock, [("b", "11")])
    assert not stands_in_lock(lock, [("c", "11")])


def test_of_two_entries_of_a_project_the_one_that_was_chosen_is_found(tmp_path: Path) -> None:
    from trued.operations.plain_lock import in_file_order, stands_in_lock

    lock = b"".join(
        b'\n[[package]]\nname = "%s"\nhash = "%s"\n' % pair
        for pair in [(b"b", b"1"), (b"b", b"2"), (b"a", b"3")]
    )

    assert stands_in_lock(lock, [("b", "2"), ("a", "3")])
    assert in_file_order(lock, ["a", "b"]) == [1, 0]
