"""A transaction changes an environment whole, or not at all."""

from __future__ import annotations

import csv
import errno
import os
import subprocess
from pathlib import Path

import pytest

from tests.environment.conftest import Shelf, site, snapshot
from trued.core.errors import OperationalError, Refused
from trued.environment.installed import installed_distributions
from trued.environment.target import Target
from trued.environment.transaction import change
from trued.environment.uninstall import plan_removals


def removals_of(target: Target, *projects: str) -> tuple[str, ...]:
    installed = installed_distributions(target.libraries)
    going = [one for one in installed if one.project in projects]
    return plan_removals(going, installed=installed, roots=target.roots).paths


def test_an_addition_brings_every_file_of_the_wheel(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha")])

    assert (site(environment) / "alpha/__init__.py").read_bytes() == b"value = 1\n"
    assert (site(environment) / "alpha/deep/er/data.txt").read_bytes() == b"data\n"
    assert (site(environment) / "alpha.py").read_bytes() == b"top = True\n"


def test_every_installed_file_is_in_record_with_its_true_digest(environment: Target, shelf: Shelf) -> None:
    addition = shelf.wheel(
        "alpha",
        scripts={"tool": b"#!/bin/sh\n"},
        rewrites={"own": b"#!python\nprint()\n"},
        data={"share/alpha/x.txt": b"x"},
        headers={"alpha.h": b"int a;"},
        entry_points=(("console", "alpha", "alpha", "main"),),
        bytecode=True,
    )
    before = {path for path in Path(environment.prefix).rglob("*") if not path.is_dir()}

    change(environment, additions=[addition])

    after = {path for path in Path(environment.prefix).rglob("*") if not path.is_dir()}
    record = site(environment) / "alpha-1.0.dist-info/RECORD"
    with record.open(newline="") as file:
        rows = list(csv.reader(file))
    listed = {Path(os.path.normpath(site(environment) / line[0])): line[1:] for line in rows}
    assert set(listed) == after - before
    assert listed.pop(record) == ["", ""]
    assert {path: row(path) for path in listed} == listed


def row(path: Path) -> list[str]:
    import base64
    import hashlib

    content = path.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    return [f"sha256={digest}", str(len(content))]


def test_scripts_run_the_environments_interpreter(environment: Target, shelf: Shelf) -> None:
    files = {"alpha.py": b"def main():\n    import sys\n    print(sys.prefix)\n"}
    entry_points = (("console", "alpha-tool", "alpha", "main"),)
    rewrites = {"own": b"#!python\nimport alpha\nalpha.main()\n"}

    change(
        environment,
        additions=[shelf.wheel("alpha", files=files, entry_points=entry_points, rewrites=rewrites)],
    )

    for name in ("alpha-tool", "own"):
        answer = subprocess.run([Path(environment.prefix, "bin", name)], capture_output=True, text=True)
        assert (answer.stdout.strip(), answer.stderr) == (environment.prefix, "")


def test_only_what_was_asked_for_is_marked_as_requested(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("asked"), shelf.wheel("needed", requested=False)])

    assert (site(environment) / "asked-1.0.dist-info/REQUESTED").read_bytes() == b""
    assert not (site(environment) / "needed-1.0.dist-info/REQUESTED").exists()


def test_a_replacement_leaves_nothing_of_the_old_version(environment: Target, shelf: Shelf) -> None:
    change(environment, additions=[shelf.wheel("alpha", "1.0", {"alpha/old.py": b"", "alpha/both.py": b"1"})])

    change(
        environment,
        additions=[shelf.wheel("alpha", "2.0", {"alpha/new.py": b"", "alpha/both.py": b"2"})],
        removals=removals_of(environment, "alpha"),
    )

    assert sorted(path.name for path in (site(environment) / "alpha").iterdir()) == ["both.py", "new.py"]
    assert (site(environment) / "alpha/both.py").read_bytes() == b"2"
    assert [one.version for one in installed_distributions(environment.libraries)] == ["2.0"]


