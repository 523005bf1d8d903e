"""``trued install`` of names and ranges: versions are chosen, and still every file has to be proven."""

from __future__ import annotations

from tests.commands.conftest import Machine, make_wheel

TRUSTING = "--trust-on-first-use"


def test_a_name_is_refused_with_all_it_needs_and_json_has_lines_for_each(machine: Machine) -> None:
    demo = machine.index.add(make_wheel("demo", "2.0", requires=("left>=1",)))
    left = machine.index.add(make_wheel("left", "1.5"))
    windows = machine.index.add(make_wheel("left", "1.5", tag="cp38-abi3-win_amd64"))

    ran = machine.trued("install", "demo")
    data = machine.trued("install", "demo", "--json")

    assert (ran.status, ran.codes) == (1, ["TRU561", "TRU781"])
    assert all(one.filename in ran.err for one in (demo, left))
    assert "demo==2.0 " in data.out
    assert "left==1.5 " in data.out
    assert all(f"--hash=sha256:{one.sha256}" in data.out for one in (demo, left, windows))
    assert machine.installed == {}


def test_trust_on_first_use_installs_the_whole_set(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "2.0", requires=("left>=1",)))
    machine.index.add(make_wheel("left", "1.5"))

    ran = machine.trued("install", "demo>1", TRUSTING)

    assert ran.status == 0
    assert machine.installed == {"demo": "2.0", "left": "1.5"}


def test_the_permissive_level_installs_like_pip(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", requires=("left",)))
    machine.index.add(make_wheel("left"))

    ran = machine.trued("install", "demo", "--level", "permissive")

    assert (ran.status, ran.codes) == (0, ["TRU561"])
    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_in_hash_checking_mode_nothing_is_chosen(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo", requires=("left",)))
    machine.index.add(make_wheel("left"))

    unlisted = machine.install(wheel.line)
    unpinned = machine.install(wheel.line, "left")

    assert unlisted.codes == ["TRU180"]
    assert "TRU164" in unpinned.codes
    assert machine.installed == {}


def test_what_is_installed_stays_until_an_upgrade_is_asked_for(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"))
    machine.trued("install", "demo", TRUSTING)
    machine.index.add(make_wheel("demo", "2.0"))

    machine.trued("install", "demo", TRUSTING, "--refresh")
    stayed = machine.installed
    machine.trued("install", "demo", TRUSTING, "--refresh", "-U")

    assert stayed == {"demo": "1.0"}
    assert machine.installed == {"demo": "2.0"}


def test_without_dependencies_only_what_is_named_is_chosen(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "2.0", requires=("left",)))

    assert machine.trued("install", "demo", "--no-deps", TRUSTING).status == 0
    assert machine.installed == {"demo": "2.0"}


def test_a_release_of_source_alone_is_passed_over(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"))
    machine.index.pages["demo"].append(
        {"filename": "demo-2.0.tar.gz", "url": "/files/demo-2.0.tar.gz", "hashes": {"sha256": "0" * 64}}
    )
    machine.index.add(make_wheel("demo", "0.9"))

    machine.trued("install", "demo", TRUSTING)

    assert machine.installed == {"demo": "1.0"}


def test_pre_releases_are_chosen_only_when_asked_for(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", "1.0"))
    machine.index.add(make_wheel("demo", "2.0rc1"))

    machine.trued("install", "demo", TRUSTING)
    final = machine.installed
    machine.trued("install", "demo", TRUSTING, "-U", "--pre")

    assert final == {"demo": "1.0"}
    assert machine.installed == {"demo": "2.0rc1"}


def test_extras_bring_their_dependencies(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", requires=("left; extra == 'x'",), extras=("x",)))
    machine.index.add(make_wheel("left"))

    machine.trued("install", "demo[x]", TRUSTING)

    assert machine.installed == {"demo": "1.0", "left": "1.0"}


def test_a_conflict_changes_nothing_and_is_explained(machine: Machine) -> None:
    machine.index.add(make_wheel("demo", requires=("left<1",)))
    machine.index.add(make_wheel("left", "1.0"))

    ran = machine.trued("install", "demo", TRUSTING)

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "left<1" in ran.err
    assert machine.installed == {}


def test_fix_names_the_way_to_versions_for_a_line_that_has_none(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    assert "TRU571" in machine.install("demo", options=("--fix",)).codes


def test_a_dependency_group_is_installed(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.write("[dependency-groups]", 'dev = ["demo"]', name="pyproject.toml")

    assert machine.trued("install", "--group", "dev", TRUSTING).status == 0
    assert machine.installed == {"demo": "1.0"}


def test_a_constraint_bounds_what_is_needed_in_turn(machine: Machine) -> None:
    machine.index.add(make_wheel("dep", "1.0"))
    machine.index.add(make_wheel("dep", "2.0"))
    machine.index.add(make_wheel("app", requires=("dep",)))
    machine.write("dep<2", name="constraints.txt")

    ran = machine.trued("install", "app", "-c", "constraints.txt", "--trust-on-first-use")

    assert (ran.status, machine.installed) == (0, {"app": "1.0", "dep": "1.0"}), ran.err


def test_the_digests_of_a_constraint_hold_for_what_is_needed_in_turn(machine: Machine) -> None:
    machine.index.add(make_wheel("dep", "1.0"))
    machine.index.add(make_wheel("app", requires=("dep",)))
    machine.write(f"dep==1.0 --hash=sha256:{'0' * 64}", name="constraints.txt")

    ran = machine.trued(
        *("install", "app", "-c", "constraints.txt", "--trust-on-first-use", "--no-require-hashes")
    )

    assert ran.status == 1
    assert machine.installed == {}
