import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from trued.core.limits import Limits
from trued.operations.selftest import Outcome, run_selftest, try_specimen
from trued.operations.specimen import Specimen, specimens

ATTACKS = tuple(specimen for specimen in specimens() if specimen.code)
GOOD = next(specimen for specimen in specimens() if not specimen.code)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda specimen: specimen.attack)
def test_each_attack_is_blocked_for_its_own_reason(attack: Specimen, tmp_path: Path) -> None:
    outcome = try_specimen(attack, str(tmp_path), limits=Limits())

    assert outcome.is_right
    assert {finding.code[:4] for finding in outcome.findings} == {attack.code[:4]}


def test_the_good_wheel_passes(tmp_path: Path) -> None:
    outcome = try_specimen(GOOD, str(tmp_path), limits=Limits())

    assert outcome.findings == ()
    assert outcome.is_right


def test_the_good_wheel_is_one_that_other_tools_accept(tmp_path: Path) -> None:
    wheel = tmp_path / "trued_selftest-1.0-py3-none-any.whl"
    wheel.write_bytes(GOOD.wheel)

    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--target", tmp_path / "t", wheel],
        check=True,
    )

    assert (tmp_path / "t" / "trued_selftest.py").is_file()


def test_no_two_attacks_are_the_same() -> None:
    assert len({specimen.attack for specimen in ATTACKS}) == len(ATTACKS)
    assert len({(specimen.wheel, specimen.lines) for specimen in ATTACKS}) == len(ATTACKS)


def test_an_attack_that_passes_is_wrong() -> None:
    assert not Outcome(specimen=ATTACKS[0], findings=()).is_right


def test_a_good_wheel_that_is_blocked_is_wrong(tmp_path: Path) -> None:
    blocked = try_specimen(ATTACKS[0], str(tmp_path), limits=Limits())

    assert not replace(blocked, specimen=GOOD).is_right


def test_an_attack_blocked_for_another_reason_is_wrong(tmp_path: Path) -> None:
    blocked = try_specimen(ATTACKS[0], str(tmp_path), limits=Limits())

    assert not replace(blocked, specimen=ATTACKS[1]).is_right


def test_the_whole_run_tries_every_specimen_once(tmp_path: Path) -> None:
    outcomes = run_selftest(str(tmp_path), limits=Limits())

    assert [outcome.specimen.attack for outcome in outcomes] == [one.attack for one in specimens()]
    assert all(outcome.is_right for outcome in outcomes)


def test_nothing_is_unpacked_anywhere(tmp_path: Path) -> None:
    run_selftest(str(tmp_path), limits=Limits())

    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {"trued_selftest-1.0-py3-none-any.whl", "requirements.txt"}


def test_a_specimen_holds_no_code_that_does_anything() -> None:
    for specimen in specimens():
        archive = zipfile.ZipFile(io.BytesIO(specimen.wheel))
        code = b"".join(archive.read(name) for name in archive.namelist() if name.endswith((".py", ".pth")))
        assert set(code.split()) <= {
            b"HARMLESS",
            b"=",
            b"True",
            b"1",
            b"'twice'",
            b"import",
            b"trued_selftest",
        }


def selftest(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "trued", "selftest", *options],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )


def test_the_command_shows_each_attack_blocked_and_leaves_nothing_behind(tmp_path: Path) -> None:
    told = selftest(folder=tmp_path)

    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        "passed           a good wheel with its right digest",
        *(f"blocked  {one.code}  {one.attack}" for one in ATTACKS),
    ]
    assert told.stderr == f"All {len(ATTACKS)} attacks were blocked, and the good wheel passed.\n"
    assert list(tmp_path.iterdir()) == []


def test_the_command_tells_programs_too(tmp_path: Path) -> None:
    told = selftest("--json", folder=tmp_path)

    document = json.loads(told.stdout)
    assert document["ok"] is True
    assert [check["ok"] for check in document["result"]["checks"]] == [True] * len(specimens())
    assert told.stderr == ""