def test_a_removal_leaves_the_environment_as_before_the_installation(
    environment: Target, shelf: Shelf
) -> None:
    before = snapshot(environment.prefix)
    change(environment, additions=[shelf.wheel("alpha", scripts={"tool": b"x"}, bytecode=True)])

    change(environment, removals=removals_of(environment, "alpha"))

    assert snapshot(environment.prefix) == before


def test_a_new_target_folder_is_made(tmp_path: Path, environment: Target, shelf: Shelf) -> None:
    from trued.environment.scheme import folder_roots

    folder = tmp_path / "made" / "here"
    target = Target(
        kind="target",
        python=environment.python,
        prefix=str(folder),
        facts=environment.facts,
        roots=folder_roots(str(folder)),
    )

    change(target, additions=[shelf.wheel("alpha", entry_points=(("console", "tool", "alpha", "main"),))])

    assert (folder / "alpha.py").exists()
    assert (folder / "bin" / "tool").exists()


class TestFailure:
    """Whatever goes wrong before the commit, the environment is what it was."""

    def plan(self, environment: Target, shelf: Shelf) -> dict[str, object]:
        change(environment, additions=[shelf.wheel("alpha", "1.0"), shelf.wheel("beta", "1.0")])
        return {
            "additions": [
                shelf.wheel("alpha", "2.0", entry_points=(("console", "tool", "alpha", "main"),)),
                shelf.wheel("gamma", data={"share/gamma/x": b"x"}),
            ],
            "removals": removals_of(environment, "alpha", "beta"),
        }

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
    @pytest.mark.parametrize("step", ["journaled", "made", "laid out"])
    def test_is_undone_byte_for_byte(
        self, environment: Target, shelf: Shelf, error: type[BaseException], step: str
    ) -> None:
        plan = self.plan(environment, shelf)
        before = snapshot(environment.prefix)

        def checkpoint(name: str) -> None:
            if name == step:
                raise error

        with pytest.raises(error):
            change(environment, checkpoint=checkpoint, **plan)  # type: ignore[arg-type]  # as planned
        assert snapshot(environment.prefix) == before

    def test_of_the_disk_is_told_as_such(self, environment: Target, shelf: Shelf) -> None:
        plan = self.plan(environment, shelf)
        before = snapshot(environment.prefix)

        def link(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

        with pytest.raises(OperationalError) as caught:
            change(environment, lay_out=link, **plan)  # type: ignore[arg-type]  # as planned

        assert [(f.code, f.subject) for f in caught.value.findings] == [("TRU521", "/somewhere")]
        assert snapshot(environment.prefix) == before

    def test_of_a_file_that_appeared_meanwhile_spares_that_file(
        self, environment: Target, shelf: Shelf
    ) -> None:
        stranger = site(environment) / "alpha.py"

        def checkpoint(name: str) -> None:
            if name == "journaled":
                stranger.write_bytes(b"mine")

        with pytest.raises(OperationalError) as caught:
            change(environment, additions=[shelf.wheel("alpha")], checkpoint=checkpoint)

        assert [(f.code, f.subject) for f in caught.value.findings] == [("TRU522", str(stranger))]
        assert stranger.read_bytes() == b"mine"
        assert not (site(environment) / "alpha").exists()

    def test_removes_a_target_folder_it_made(self, tmp_path: Path, environment: Target, shelf: Shelf) -> None:
        from trued.environment.scheme import folder_roots

        folder = tmp_path / "made" / "here"
        target = Target(
            kind="target",
            python=environment.python,
            prefix=str(folder),
            facts=environment.facts,
            roots=folder_roots(str(folder)),
        )
        addition = shelf.wheel("alpha", scripts={"python3": b"evil"})

        with pytest.raises(Refused):
            change(target, additions=[addition])
        assert not (tmp_path / "made").exists()
