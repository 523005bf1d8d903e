"""Attacks by what stands in an environment on whoever looks at it: each is one that got through once."""

from __future__ import annotations

from tests.commands.conftest import Machine, make_wheel


def test_protecting_writes_through_no_link_that_waits_for_it(machine: Machine) -> None:
    """Attack: a link under the name that the draft of the protection's state had."""
    machine.install(machine.index.add(make_wheel("demo")).line)
    victim = machine.home / "victim"
    victim.write_text("precious")
    (machine.work / ".venv" / ".trued-protection.json.new").symlink_to(victim)

    machine.trued("protect", "--means", "read-only")

    assert (victim.read_text(), victim.stat().st_mode & 0o222) == ("precious", 0o200)
