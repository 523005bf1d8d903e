"""Projects built from source: which may be, from what, into which receipt; and what is refused."""

from __future__ import annotations

from tests.commands.conftest import Machine
from tests.commands.sources import make_sdist, one_backend

TRUSTING = "--trust-on-first-use"


def test_an_opened_project_is_built_and_installed(machine: Machine) -> None:
    sdist = machine.index.add(make_sdist("demo"))

    ran = machine.install(sdist.line, options=("--allow-build", "demo"))

    assert (ran.status, machine.installed) == (0, {"demo": "1.0"}), ran.err
