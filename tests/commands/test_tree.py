"""``trued tree``: what needs what."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, make_wheel


@pytest.fixture
def locked(machine: Machine) -> Machine:
    machine.index.add(make_wheel("top", requires=("left", "right")))
    machine.index.add(make_wheel("left", requires=("leaf",)))
    machine.index.add(make_wheel("right", requires=("left", "win; sys_platform == 'win32'")))
    machine.index.add(make_wheel("leaf"))
    machine.index.add(make_wheel("win"))
    machine.trued("lock", "top")
    return machine


def test_the_tree_of_a_lock_unfolds_each_release_once(locked: Machine) -> None:
    ran = locked.trued("tree", PYTHONUTF8="1")

    assert ran.out.splitlines() == [
        "top 1.0",
        "├── left 1.0",
        "│   └── leaf 1.0",
        "└── right 1.0",
        "    └── left 1.0 (*)",
    ]


def test_plain_characters_where_the_terminal_has_no_others(locked: Machine) -> None:
    ran = locked.trued("tree", PYTHONIOENCODING="ascii")

    assert "|-- left 1.0" in ran.out
    assert "`-- right 1.0" in ran.out


def test_a_universal_lock_shows_when_something_is_needed(locked: Machine) -> None:
    locked.trued("lock", "top", "--universal", "-o", "pylock.all.toml")

    assert "win 1.0 ; sys_platform == 'win32'" in locked.trued("tree", "pylock.all.toml").out


def test_the_tree_of_an_environment(locked: Machine) -> None:
    locked.trued("sync")

    ran = locked.trued("tree", "--venv", ".venv")

    assert ran.out.splitlines()[0] == "top 1.0"
    assert "leaf 1.0" in ran.out


def test_json_holds_nodes_and_edges(locked: Machine) -> None:
    result = locked.trued("tree", "--json").document["result"]

    assert isinstance(result, dict)
    assert result["roots"] == [{"project": "top", "version": "1.0"}]
