"""Wheels that were built are taken again for the same build and nothing else, and looked at each time."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Machine, make_wheel
from tests.commands.sources import make_sdist
from tests.commands.test_build import ALLOWED, logs


def kept_wheel(machine: Machine) -> Path:
    (path,) = (machine.home / ".cache" / "trued" / "built").rglob("*.whl")
    return path


def test_a_second_environment_takes_the_wheel_that_was_built(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)

    ran = machine.install(sdist.line, options=(*ALLOWED, "--force-reinstall"))

    assert ran.status == 0, ran.err
    assert len(logs(machine)) == 1


def test_the_source_is_not_fetched_again_for_a_wheel_that_was_built(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)
    before = machine.index.server.count(f"/files/{sdist.filename}")

    machine.install(sdist.line, options=(*ALLOWED, "--force-reinstall"))

    assert machine.index.server.count(f"/files/{sdist.filename}") == before


def test_other_settings_are_another_build(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)

    machine.install(sdist.line, options=(*ALLOWED, "--force-reinstall", "-C", "a=b"))

    assert len(logs(machine)) == 2
    assert (machine.libraries / "demo_settings.txt").read_text() == "[('a', 'b')]"


def test_what_was_built_is_not_installed_without_leave(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)

    ran = machine.install(sdist.line, options=("--force-reinstall",))

    assert (ran.status, ran.codes) == (1, ["TRU553"])


def test_a_kept_wheel_that_was_edited_is_built_again(machine: Machine) -> None:
    """Attack: pip hashes no wheel of its cache, and installs what somebody put there."""
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)
    path = kept_wheel(machine)
    path.write_bytes(make_wheel("demo", files={"demo.py": b"evil = True\n"}).content)

    ran = machine.install(sdist.line, options=(*ALLOWED, "--force-reinstall"))

    assert ran.status == 0, ran.err
    assert "TRU478" in ran.codes
    assert b"evil" not in (machine.libraries / "demo.py").read_bytes()
    assert len(logs(machine)) == 2


def test_an_edited_entry_of_the_store_is_found_out_too(machine: Machine) -> None:
    """Attack: the unpacked wheel is changed instead of the archive."""
    sdist = machine.index.add(make_sdist("demo"))
    machine.install(sdist.line, options=ALLOWED)
    (path,) = machine.store.rglob("tree/demo.py")
    path.chmod(0o644)
    path.write_bytes(b"evil = True\n")

    ran = machine.install(sdist.line, options=(*ALLOWED, "--force-reinstall"))

    assert ran.status == 0, ran.err
    assert b"evil" not in (machine.libraries / "demo.py").read_bytes()


def test_an_origin_of_other_source_is_not_believed(machine: Machine) -> None:
    """Attack: the wheel of one project is laid where that of another belongs, with its origin."""
    demo, other = machine.index.add(make_sdist("demo")), machine.index.add(make_sdist("other"))
    options = ("--allow-build", "demo,other")
    machine.install(demo.line, options=options)
    of_demo = kept_wheel(machine).parent
    machine.install(other.line, options=options)
    (of_other,) = {path.parent for path in of_demo.parent.parent.rglob("*.whl")} - {of_demo}
    for path in of_demo.iterdir():
        path.unlink()
    for path in of_other.iterdir():
        (of_demo / path.name).write_bytes(path.read_bytes())
        (of_demo / path.name).chmod(0o600)

    ran = machine.install(demo.line, options=(*options, "--force-reinstall"))

    assert ran.status == 0, ran.err
    assert "TRU478" in ran.codes
    assert (machine.libraries / "demo.py").exists()
