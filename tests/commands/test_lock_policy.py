"""Rules of choosing, and what may be excepted from them, from the outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.test_lock import versions

EXCEPTION = """
[[exception]]
project = "demo"
rule = "{rule}"
reason = "tried by hand"
until = {until}
"""


@pytest.fixture
def aged(machine: Machine) -> Machine:
    """demo 1.0 is nine days old, 2.0 five hours."""
    now = datetime.now(UTC)
    machine.index.add(make_wheel("demo", "1.0"), upload_time=(now - timedelta(days=9)).isoformat())
    machine.index.add(make_wheel("demo", "2.0"), upload_time=(now - timedelta(hours=5)).isoformat())
    return machine


def configure(machine: Machine, text: str) -> None:
    folder = machine.home / ".config" / "trued"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trued.toml").write_text(text)


def exception(rule: str, *, days: int = 1) -> str:
    return EXCEPTION.format(rule=rule, until=(datetime.now(UTC) + timedelta(days=days)).date())


@pytest.mark.parametrize("table", ['[min-age-for]\n"de*" = "0d"', '[min-age-for-index]\n"{index}" = "0d"'])
def test_an_age_of_a_project_or_an_index_goes_before_the_general_one(aged: Machine, table: str) -> None:
    configure(aged, table.format(index=aged.index.url))

    aged.trued("lock", "demo", "--min-age", "3d")

    assert versions(aged) == {"demo": "2.0"}


def test_an_exception_admits_what_its_rule_would_refuse(aged: Machine) -> None:
    configure(aged, exception("min-age"))

    ran = aged.trued("lock", "demo", "--level", "strict")

    assert versions(aged) == {"demo": "2.0"}
    assert not {"TRU650", "TRU651"} & set(ran.codes)


def test_an_exception_that_has_expired_no_longer_holds_and_is_told(aged: Machine) -> None:
    configure(aged, exception("min-age", days=-1))

    ran = aged.trued("lock", "demo", "--min-age", "3d")

    assert versions(aged) == {"demo": "1.0"}
    assert "TRU650" in ran.codes


def test_an_exception_that_nothing_needed_is_told_where_its_project_is_chosen(aged: Machine) -> None:
    configure(aged, exception("yanked"))
    aged.index.add(make_wheel("other", "1.0"))

    assert "TRU651" in aged.trued("lock", "demo").codes
    assert "TRU651" not in aged.trued("lock", "other", "--upgrade").codes


def test_a_yanked_release_is_reached_by_an_exception(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"), yanked="broken")
    configure(machine, exception("yanked"))

    machine.trued("lock", "demo")

    assert versions(machine) == {"demo": "1.0"}


def test_what_a_release_says_of_its_python_can_be_ignored(machine: Machine) -> None:
    stated: dict[str, object] = {"requires-python": "<3"}
    machine.index.add(make_wheel("demo", "1.0"), hashes=None, **stated)

    refused = machine.trued("install", "demo", "--trust-on-first-use")
    machine.trued("install", "demo", "--trust-on-first-use", "--ignore-requires-python")

    assert refused.status != 0
    assert machine.installed == {"demo": "1.0"}


def test_a_release_without_a_wheel_is_told_as_such_and_not_by_an_option_that_nobody_set(
    machine: Machine,
) -> None:
    source = make_wheel("demo", "1.0")
    machine.index.add(replace(source, filename="demo-1.0.tar.gz"))

    ran = machine.trued("install", "demo")

    assert "--allow-build demo" in " ".join(ran.err.split())
    assert "only-binary" not in ran.err


@pytest.mark.parametrize(
    ("option", "chosen"),
    [("--all-releases demo", "2.0rc1"), ("--only-final :all:", "1.0"), ("--all-releases :all:", "2.0rc1")],
)
def test_a_requirements_file_says_whether_prereleases_are_chosen(
    machine: Machine, option: str, chosen: str
) -> None:
    for version in ("1.0", "2.0rc1"):
        machine.index.add(make_wheel("demo", version))
    machine.write(option, "demo>=1.0a1" if chosen == "1.0" else "demo", name="wanted.in")

    machine.trued("lock", "-r", "wanted.in")

    assert versions(machine) == {"demo": chosen}
