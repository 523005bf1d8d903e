"""``trued config`` from the outside: setting, reading back, and saying where a value comes from."""

from __future__ import annotations

import json

from tests.commands.conftest import Machine, make_wheel


def test_what_is_set_is_read_back_and_counts(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    assert machine.trued("config", "set", "level", "permissive").status == 0
    assert machine.trued("config", "get", "level").out == "permissive\n"
    assert machine.install("demo==1.0").status == 0


def test_unset_takes_it_away_again(machine: Machine) -> None:
    machine.trued("config", "set", "level", "strict")

    assert machine.trued("config", "unset", "level").status == 0
    assert machine.trued("config", "get", "level").out == "standard\n"


def test_list_tells_value_and_origin(machine: Machine) -> None:
    machine.trued("config", "set", "retries", "2")

    out = machine.trued("config", "list", TRUED_LEVEL="strict").out

    assert f"retries = 2  (retries in {machine.home}/.config/trued/trued.toml:1)" in out
    assert "level = strict  (TRUED_LEVEL)" in out


def test_debug_names_every_source_and_every_setting(machine: Machine) -> None:
    out = machine.trued("config", "debug").out

    assert out.startswith("Sources, the strongest first:")
    assert f"{machine.home}/.config/trued/trued.toml (not there)" in out
    assert "level = standard  (default)" in out


def test_a_value_that_is_wrong_is_not_written(machine: Machine) -> None:
    ran = machine.trued("config", "set", "retries", "often")

    assert (ran.status, ran.codes) == (2, ["TRU602"])
    assert not (machine.home / ".config" / "trued").exists()


def test_an_unknown_key_is_told_with_the_nearest(machine: Machine) -> None:
    ran = machine.trued("config", "set", "levl", "strict")

    assert ran.codes == ["TRU601"]
    assert "level" in ran.err


def test_a_password_of_an_index_is_not_shown(machine: Machine) -> None:
    out = machine.trued("config", "list", TRUED_INDEX_URL="https://me:hunter2@example.org/simple/").out

    assert "example.org" in out
    assert "hunter2" not in out


def test_a_key_with_a_typing_error_is_told_by_every_command_with_its_line(machine: Machine) -> None:
    machine.write("[tool.trued]", "levl = 'strict'", name="pyproject.toml")

    ran, strict = machine.trued("list"), machine.trued("list", "--level", "strict")

    assert (ran.status, strict.status) == (0, 2)
    assert ran.codes == strict.codes == ["TRU601"]
    assert "pyproject.toml:2" in ran.err


def test_a_value_that_nobody_can_understand_stops_every_command(machine: Machine) -> None:
    machine.write("[tool.trued]", "level = 'hard'", name="pyproject.toml")

    ran = machine.trued("list")

    assert (ran.status, ran.codes) == (2, ["TRU602"])
    assert "pyproject.toml:2" in ran.err


def test_a_project_may_tighten_the_level_and_never_loosen_it(machine: Machine) -> None:
    # Attack: a cloned repository brings its own configuration, to be installed without proof.
    machine.index.add(make_wheel("demo"))
    machine.write("[tool.trued]", "level = 'permissive'", name="pyproject.toml")

    assert machine.install("demo==1.0").status != 0
    assert machine.installed == {}


def test_json_gives_the_origin_of_each_setting(machine: Machine) -> None:
    told = machine.trued("config", "list", "--json", TRUED_LEVEL="strict").document

    settings = json.loads(json.dumps(told["result"]))["settings"]
    assert {"key": "level", "value": "strict", "origin": "TRUED_LEVEL"} in settings
