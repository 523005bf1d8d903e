"""``trued freeze`` and ``trued inspect``; what is frozen installs again, by trued and by pip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.commands.conftest import Machine, Ran, Wheel, make_wheel, run_pip
from tests.index.server import Reply

DEMO = make_wheel("demo", "2.1", requires=("leaf",))
LEAF = make_wheel("leaf")
TAGGED = make_wheel("leaf", tag="py2.py3-none-any", files={"leaf/__init__.py": b"other = 1\n"})


def settled(machine: Machine) -> Machine:
    for wheel in (DEMO, LEAF):
        machine.index.add(wheel)
    assert machine.install(DEMO.line, LEAF.line).status == 0
    return machine


def by_pip(machine: Machine, *wheels: Wheel) -> Machine:
    machine.write(*(wheel.line for wheel in wheels), name="by-pip.txt")
    run_pip(machine, "install", "--no-deps", "--index-url", machine.index.url, "-r", "by-pip.txt")
    return machine


def emptied(machine: Machine) -> None:
    """Remove what is installed."""
    for path in machine.libraries.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_plain_lines_are_those_of_pip(machine: Machine) -> None:
    settled(machine)
    command = [sys.executable, "-m", "pip", "--python", ".venv", "freeze", "--disable-pip-version-check"]
    theirs = subprocess.run(
        command, cwd=machine.work, env=machine.environ, capture_output=True, text=True, check=True
    )

    assert machine.trued("freeze") == Ran(status=0, out=theirs.stdout, err="")


def test_digests_come_from_the_receipts_without_asking_anybody(machine: Machine) -> None:
    settled(machine)
    before = len(machine.index.server.asked)

    ran = machine.trued("freeze", "--require-hashes")

    assert (ran.status, len(machine.index.server.asked)) == (0, before)
    assert ran.out == "".join(
        f"{name} \\\n    --hash=sha256:{wheel.sha256}\n"
        for name, wheel in (("demo==2.1", DEMO), ("leaf==1.0", LEAF))
    )


def test_what_is_frozen_goes_straight_through_trued_and_pip(machine: Machine) -> None:
    by_pip(settled(machine), machine.index.add(make_wheel("third")))
    text = machine.trued("freeze", "--require-hashes").out
    (machine.work / "frozen.txt").write_text(text)
    emptied(machine)

    assert machine.trued("install", "--require-hashes", "-r", "frozen.txt").status == 0
    assert sorted(machine.installed) == ["demo", "leaf", "third"]
    emptied(machine)
    run_pip(machine, "install", "--require-hashes", "--index-url", machine.index.url, "-r", "frozen.txt")
    assert sorted(machine.installed) == ["demo", "leaf", "third"]


def test_a_frozen_pylock_goes_straight_through_sync(machine: Machine) -> None:
    by_pip(settled(machine), machine.index.add(make_wheel("third")))
    (machine.work / "pylock.toml").write_text(machine.trued("freeze", "--format", "pylock").out)
    emptied(machine)

    ran = machine.trued("sync", "pylock.toml")

    assert (ran.status, sorted(machine.installed)) == (0, ["demo", "leaf", "third"])


def test_of_two_wheels_the_one_that_was_installed_is_found(machine: Machine) -> None:
    machine.index.add(TAGGED)
    machine.index.add(LEAF)
    by_pip(machine, TAGGED)

    ran = machine.trued("freeze", "--require-hashes")

    assert (ran.status, TAGGED.sha256 in ran.out, LEAF.sha256 in ran.out) == (0, True, False)


def test_what_no_wheel_of_the_release_holds_gets_no_digest_and_a_reason(machine: Machine) -> None:
    other = make_wheel("leaf", files={"leaf/__init__.py": b"built = 'here'\n"})
    machine.index.add(other)
    by_pip(machine, other)
    machine.index.pages["leaf"].clear()
    machine.index.add(LEAF)

    ran = machine.trued("freeze", "--require-hashes", "--refresh")

    assert (ran.status, ran.codes) == (1, ["TRU596"])
    assert ran.out.startswith("# leaf==1.0: no digest is known: none of the 1 wheels")


def test_files_that_differ_from_their_record_get_no_digest(machine: Machine) -> None:
    machine.index.add(LEAF)
    by_pip(machine, LEAF)
    (machine.libraries / "leaf/__init__.py").write_text("evil = 1\n")

    ran = machine.trued("freeze", "--require-hashes")

    assert (ran.status, "sha256" in ran.out) == (1, False)
    assert "its files are not those that its RECORD lists" in ran.out


def test_an_index_that_serves_other_bytes_than_it_claims_proves_nothing(machine: Machine) -> None:
    machine.index.add(LEAF)
    by_pip(machine, LEAF)
    machine.index.server.routes[f"/files/{LEAF.filename}"] = Reply(body=TAGGED.content)

    assert machine.trued("freeze", "--require-hashes").status == 1


def test_a_release_that_no_index_has_is_told(machine: Machine) -> None:
    machine.index.add(LEAF)
    by_pip(machine, LEAF)

    ran = machine.trued("freeze", "--require-hashes", "--index-url", machine.index.server.url("/none/"))

    assert (ran.status, ran.codes) == (1, ["TRU596"])


def test_editable_packages_and_folders_get_no_digest(machine: Machine) -> None:
    info = machine.libraries / "other-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "RECORD").write_text("")
    (info / "direct_url.json").write_text(
        json.dumps({"url": "file:///src/other", "dir_info": {"editable": True}})
    )

    assert machine.trued("freeze").out == "-e /src/other\n"
    assert machine.trued("freeze", "--require-hashes").status == 1
    assert machine.trued("freeze", "--require-hashes", "--exclude-editable") == Ran(status=0, out="", err="")


def test_all_files_adds_what_the_index_states_of_the_release(machine: Machine) -> None:
    machine.index.add(TAGGED)
    settled(machine)

    ran = machine.trued("freeze", "--all-files", "--exclude", "demo")

    assert {word for word in (LEAF.sha256, TAGGED.sha256) if word in ran.out} == {LEAF.sha256, TAGGED.sha256}


def test_r_keeps_order_comments_and_options(machine: Machine) -> None:
    settled(machine)
    lines = (
        "# ours",
        "--prefer-binary",
        "",
        "leaf>=0.5  # why",
        "gone==1 \\",
        "    --hash=sha256:00",
        "# end",
    )
    machine.write(*lines, name="mine.txt")

    assert machine.trued("freeze", "-r", "mine.txt").out.splitlines() == [
        "# ours",
        "--prefer-binary",
        "",
        "leaf==1.0",
        "# end",
        "## The following requirements were added by trued freeze:",
        "demo==2.1",
    ]


def test_projects_can_be_left_out_and_folders_named(machine: Machine) -> None:
    settled(machine)

    assert machine.trued("freeze", "--exclude", "leaf").out == "demo==2.1\n"
    assert machine.trued("freeze", "--path", str(machine.libraries), "--exclude", "demo").out == "leaf==1.0\n"


def test_a_wheel_from_a_path_is_frozen_as_such(machine: Machine) -> None:
    path = machine.work / LEAF.filename
    path.write_bytes(LEAF.content)
    assert machine.install(f"./{LEAF.filename} --hash=sha256:{LEAF.sha256}").status == 0

    ran = machine.trued("freeze", "--require-hashes")

    assert ran.out == f"leaf @ file://{path} \\\n    --hash=sha256:{LEAF.sha256}\n"
    (machine.work / "frozen.txt").write_text(ran.out)
    emptied(machine)
    assert machine.trued("install", "--require-hashes", "-r", "frozen.txt").status == 0


def test_json_tells_the_files_and_the_reasons(machine: Machine) -> None:
    document = settled(machine).trued("freeze", "--require-hashes", "--json").document

    result = document["result"]
    assert isinstance(result, dict)
    assert [one["files"][0]["filename"] for one in result["packages"]] == [DEMO.filename, LEAF.filename]


def test_inspect_is_pips_report_with_the_proof(machine: Machine) -> None:
    settled(machine)
    command = [sys.executable, "-m", "pip", "--python", ".venv", "inspect", "--disable-pip-version-check"]
    done = subprocess.run(
        command, cwd=machine.work, env=machine.environ, capture_output=True, text=True, check=True
    )
    theirs = json.loads(done.stdout)

    ours = json.loads(machine.trued("inspect").out)

    proofs = {one["metadata"]["name"]: one.pop("trued") for one in ours["installed"]}
    assert sorted(ours["installed"], key=str) == sorted(theirs["installed"], key=str)
    assert set(ours) == set(theirs)
    assert proofs["demo"]["sha256"] == DEMO.sha256
    assert [one["kind"] for one in proofs["demo"]["evidence"]] == ["pin"]


def test_inspect_has_null_for_what_trued_did_not_install(machine: Machine) -> None:
    machine.index.add(LEAF)
    by_pip(machine, LEAF)

    report = json.loads(machine.trued("inspect", "--path", str(machine.libraries)).out)

    assert [one["trued"] for one in report["installed"]] == [None]


def in_user_site(machine: Machine) -> tuple[str, dict[str, str]]:
    """Put demo into the user's site folder with pip; return the interpreter, and the variables that tell."""
    machine.index.add(DEMO)
    python = os.path.realpath(sys.executable)
    variables = {"PYTHONUSERBASE": str(machine.home / "base")}
    command = [python, "-m", "pip", "install", "-q", "--user", "--no-deps", "--break-system-packages"]
    command += ["--disable-pip-version-check", "--index-url", machine.index.url, "demo==2.1"]
    subprocess.run(command, cwd=machine.work, env=machine.environ | variables, check=True)
    return python, variables


@pytest.mark.parametrize("command", ["freeze", "list"])
def test_user_is_the_users_own_site_folder_and_nothing_else(machine: Machine, command: str) -> None:
    python, variables = in_user_site(machine)

    ran = machine.trued(command, "--user", "--python", python, **variables)

    names = [line.split()[0].partition("=")[0] for line in ran.out.splitlines()]
    assert [name for name in names if name in ("demo", "pip", "pytest")] == ["demo"]


def test_inspect_of_the_users_site_folder(machine: Machine) -> None:
    python, variables = in_user_site(machine)

    report = json.loads(machine.trued("inspect", "--user", "--python", python, **variables).out)

    assert [one["metadata"]["name"] for one in report["installed"]] == ["demo"]


def test_an_environment_that_does_not_see_the_users_folder_says_so(machine: Machine) -> None:
    assert machine.trued("freeze", "--user").codes == ["TRU508"]
