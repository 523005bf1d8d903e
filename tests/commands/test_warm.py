"""The warm road makes what the full road makes, and leaves to it whatever is not as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Wheel, make_wheel

SCRIPTED = {"entry_points": "[console_scripts]\ndemo = demo:version.upper\n"}
ROAD = """
import sys
from trued.__main__ import main
sys.argv[1:] = ["install", "-q", "-r", "requirements.txt", "--target", *sys.argv[1:]]
status = main()
print("full" if "trued.cli.run" in sys.modules else "warm")
sys.exit(status)
"""


def road(machine: Machine, target: str, *options: str) -> str:
    """Install from requirements.txt into the folder *target*; return which road was taken."""
    done = subprocess.run(
        [sys.executable, "-c", ROAD, target, *options],
        cwd=machine.work,
        env=machine.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def content(folder: Path) -> dict[str, list[bytes]]:
    """Every file with its lines, in no order."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sorted(path.read_bytes().split(b"\n")) for path in files}


def untimed(folder: Path) -> dict[str, list[bytes]]:
    """Every file without the times of receipts, and so without their digests in RECORD."""
    found = content(folder)
    for name, lines in found.items():
        if name.endswith(".dist-info/RECORD"):
            found[name] = [line for line in lines if b"/trued-receipt.json," not in line]
        elif name.endswith("/trued-receipt.json"):
            found[name] = [line for line in lines if not line.lstrip().startswith(b'"time": ')]
            assert len(found[name]) == len(lines) - 2  # its own, and that of its one proof
    return found


@pytest.fixture
def wheels(machine: Machine) -> list[Wheel]:
    """Three listed wheels: a plain one, one with a script, and one with files outside its packages."""
    data = {
        "third.py": b"third = 3\n",
        "third-1.0.data/data/share/third.txt": b"3\n",
        "third-1.0.data/scripts/third": b"#!python\nprint(3)\n",
    }
    made = [make_wheel("demo", **SCRIPTED), make_wheel("other"), make_wheel("third", files=data)]  # type: ignore[arg-type] # one key
    for wheel in made:
        machine.index.add(wheel)
    machine.write(*(wheel.line for wheel in made))
    return made


def prepared(machine: Machine, name: str) -> Path:
    """The one file of that name below the prepared folders."""
    (found,) = (machine.store / "prepared").rglob(name)
    return found


@pytest.mark.parametrize("option", ["--no-compile", "--compile"])
def test_both_roads_make_the_same_files(machine: Machine, wheels: list[Wheel], option: str) -> None:
    first, second = road(machine, "first", option), road(machine, "second", option)

    assert (first, second) == ("full", "warm")
    one, two = content(machine.work / "first"), content(machine.work / "second")
    scripts = {name for name in one if name.startswith("bin/")}
    assert scripts == {"bin/demo", "bin/third"}
    assert one == two


def test_what_is_missing_is_added_to_what_stands_there(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    for name in ("other", "other-1.0.dist-info"):
        subprocess.run(["rm", "-r", str(machine.work / "first" / name)], check=True)

    assert road(machine, "first") == "warm"
    assert (machine.work / "first" / "other-1.0.dist-info" / "RECORD").is_file()


def test_what_was_installed_warm_is_shown_kept_and_uninstalled(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    machine.trued("install", "-q", "-r", "requirements.txt")

    shown = machine.trued("show", "demo").out
    again = machine.trued("install", "-r", "requirements.txt")
    gone = machine.trued("uninstall", "-y", "demo", "other", "third")

    assert f"Proof: pin by requirements.txt:1: sha256:{wheels[0].sha256}" in shown
    assert "3 distributions there already" in again.err
    assert gone.status == 0
    assert machine.installed == {}
    assert not (machine.work / ".venv" / "share" / "third.txt").exists()


def test_an_edited_receipt_is_not_linked_and_made_again(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    receipt = machine.work / "second" / "other-1.0.dist-info" / "RECORD"
    road(machine, "second")
    receipt.chmod(0o644)
    receipt.write_bytes(b"evil,,\n")

    assert road(machine, "third") == "full"
    assert road(machine, "fourth") == "warm"
    for target in ("third", "fourth"):
        assert b"evil" not in (machine.work / target / "other-1.0.dist-info" / "RECORD").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"\0" * 64, b"\0\0\0\0(\xff\xff\xff\x7f"])
def test_a_memo_that_cannot_be_read_costs_only_time(
    machine: Machine, wheels: list[Wheel], damage: bytes
) -> None:
    road(machine, "first")
    memo = prepared(machine, "memo")
    memo.chmod(0o644)
    memo.write_bytes(damage)

    assert road(machine, "second") == "full"
    assert road(machine, "third") == "warm"


def test_a_manifest_other_than_the_memo_knows_is_not_used(machine: Machine, wheels: list[Wheel]) -> None:
    # The store threw the wheel away and admitted it again, by another trued perhaps.
    road(machine, "first")
    entry = machine.store / "wheels" / wheels[1].sha256[:2] / wheels[1].sha256
    manifest = entry / "manifest"
    manifest.chmod(0o644)
    manifest.write_bytes(b"\0" * 32 + manifest.read_bytes()[32:])

    road(machine, "second")

    assert untimed(machine.work / "first") == untimed(machine.work / "second")


def test_wheels_that_were_thrown_away_are_fetched_again(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    subprocess.run(["rm", "-r", str(machine.store / "wheels")], check=True)

    assert road(machine, "second") == "full"
    assert content(machine.work / "first").keys() == content(machine.work / "second").keys()


def test_a_file_in_the_way_is_judged_by_the_full_road(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    (machine.work / "second" / "other").mkdir(parents=True)
    (machine.work / "second" / "other" / "__init__.py").write_text("mine")

    ran = machine.trued("install", "-r", "requirements.txt", "--target", "second")

    assert (ran.status, ran.codes) == (1, ["TRU512"])
    assert content(machine.work / "second") == {"other/__init__.py": [b"mine"]}


def test_another_name_of_the_file_has_receipts_of_its_own(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")
    machine.write(*(wheel.line for wheel in wheels), name="locked.txt")

    machine.trued("install", "-q", "-r", "locked.txt")

    assert "pin by locked.txt:1" in machine.trued("show", "demo").out


def test_purging_the_store_takes_what_was_prepared_with_it(machine: Machine, wheels: list[Wheel]) -> None:
    road(machine, "first")

    machine.trued("cache", "purge")

    assert not (machine.store / "prepared").exists()


def test_what_a_power_cut_emptied_is_installed_again_without_being_asked(
    machine: Machine, wheels: list[Wheel]
) -> None:
    road(machine, "there")
    [record] = (machine.work / "there").glob("third-*.dist-info/RECORD")
    before = record.read_bytes()
    record.unlink()
    record.write_bytes(b"")

    assert road(machine, "there") == "full"
    assert len(record.read_bytes().splitlines()) == len(before.splitlines())
    assert road(machine, "there") == "warm"
