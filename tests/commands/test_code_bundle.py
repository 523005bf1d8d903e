"""The bundle of compiled code: kept by a warm run, used by the next, and believed only while it fits."""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trued
from tests.commands.advisories import flaw, with_database
from tests.commands.conftest import Machine, Wheel, make_wheel

RUN = """
import sys
from trued.__main__ import main
status = main()
loaders = [type(one.__spec__.loader).__module__ for name, one in sys.modules.items() if name[:6] == "trued."]
print(status, "full" if "trued.cli.run" in sys.modules else "warm", loaders.count("trued.code_bundle") > 20)
"""
BUNDLED, PLAIN = "0 warm True", "0 warm False"


@pytest.fixture
def package(machine: Machine) -> Path:
    """Return a copy of the package, whose first run has filled the store and made a memo."""
    copy = machine.home / "lib" / "trued"
    shutil.copytree(os.path.dirname(trued.__file__), copy, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in (copy, *(path for path in copy.iterdir() if path.is_dir())):
        (folder / "__pycache__").mkdir()
    return copy


@pytest.fixture
def wheel(machine: Machine) -> Wheel:
    """Return the one wheel that is installed, which the store has."""
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.install(wheel.line, options=("--target", "before")).status == 0
    return wheel


def run(machine: Machine, package: Path, target: str, *flags: str, file: str = "requirements.txt") -> str:
    """Install into the folder *target* with the copy; return status, road, and whether the bundle served."""
    return call(machine, package, *flags, words=("install", "-r", file, "--target", target))


def call(machine: Machine, package: Path, *flags: str, words: tuple[str, ...]) -> str:
    """Call the copy with *words*; return status, road, and whether the bundle served."""
    environ = {name: value for name, value in machine.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *flags, "-c", RUN, *words],
        cwd=machine.work,
        env={**environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.stdout.strip().splitlines()[-1]


def bundles(package: Path) -> list[Path]:
    return [*package.rglob("*.bundle*")]


def full(machine: Machine, package: Path, target: str, *flags: str) -> str:
    """Install into *target* by the full road: what it stands in is no plain file of pinned names."""
    (machine.work / "other.txt").write_text(f"-r requirements.txt  # for {target}\n")
    return run(machine, package, target, *flags, file="other.txt")


def kept(machine: Machine, package: Path) -> Path:
    """Have a run keep the bundle, and return it."""
    assert run(machine, package, "kept") == PLAIN
    [bundle] = bundles(package)
    return bundle


def test_a_warm_run_keeps_a_bundle_and_the_next_is_served_by_it(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    assert run(machine, package, "one") == PLAIN
    assert len(bundles(package)) == 1
    assert run(machine, package, "two") == BUNDLED
    assert (machine.work / "two" / "demo" / "__init__.py").exists()


def test_an_edited_source_is_seen(machine: Machine, package: Path, wheel: Wheel) -> None:
    kept(machine, package)
    with (package / "operations" / "warm.py").open("a") as source:
        source.write("\ninstall_warm = lambda *_: 77\n")

    assert run(machine, package, "edited").startswith("77 warm")


def test_an_edit_that_keeps_the_size_is_seen_by_its_time(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    kept(machine, package)
    path = package / "operations" / "warm.py"
    path.write_bytes(path.read_bytes().replace(b"return 0\n", b"return 7\n"))

    assert run(machine, package, "edited").startswith("7 warm")


@pytest.mark.parametrize("content", [b"", b"no bundle", b"\xfb", b")\x03i\x01\x00\x00\x00"])
def test_a_bundle_that_cannot_be_read_is_replaced(
    machine: Machine, package: Path, wheel: Wheel, content: bytes
) -> None:
    kept(machine, package).write_bytes(content)

    assert run(machine, package, "one") == PLAIN
    assert run(machine, package, "two") == BUNDLED


def test_a_bundle_of_another_form_of_code_is_not_used(machine: Machine, package: Path, wheel: Wheel) -> None:
    kept(machine, package)

    assert run(machine, package, "optimised", "-O") == PLAIN


def test_none_is_kept_where_python_is_to_write_no_bytecode(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    assert run(machine, package, "one", "-B") == PLAIN
    assert bundles(package) == []


def test_the_full_road_goes_on_from_the_bundle_of_the_warm_one(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    kept(machine, package)
    (machine.work / "other.txt").write_text("demo==2.0\n")

    assert run(machine, package, "refused", file="other.txt") == "1 full True"


def test_the_full_road_keeps_a_bundle_of_its_own(machine: Machine, package: Path, wheel: Wheel) -> None:
    assert full(machine, package, "one") == "0 full False"
    assert [path.name.partition(".")[0] for path in bundles(package)] == ["install"]

    assert full(machine, package, "two") == "0 full True"
    assert (machine.work / "two" / "demo" / "__init__.py").exists()


@pytest.mark.parametrize(("line", "status"), [("demo==1.0", 1), ("demo==1.2", 0)], ids=["found", "clean"])
def test_an_audit_keeps_a_bundle_whatever_it_found_and_the_next_is_served_by_it(
    machine: Machine, package: Path, line: str, status: int
) -> None:
    with_database(machine, flaw())
    machine.write(line)
    words = ("audit", "-r", "requirements.txt")

    assert call(machine, package, words=words) == f"{status} full False"
    assert [path.name.partition(".")[0] for path in bundles(package)] == ["audit"]
    assert call(machine, package, words=words) == f"{status} full True"


def test_an_audit_that_fails_keeps_none(machine: Machine, package: Path) -> None:
    assert call(machine, package, words=("audit", "nowhere")) == "2 full False"
    assert bundles(package) == []


def test_a_run_that_is_refused_keeps_none(machine: Machine, package: Path, wheel: Wheel) -> None:
    (machine.work / "other.txt").write_text("demo==2.0\n")

    assert run(machine, package, "refused", file="other.txt") == "1 full False"
    assert bundles(package) == []


def test_an_edited_source_of_the_full_road_is_seen_and_its_code_kept_anew(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    full(machine, package, "one")
    with (package / "cli" / "install.py").open("a") as source:
        source.write("\nrun = lambda *_: 0\n")
    before = bundles(package)[0].read_bytes()

    assert full(machine, package, "edited").startswith("0 full")
    assert not (machine.work / "edited").exists()
    assert bundles(package)[0].read_bytes() != before


def test_what_is_edited_after_it_was_loaded_is_not_taken_for_what_was_loaded(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    full(machine, package, "one")
    finding, command = package / "core" / "finding.py", package / "cli" / "install.py"
    with command.open("a") as source:  # as if somebody wrote to the first, which is loaded, during the run
        source.write(f"\nopen({str(finding)!r}, 'a').write('EDITED = True\\n')\n")
    full(machine, package, "two")
    with command.open("a") as source:
        source.write("\nfrom trued.core import finding\nassert finding.EDITED\n")

    assert full(machine, package, "three").startswith("0 full")


def test_modules_that_a_path_of_the_user_leads_to_are_not_kept(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    (package.parent / "csv.py").write_text("from _csv import *\n")
    full(machine, package, "one")
    (package.parent / "csv.py").unlink()

    with bundles(package)[0].open("rb") as file:
        *_, parts, _ = marshal.load(file)
    assert not [path for path, *_ in parts.values() if path == str(package.parent / "csv.py")]
    assert not [path for path, *_ in parts.values() if "-packages" in path]


def test_a_bundle_whose_code_cannot_be_read_is_passed_over_and_replaced(
    machine: Machine, package: Path, wheel: Wheel
) -> None:
    full(machine, package, "one")
    [bundle] = bundles(package)
    content = bundle.read_bytes()
    *_, size = marshal.loads(content)
    bundle.write_bytes(content[:-size] + bytes(size))

    assert full(machine, package, "two") == "0 full False"
    assert full(machine, package, "three") == "0 full True"
