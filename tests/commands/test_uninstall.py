"""``trued uninstall`` from the outside: only what a project owns goes, and never unasked."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel
from tests.commands.test_list_show import lay_down


@pytest.fixture
def demo(machine: Machine) -> Wheel:
    """Return the wheel of demo, on the index but not installed."""
    return machine.index.add(make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:main\n"))


@pytest.mark.usefixtures("python_started")
def test_nothing_of_a_project_stays(machine: Machine, demo: Wheel) -> None:
    before = machine.snapshot()
    machine.install(demo.line)

    ran = machine.trued("uninstall", "-y", "demo")

    assert (ran.status, ran.err) == (0, "- demo 1.0\n")
    assert machine.snapshot() == before


def test_what_another_tool_installed_goes_too(machine: Machine) -> None:
    before = machine.snapshot()
    lay_down(machine, "other")

    assert machine.trued("uninstall", "-y", "other").status == 0
    assert machine.snapshot() == before


def test_files_that_nobody_installed_stay(machine: Machine, demo: Wheel) -> None:
    machine.install(demo.line)
    (machine.libraries / "demo" / "mine.txt").write_text("mine")

    machine.trued("uninstall", "-y", "demo")

    assert [path.name for path in (machine.libraries / "demo").iterdir()] == ["mine.txt"]


def test_without_a_terminal_nobody_is_asked_and_nothing_goes(machine: Machine, demo: Wheel) -> None:
    machine.install(demo.line)

    ran = machine.trued("uninstall", "demo")

    assert (ran.status, ran.codes) == (2, ["TRU916"])
    assert "--yes" in ran.err
    assert machine.installed == {"demo": "1.0"}


def test_what_is_not_installed_is_a_warning_as_in_pip(machine: Machine, demo: Wheel) -> None:
    machine.install(demo.line)

    ran = machine.trued("uninstall", "-y", "nope", "demo")

    assert (ran.status, ran.codes) == (0, ["TRU914"])
    assert machine.installed == {}


def test_the_projects_can_stand_in_a_requirements_file(machine: Machine, demo: Wheel) -> None:
    machine.install(demo.line)

    assert machine.trued("uninstall", "-y", "-r", "requirements.txt").status == 0
    assert machine.installed == {}


def test_a_record_that_names_files_outside_is_refused(machine: Machine) -> None:
    # Attack: an installed package lists the user's own file as its own, to have it deleted.
    precious = machine.work / "precious.txt"
    precious.write_text("mine")
    record = lay_down(machine, "evil") / "RECORD"
    record.write_text(record.read_text() + "../../../../precious.txt,,\n")

    ran = machine.trued("uninstall", "-y", "evil")

    assert ran.status == 1
    assert precious.exists()
    assert "precious.txt" in ran.err


def test_json_tells_what_was_removed_and_what_was_not_there(machine: Machine, demo: Wheel) -> None:
    machine.install(demo.line)

    told = machine.trued("uninstall", "-y", "--json", "demo", "nope").document

    assert told == {"removed": [{"name": "demo", "version": "1.0"}], "not_installed": ["nope"]}
