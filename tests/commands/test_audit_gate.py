"""Advisories in ``lock``, ``install`` and ``why-not``: what the local database keeps out."""

from __future__ import annotations

import tomllib

import pytest

from tests.commands.advisories import LOW, flaw, malware, with_database
from tests.commands.conftest import Index, Machine, make_wheel


def locked(machine: Machine) -> dict[str, str]:
    document = tomllib.loads((machine.work / "pylock.toml").read_text())
    return {one["name"]: one["version"] for one in document["packages"]}


@pytest.fixture
def demo(index: Index) -> Index:
    for version in ("1.0", "1.1", "1.2"):
        index.add(make_wheel("demo", version))
    return index


def lock(machine: Machine, *lines: str, options: tuple[str, ...] = ()) -> int:
    machine.write(*lines, name="requirements.in")
    return machine.trued("lock", "-r", "requirements.in", "-o", "pylock.toml", *options).status


def test_a_lock_leaves_out_releases_with_severe_advisories(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw(events="introduced=1.1"))

    assert lock(machine, "demo") == 0
    assert locked(machine) == {"demo": "1.0"}


def test_a_lock_moves_off_a_release_once_it_is_known_to_be_affected(machine: Machine, demo: Index) -> None:
    assert lock(machine, "demo") == 0
    before = locked(machine)
    with_database(machine, flaw(events="introduced=1.2"))

    done = machine.trued("lock", "-r", "requirements.in", "-o", "pylock.toml")

    assert (done.status, done.codes) == (0, ["TRU826"])
    assert (before, locked(machine)) == ({"demo": "1.2"}, {"demo": "1.1"})


@pytest.mark.parametrize(
    ("options", "version"),
    [((), "1.2"), (("--audit-severity", "low"), "1.0"), (("--audit-severity", "off"), "1.2")],
)
def test_how_severe_is_the_users_to_say(
    machine: Machine, demo: Index, options: tuple[str, ...], version: str
) -> None:
    with_database(machine, flaw(events="introduced=1.1", vector=LOW))

    assert lock(machine, "demo", options=options) == 0
    assert locked(machine) == {"demo": version}


def test_an_advisory_that_is_ignored_keeps_nothing_out(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw(events="introduced=1.1"))

    assert lock(machine, "demo", options=("--ignore", "PYSEC-2026-1:2999-01-01:not used")) == 0
    assert locked(machine) == {"demo": "1.2"}


def test_malware_is_left_out_whatever_is_set(machine: Machine, demo: Index) -> None:
    with_database(machine, malware("demo", "1.2"))

    status = lock(
        machine,
        "demo",
        options=("--audit-severity", "off", "--ignore", "MAL-2026-1", "--level", "permissive"),
    )

    assert status == 0
    assert locked(machine) == {"demo": "1.1"}


def test_where_nothing_is_left_the_advisory_is_named(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw(events="introduced=0"))
    machine.write("demo", name="requirements.in")

    done = machine.trued("lock", "-r", "requirements.in", "-o", "pylock.toml")

    assert done.status == 1
    assert "PYSEC-2026-1" in done.err


def test_an_exact_pin_is_told_and_refused_only_when_severity_is_set(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw(events="introduced=1.1"))
    machine.write("demo==1.2", name="requirements.in")

    told = machine.trued("lock", "-r", "requirements.in", "-o", "pylock.toml")
    refused = machine.trued("lock", "-r", "requirements.in", "-o", "x.txt", "--audit-severity", "high")

    assert (told.status, told.codes) == (0, ["TRU823"])
    assert refused.status == 1


def test_why_not_names_the_advisory(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw(events="introduced=1.2"), malware("demo", "1.1"))

    severe = machine.trued("why-not", "demo>=1.2", "--audit-severity", "high")
    pinned = machine.trued("why-not", "demo==1.2", "--audit-severity", "high")
    bad = machine.trued("why-not", "demo==1.1")

    assert severe.status == 2
    assert (pinned.status, "PYSEC-2026-1" in pinned.err) == (1, True)
    assert (bad.status, "MAL-2026-1" in bad.err) == (1, True)


@pytest.mark.parametrize("level", ["permissive", "standard", "strict"])
def test_malware_is_refused_at_every_level_and_nothing_is_installed(
    machine: Machine, index: Index, level: str
) -> None:
    wheel = index.add(make_wheel("demo"))
    with_database(machine, malware("demo", "1.0"))

    done = machine.install(wheel.line, options=("--level", level))

    assert (done.status, done.codes) == (1, ["TRU812"])
    assert machine.installed == {}


def test_a_malicious_file_is_refused_under_another_name_by_its_digest(machine: Machine, index: Index) -> None:
    wheel = index.add(make_wheel("renamed"))
    with_database(machine, malware("demo", "9.9", sha256=wheel.sha256))

    done = machine.install(wheel.line)

    assert (done.status, done.codes) == (1, ["TRU811"])
    assert machine.installed == {}


def test_a_vulnerable_release_is_told_by_default_and_refused_where_severity_is_set(
    machine: Machine, index: Index
) -> None:
    wheel = index.add(make_wheel("demo"))
    with_database(machine, flaw())

    refused = machine.install(wheel.line, options=("--audit-severity", "high"))
    strict = machine.install(wheel.line, options=("--level", "strict"))
    told = machine.install(wheel.line)

    assert (refused.status, refused.codes) == (1, ["TRU823"])
    assert strict.status == 1
    assert (told.status, told.codes) == (0, ["TRU823"])
    assert machine.installed == {"demo": "1.0"}


def test_a_warm_install_knows_when_the_database_changed(machine: Machine, index: Index) -> None:
    """Attack on the memo: the file was fine yesterday, and is known malware since."""
    wheel = index.add(make_wheel("demo"))
    with_database(machine, flaw("PYSEC-2026-7", "other"))
    first = machine.install(wheel.line)
    warm = machine.install(wheel.line)
    with_database(machine, malware("demo", "1.0"))

    after = machine.install(wheel.line)

    assert (first.status, warm.status) == (0, 0)
    assert (after.status, after.codes) == (1, ["TRU812"])


def test_an_install_that_was_let_pass_by_a_setting_leaves_no_memo(machine: Machine, index: Index) -> None:
    wheel = index.add(make_wheel("demo"))
    with_database(machine, flaw())
    machine.install(wheel.line, options=("--audit-severity", "off"))

    assert machine.install(wheel.line).codes == ["TRU823"]


def test_a_lock_from_memory_knows_when_the_database_changed(machine: Machine, demo: Index) -> None:
    with_database(machine, flaw("PYSEC-2026-7", "other"))
    lock(machine, "demo")
    lock(machine, "demo")
    with_database(machine, flaw(events="introduced=1.2"))

    assert lock(machine, "demo") == 0
    assert locked(machine) == {"demo": "1.1"}


def test_a_damaged_database_stops_an_install(machine: Machine, index: Index) -> None:
    wheel = index.add(make_wheel("demo"))
    with_database(machine, flaw())
    path = machine.home / ".cache" / "trued" / "advisories" / "pypi.sqlite3"
    path.write_bytes(b"not a database")

    done = machine.install(wheel.line)

    assert (done.status, done.codes) == (2, ["TRU801"])
    assert machine.installed == {}
