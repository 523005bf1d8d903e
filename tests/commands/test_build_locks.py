"""What projects are built with, in a lock: written, kept, and nothing else used."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.conftest import Machine, make_wheel
from tests.commands.sources import BACKEND, Sdist, make_sdist, one_backend
from tests.commands.test_build import ALLOWED, TRUSTING, logs, needing_backend, receipt
from tests.commands.test_build_dependencies import constraint


def locked(machine: Machine, *options: str) -> Sdist:
    sdist = needing_backend(machine)
    machine.write("demo")
    ran = machine.trued("lock", "-r", "requirements.txt", TRUSTING, *ALLOWED, *options)
    assert ran.status == 0, ran.err
    return sdist


def test_a_lock_names_what_builds_each_project(machine: Machine) -> None:
    locked(machine)

    text = (machine.work / "pylock.toml").read_text()

    assert "[[packages.tool.trued.build.packages]]" in text
    assert one_backend().sha256 in text


def test_a_build_from_a_lock_uses_exactly_what_the_lock_names(machine: Machine) -> None:
    locked(machine)
    machine.index.add(one_backend("2.0"))

    ran = machine.trued("install", "-r", "pylock.toml", *ALLOWED)

    assert ran.status == 0, ran.err
    built = receipt(machine)["built"]
    assert isinstance(built, dict)
    assert built["dependencies"][0]["sha256"] == one_backend().sha256


def test_a_lock_opens_no_build(machine: Machine) -> None:
    locked(machine)

    ran = machine.trued("install", "-r", "pylock.toml")

    assert (ran.status, ran.codes) == (1, ["TRU553"])


def test_a_lock_is_the_same_when_it_is_made_again(machine: Machine) -> None:
    locked(machine)
    before = (machine.work / "pylock.toml").read_text()

    machine.trued("lock", "-r", "requirements.txt", TRUSTING, *ALLOWED)

    assert (machine.work / "pylock.toml").read_text() == before


def test_versions_of_build_dependencies_stay_until_an_upgrade(machine: Machine) -> None:
    locked(machine)
    machine.index.add(one_backend("2.0"))

    machine.trued("lock", "-r", "requirements.txt", TRUSTING, *ALLOWED, "--refresh")
    kept = (machine.work / "pylock.toml").read_text()
    machine.trued("lock", "-r", "requirements.txt", TRUSTING, *ALLOWED, "--upgrade", "--refresh")
    moved = (machine.work / "pylock.toml").read_text()

    assert one_backend().sha256 in kept
    assert one_backend("2.0").sha256 in moved


def test_a_lock_without_what_the_build_needs_is_told_and_not_filled_up(machine: Machine) -> None:
    """Attack: the build dependencies are taken out of the lock, to have others chosen."""
    locked(machine)
    path = machine.work / "pylock.toml"
    head, _, _ = path.read_text().partition("[[packages.tool.trued.build.packages]]")
    path.write_text(head)

    ran = machine.trued("install", "-r", "pylock.toml", *ALLOWED)

    assert (ran.status, ran.codes) == (1, ["TRU472"])


def test_a_wheel_that_was_built_with_something_else_is_not_taken_for_the_lock(machine: Machine) -> None:
    sdist = locked(machine)
    other = one_backend(code="\nOTHER = 1\n", name="toy-backend", version="3.0")
    machine.index.add(other)
    options = constraint(machine, f"toy-backend==3.0 --hash=sha256:{other.sha256}")
    machine.install(sdist.line, options=(*ALLOWED, *options))

    machine.trued("install", "-r", "pylock.toml", *ALLOWED, "--force-reinstall")

    built = receipt(machine)["built"]
    assert isinstance(built, dict)
    assert built["dependencies"][0]["sha256"] == one_backend().sha256


def test_a_stale_build_dependency_makes_the_lock_stale(machine: Machine) -> None:
    locked(machine)

    ran = machine.trued(
        "lock", "-r", "requirements.txt", *ALLOWED, "--check", *constraint(machine, "toy-backend>1")
    )

    assert ran.status == 1


def test_wheel_builds_from_a_lock(machine: Machine) -> None:
    locked(machine)

    ran = machine.trued("wheel", "-r", "pylock.toml", *ALLOWED, "-w", "made", "--json")

    result = ran.document["result"]
    assert isinstance(result, dict)
    assert [row["built"] for row in result["wheels"]] == [True]
    assert json.dumps(result).count(one_backend().sha256) == 1


def test_a_backend_is_asked_once_however_many_targets_are_locked(machine: Machine) -> None:
    machine.index.add(make_sdist("demo"))

    ran = machine.trued("lock", "demo", "--universal", *ALLOWED)

    assert ran.status == 0, ran.err
    assert len(logs(machine)) == 1


def test_a_locked_build_dependency_that_no_longer_fits_is_told(machine: Machine) -> None:
    """Attack: the lock's build dependency is turned into an older release, with the digest that fits it."""
    new, old = machine.index.add(one_backend("1.0")), machine.index.add(one_backend("0.9"))
    machine.index.add(make_sdist("demo", build_requires=("toy-backend>=1",), backend="toy_backend"))
    machine.trued("lock", "demo", TRUSTING, *ALLOWED)
    path = machine.work / "pylock.toml"
    head, mark, tail = path.read_text().partition("[[packages.tool.trued.build.packages]]")
    turned = tail.replace(new.sha256, old.sha256).replace("toy_backend-1.0", "toy_backend-0.9")
    path.write_text(head + mark + turned.replace('version = "1.0"', 'version = "0.9"'))

    ran = machine.trued("install", "-r", "pylock.toml", *ALLOWED)

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU473"], {}), ran.err


def test_a_requirements_file_says_what_it_has_no_room_for(machine: Machine) -> None:
    needing_backend(machine)
    machine.index.add(make_wheel("leaf"))

    with_source = machine.trued("lock", "demo", "leaf", TRUSTING, *ALLOWED, "-o", "requirements.txt")
    without = machine.trued("lock", "leaf", *ALLOWED, "-o", "other.txt")

    assert (with_source.status, with_source.codes) == (0, ["TRU467"]), with_source.err
    assert without.codes == []


def test_nothing_is_left_of_asking_a_backend_that_is_source_itself(machine: Machine, tmp_path: Path) -> None:
    machine.index.add(make_sdist("toy-backend", files={"toy_backend.py": BACKEND.encode()}))
    machine.index.add(make_sdist("demo", build_requires=("toy-backend",), backend="toy_backend"))
    machine.write("demo")
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    ran = machine.trued(
        *("lock", "-r", "requirements.txt", TRUSTING, "--allow-build", "demo,toy-backend"),
        TMPDIR=str(temporary),
    )

    assert ran.status == 0, ran.err
    assert list(temporary.iterdir()) == []
