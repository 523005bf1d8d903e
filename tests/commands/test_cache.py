"""``trued cache`` from the outside: what the store holds, whether it is whole, and making room."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel


@pytest.fixture
def stored(machine: Machine) -> Wheel:
    """Return a wheel that was installed, and so is in the store."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line).status == 0
    return wheel


def entry(machine: Machine, wheel: Wheel) -> Path:
    """Return the folder of *wheel* in the store."""
    return machine.store / "wheels" / wheel.sha256[:2] / wheel.sha256


def test_dir_names_the_folder_and_an_option_moves_it(machine: Machine) -> None:
    assert machine.trued("cache", "dir").out == f"{machine.home}/.cache/trued\n"
    assert machine.trued("cache", "dir", "--cache-dir", "there").out == f"{machine.work}/there\n"


def test_info_counts_wheels_and_files(machine: Machine, stored: Wheel) -> None:
    lines = machine.trued("cache", "info").out.splitlines()

    assert f"Store: {machine.store}" in lines
    assert "Wheels: 1" in lines


def test_info_of_an_empty_store_is_no_error(machine: Machine) -> None:
    ran = machine.trued("cache", "info", "--json")

    assert ran.status == 0
    assert json.loads(ran.out)["wheels"] == 0


def test_list_names_the_wheels_and_takes_a_pattern(machine: Machine, stored: Wheel) -> None:
    assert machine.trued("cache", "list").out.startswith(f"{stored.filename}  {stored.sha256[:12]}")
    assert machine.trued("cache", "list", "dem*").out.startswith(stored.filename)
    assert machine.trued("cache", "list", "other").out.strip() == ""


def test_list_gives_paths_for_scripts(machine: Machine, stored: Wheel) -> None:
    assert machine.trued("cache", "list", "--format", "abspath").out == f"{entry(machine, stored)}\n"
    [row] = json.loads(machine.trued("cache", "list", "--json").out)
    assert (row["filename"], row["sha256"]) == (stored.filename, stored.sha256)


def test_verify_hashes_everything_again(machine: Machine, stored: Wheel) -> None:
    ran = machine.trued("cache", "verify")

    assert (ran.status, ran.codes) == (0, [])
    assert "of 1 wheels" in ran.err


def test_verify_finds_an_edited_file_and_takes_its_wheel_out(machine: Machine, stored: Wheel) -> None:
    victim = entry(machine, stored) / "tree" / "demo" / "__init__.py"
    victim.chmod(0o644)
    victim.write_text("evil = True\n")

    found = machine.trued("cache", "verify")
    again = machine.trued("cache", "verify")

    assert (found.status, found.codes) == (1, ["TRU401"])
    assert "demo/__init__.py" in found.err
    assert again.status == 0
    assert machine.trued("cache", "list").out.strip() == ""


def test_a_wheel_taken_out_is_fetched_and_proven_anew(machine: Machine, stored: Wheel) -> None:
    machine.trued("cache", "purge")

    ran = machine.install(stored.line, options=("--force-reinstall",))

    assert ran.status == 0
    assert machine.index.server.count(f"/files/{stored.filename}") == 2


def test_prune_keeps_what_was_used_lately(machine: Machine, stored: Wheel) -> None:
    assert machine.trued("cache", "prune", "--older-than", "1").status == 0
    assert entry(machine, stored).exists()

    machine.trued("cache", "prune", "--older-than", "0")
    assert not entry(machine, stored).exists()


def test_purge_removes_everything_and_environments_stay_whole(machine: Machine, stored: Wheel) -> None:
    before = machine.snapshot()

    ran = machine.trued("cache", "purge")

    assert (ran.status, ran.err) == (0, "removed all 1 wheels of the store\n")
    assert not entry(machine, stored).exists()
    assert machine.snapshot() == before


def test_purge_of_nothing_is_no_error(machine: Machine) -> None:
    assert machine.trued("cache", "purge").status == 0


@pytest.mark.parametrize(("words", "code"), [((), "TRU907"), (("frob",), "TRU911"), (("dir", "x"), "TRU912")])
def test_a_word_that_is_wrong_is_told_with_the_right_ones(
    machine: Machine, words: tuple[str, ...], code: str
) -> None:
    ran = machine.trued("cache", *words)

    assert (ran.status, ran.codes) == (2, [code])
