"""A release that the store has: the index is asked about it again with ``--refresh``, and only then."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel


@pytest.fixture
def stored(machine: Machine) -> Wheel:
    """Return a wheel that the store has already."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line, options=("--target", "before")).status == 0
    return wheel


def yank(machine: Machine, wheel: Wheel) -> None:
    """Have the index call the wheel yanked."""
    machine.index.pages.clear()
    machine.index.add(wheel, yanked="steals cookies")


def downloads(machine: Machine) -> int:
    """Return how often a wheel was asked for."""
    return sum(asked.path.endswith(".whl") for asked in machine.index.server.asked)


def test_a_stored_release_is_installed_without_asking_whether_it_was_yanked(
    machine: Machine, stored: Wheel
) -> None:
    yank(machine, stored)
    before = len(machine.index.server.asked)

    ran = machine.install(stored.line)

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"})
    assert len(machine.index.server.asked) == before


def test_refresh_tells_that_it_was_yanked_and_downloads_nothing(machine: Machine, stored: Wheel) -> None:
    yank(machine, stored)
    before = downloads(machine)

    ran = machine.install(stored.line, options=("--refresh",))

    assert (ran.status, ran.codes) == (0, ["TRU349"])
    assert "steals cookies" in ran.err
    assert downloads(machine) == before


def test_refresh_refuses_it_at_level_strict(machine: Machine, stored: Wheel) -> None:
    yank(machine, stored)

    ran = machine.install(stored.line, options=("--refresh", "--level", "strict"))

    assert (ran.status, machine.installed) == (1, {})
    assert "TRU349" in ran.codes


def test_refresh_refuses_a_project_that_was_put_into_quarantine(machine: Machine, stored: Wheel) -> None:
    machine.index.pages.clear()
    machine.index.status["demo"] = {"status": "quarantined", "reason": "malware"}
    machine.index.add(stored)

    ran = machine.install(stored.line, options=("--refresh",))

    assert (ran.status, machine.installed) == (1, {})


def test_refresh_leaves_the_warm_road(machine: Machine, stored: Wheel) -> None:
    yank(machine, stored)
    machine.install(stored.line)

    ran = machine.trued("install", "-r", "requirements.txt", TRUED_REFRESH="1")

    assert ran.codes == ["TRU349"]
