"""Files that nothing proves: one question or one flag, then known; and ``trued known``."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel

FLAG = "--trust-on-first-use"


def known_files(machine: Machine) -> Path:
    return machine.home / ".local" / "share" / "trued" / "known.sqlite3"


def on_terminal(machine: Machine, *arguments: str, answer: str) -> tuple[int, str]:
    """Call trued on a terminal of its own, type *answer*, and return the status and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "trued", *arguments],
        cwd=machine.work,
        env=machine.environ | {"TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux: the other end is closed
        pass
    os.close(ours)
    return process.wait(60), shown.decode().replace("\r\n", "\n")


def evidence(machine: Machine, name: str) -> list[str]:
    receipts = list(machine.libraries.glob(f"{name}-*.dist-info/trued-receipt.json"))
    document = json.loads(receipts[0].read_text())
    return [f"{one['kind']}: {one['authority']}" for one in document["evidence"]]


# One flag


def test_what_was_accepted_once_needs_no_flag_the_next_time(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")

    ran = machine.trued("install", "demo")

    assert (ran.status, ran.codes) == (0, [])
    assert evidence(machine, "demo")[0].startswith("first-use: known since ")


def test_what_is_known_and_stored_is_not_downloaded_again(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")

    before = machine.index.server.count(f"/files/{wheel.filename}")

    assert machine.trued("install", "demo").status == 0
    assert machine.index.server.count(f"/files/{wheel.filename}") == before


def test_a_run_that_fails_accepts_nothing(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.index.add(make_wheel("broken", record=b"broken/__init__.py,sha256=AAAA,1\n"))

    assert machine.trued("install", "demo", "broken", FLAG).status == 1
    assert not known_files(machine).exists()


def test_a_dry_run_accepts_nothing(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    assert machine.trued("install", "demo", FLAG, "--dry-run").status == 0
    assert not known_files(machine).exists()


def test_pinned_files_are_proven_by_their_pin_and_not_recorded(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    assert machine.install(wheel.line).status == 0
    assert not known_files(machine).exists()


def test_the_database_is_the_users_alone(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)

    assert stat.S_IMODE(known_files(machine).stat().st_mode) == 0o600


def test_a_download_is_remembered_too(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    assert machine.trued("download", "demo==1.0", FLAG).status == 0
    assert machine.trued("install", "demo").status == 0


def test_in_hash_checking_mode_the_flag_accepts_nothing(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)

    ran = machine.install("demo==1.0", options=("--require-hashes", FLAG))

    assert (ran.status, ran.codes) == (1, ["TRU165"])


def test_strict_takes_no_first_use_for_a_proof(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)

    ran = machine.trued("install", "demo==1.0", "--level", "strict", "--min-age", "0d")

    assert ran.status == 1
    assert "TRU561" in ran.codes


# The stories


def test_other_bytes_under_a_known_name_are_refused_with_their_story(machine: Machine) -> None:
    # the attack: an index hands out another file under the name of one that was accepted
    first = machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.index.pages.clear()
    other = machine.index.add(make_wheel("demo", files={"demo/__init__.py": b"other = True\n"}))
    before = machine.snapshot()

    ran = machine.trued("install", "demo", "--force-reinstall", "--refresh", FLAG)

    assert (ran.status, ran.codes) == (1, ["TRU770"])
    assert first.sha256 in ran.err.replace("\n", "").replace(" ", "")
    assert other.sha256 in ran.err.replace("\n", "").replace(" ", "")
    assert machine.snapshot() == before


def test_a_pin_of_the_users_own_goes_before_what_is_known(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.index.pages.clear()
    other = machine.index.add(make_wheel("demo", files={"demo/__init__.py": b"other = True\n"}))

    assert machine.install(other.line, options=("--refresh",)).status == 0


def test_a_file_added_to_a_release_that_is_known_for_long_is_refused(machine: Machine) -> None:
    # the attack: a wheel for one platform is added to a release that everybody has accepted long ago
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.trued("uninstall", "-y", "demo")
    database = sqlite3.connect(known_files(machine))
    with database:
        database.execute("UPDATE files SET first_seen = '2024-01-01T00:00:00Z'")
        database.execute("UPDATE listed SET first_seen = '2024-01-01T00:00:00Z'")
    database.close()
    major, minor = sys.version_info[:2]
    machine.index.add(make_wheel("demo", tag=f"cp{major}{minor}-none-any"))

    ran = machine.trued("install", "demo", "--refresh", FLAG)

    assert (ran.status, ran.codes) == (1, ["TRU772"])


def test_a_window_of_the_users_own_lets_it_be_accepted(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    major, minor = sys.version_info[:2]
    machine.index.add(make_wheel("demo", tag=f"cp{major}{minor}-none-any"))

    assert machine.trued("install", "demo", FLAG, "--force-reinstall", "--refresh").status == 0


# One question


def test_on_a_terminal_all_files_are_asked_about_in_one_question(machine: Machine) -> None:
    one = machine.index.add(make_wheel("one", requires=("two",)), upload_time="2020-01-01T00:00:00Z")
    two = machine.index.add(make_wheel("two"))

    status, shown = on_terminal(machine, "install", "one", answer="y")

    assert status == 0
    assert shown.count("[y/N]") == 1
    assert "2 files are new to you" in shown
    assert one.sha256 in shown
    assert two.sha256 in shown
    assert "uploaded 2" in shown
    assert machine.installed == {"one": "1.0", "two": "1.0"}
    assert evidence(machine, "one") == ["first-use: accepted on the terminal"]


def test_known_files_are_not_asked_about(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    machine.trued("install", "demo", FLAG)
    machine.trued("uninstall", "-y", "demo")

    status, shown = on_terminal(machine, "install", "demo", answer="n")

    assert status == 0
    assert "[y/N]" not in shown


@pytest.mark.parametrize("answer", ["n", "", "nonsense"])
def test_anything_but_yes_refuses_all_and_changes_nothing(machine: Machine, answer: str) -> None:
    machine.index.add(make_wheel("demo"))

    status, shown = on_terminal(machine, "install", "demo", answer=answer)

    assert status == 1
    assert "TRU561" in shown
    assert machine.installed == {}
    assert not known_files(machine).exists()


def test_nobody_is_asked_with_no_input(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    status, shown = on_terminal(machine, "install", "demo", "--no-input", answer="y")

    assert status == 1
    assert "[y/N]" not in shown


def test_without_a_terminal_all_are_refused_with_the_commands_that_mend_it(machine: Machine) -> None:
    machine.index.add(make_wheel("one", requires=("two",)))
    machine.index.add(make_wheel("two"))

    ran = machine.trued("install", "one", stdin="y\n")

    assert (ran.status, ran.codes) == (1, ["TRU561", "TRU781"])
    assert f"trued install one==1.0 {FLAG}" in ran.err
    assert "trued lock one==1.0 && trued install -r pylock.toml" in ran.err


def test_the_commands_that_mend_it_do_the_same_as_the_one_that_was_refused(machine: Machine) -> None:
    machine.index.add(make_wheel("one"))

    ran = machine.trued("install", "one==1.0", "--venv", "new one")

    assert f"trued install one==1.0 --venv 'new one' {FLAG}\n" in ran.err
    assert "trued lock one==1.0 && trued install -r pylock.toml --venv 'new one'\n" in ran.err


def test_without_a_requirements_file_each_file_takes_one_line(machine: Machine) -> None:
    one = machine.index.add(make_wheel("one", requires=("two",)))
    machine.index.add(make_wheel("two"))

    ran = machine.trued("install", "one")

    assert "--hash" not in ran.err
    told = [line for line in ran.err.splitlines() if "[TRU561]" in line]
    assert len(told) == 2
    assert one.sha256[:12] in told[0]
    assert "needed by one 1.0" in told[1]
    assert ran.err.count("help:") == 1


def test_of_many_files_the_lines_to_paste_are_left_to_fix_and_to_json(machine: Machine) -> None:
    wheels = [machine.index.add(make_wheel(f"one{number}")) for number in range(6)]
    lines = [wheel.filename.partition("-")[0] + "==1.0" for wheel in wheels]

    ran = machine.install(*lines)
    findings = machine.install(*lines, options=("--json",)).document["findings"]

    assert "--hash" not in ran.err
    assert "trued install -r requirements.txt --fix" in ran.err
    assert isinstance(findings, list)
    assert f"--hash=sha256:{wheels[0].sha256}" in findings[0]["values"]["lines"]


def test_json_has_the_whole_digest_and_the_lines_of_each_file(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("one"))

    findings = machine.trued("install", "one", "--json").document["findings"]

    assert isinstance(findings, list)
    values = findings[0]["values"]
    assert (values["sha256"], values["asked_by"]) == (wheel.sha256, "command line")
    assert f"--hash=sha256:{wheel.sha256}" in values["lines"]


def test_a_line_of_a_requirements_file_gets_its_digests_to_paste(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))

    ran = machine.install("demo==1.0")

    assert f"--hash=sha256:{wheel.sha256}" in ran.err
    assert "--fix writes these lines" in ran.err


def test_a_requirements_file_is_offered_its_fix(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    ran = machine.install("demo==1.0")

    assert "trued install -r requirements.txt --fix" in ran.err


def test_a_requirements_file_that_lists_not_everything_is_offered_a_lock(machine: Machine) -> None:
    machine.index.add(make_wheel("one", requires=("two",)))
    machine.index.add(make_wheel("two"))

    ran = machine.install("one")

    assert "trued lock -r requirements.txt && trued install -r pylock.toml" in ran.err


def test_among_hashed_lines_it_is_told_that_fix_wrote_and_what_chooses_a_version(machine: Machine) -> None:
    hashed = machine.index.add(make_wheel("hashed"))
    machine.index.add(make_wheel("pinned"))
    machine.index.add(make_wheel("loose"))

    ran = machine.install(hashed.line, "pinned==1.0", "loose", options=("--fix",))

    assert ran.codes == ["TRU164", "TRU165"]
    assert "help: --fix wrote these lines" in ran.err
    assert "help: `trued lock -r FILE -o FILE` chooses a version" in ran.err


def test_permissive_asks_nobody_and_remembers_nothing(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    status, shown = on_terminal(machine, "install", "demo", "--level", "permissive", answer="n")

    assert status == 0
    assert "[y/N]" not in shown
    assert not known_files(machine).exists()


# trued known


@pytest.fixture
def knowing(machine: Machine) -> Machine:
    """A machine on which demo and other were accepted."""
    machine.index.add(make_wheel("demo"))
    machine.index.add(make_wheel("other"))
    assert machine.trued("install", "demo", "other", FLAG).status == 0
    return machine


def test_list_shows_each_file_with_its_day_and_what_stood_for_it(knowing: Machine) -> None:
    lines = knowing.trued("known", "list").out.splitlines()

    assert [line.split()[0] for line in lines] == ["demo-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl"]
    assert all(line.endswith(FLAG) for line in lines)


def test_list_takes_a_name(knowing: Machine) -> None:
    rows = json.loads(knowing.trued("known", "list", "Demo", "--json").out)

    assert [row["project"] for row in rows] == ["demo"]
    assert rows[0]["run"]["command"] == "install"


def test_show_tells_the_story(knowing: Machine) -> None:
    out = knowing.trued("known", "show", "demo").out

    assert "File: demo-1.0-py3-none-any.whl" in out
    assert f"trued install in {knowing.work}" in out
    assert f"From: {knowing.index.url}" in out


def test_a_name_that_is_not_known_is_told(knowing: Machine) -> None:
    ran = knowing.trued("known", "show", "demo", "nothing")

    assert (ran.status, ran.codes) == (2, ["TRU780"])


def test_what_is_forgotten_has_to_be_accepted_again(knowing: Machine) -> None:
    assert knowing.trued("known", "forget", "demo").status == 0

    assert knowing.trued("install", "demo==1.0", "--force-reinstall").codes == ["TRU561", "TRU781"]
    assert knowing.trued("known", "list", "demo").out == ""


def test_an_empty_database_is_listed_as_empty(machine: Machine) -> None:
    ran = machine.trued("known", "list")

    assert (ran.status, ran.out) == (0, "")
    assert not known_files(machine).exists()


def test_an_export_is_restored_after_damage_and_the_damaged_file_is_kept(knowing: Machine) -> None:
    assert knowing.trued("known", "export", "-o", "known.jsonl").status == 0
    known_files(knowing).write_bytes(b"damaged, and longer than the header of a database" * 50)

    refused = knowing.trued("install", "demo", "--force-reinstall")
    restored = knowing.trued("known", "import", "known.jsonl")
    again = knowing.trued("install", "demo", "--force-reinstall")

    assert (refused.status, refused.codes) == (2, ["TRU775"])
    assert (restored.status, restored.codes) == (0, ["TRU782"])
    assert again.status == 0
    kept = list(known_files(knowing).parent.glob("known.sqlite3.damaged-*"))
    assert len(kept) == 1
    assert kept[0].read_bytes().startswith(b"damaged")


def test_an_export_goes_to_standard_output(knowing: Machine) -> None:
    lines = knowing.trued("known", "export").out.splitlines()

    assert json.loads(lines[0]) == {"trued": "known-files", "format": 1}
    assert len(lines) == 5


def test_another_database_can_be_named(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))
    named = machine.work / "own" / "known.sqlite3"

    assert machine.trued("install", "demo", FLAG, "--known-files", str(named)).status == 0
    assert named.exists()
    assert not known_files(machine).exists()
    assert machine.trued("known", "list", TRUED_KNOWN_FILES=str(named)).out.startswith("demo-1.0")


def test_a_cloned_repository_cannot_bring_its_own_known_files(machine: Machine) -> None:
    # the attack: a repository with a database in which its own files are known
    machine.index.add(make_wheel("demo"))
    planted = machine.work / "planted.sqlite3"
    machine.trued("install", "demo", FLAG, "--known-files", str(planted))
    machine.trued("uninstall", "-y", "demo")
    machine.write('known-files = "planted.sqlite3"', name="trued.toml")

    ran = machine.trued("install", "demo")

    assert ran.status == 1
    assert "TRU603" in ran.codes


# What proved it, told afterwards


def test_show_tells_the_evidence_and_since_when_the_file_is_known(knowing: Machine) -> None:
    out = knowing.trued("show", "--evidence", "demo", "other").out

    assert out.count(f"Proof: first-use by {FLAG}: sha256:") == 2
    assert out.count("Known since: ") == 2


def test_show_tells_the_evidence_as_json(knowing: Machine) -> None:
    (row,) = json.loads(knowing.trued("show", "--evidence", "--json", "demo").out)

    assert [one["kind"] for one in row["evidence"]] == ["first-use"]
    assert row["first_seen"] == row["evidence"][0]["time"]


def test_the_report_for_pips_tools_carries_the_evidence(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    report = json.loads(machine.trued("install", "demo", FLAG, "--report", "-").out)

    assert [one["kind"] for one in report["install"][0]["trued_evidence"]] == ["first-use"]


def test_json_carries_the_evidence_of_each_verdict(machine: Machine) -> None:
    machine.index.add(make_wheel("demo"))

    document = machine.trued("install", "demo", FLAG, "--json").document

    assert [one["evidence"][0]["kind"] for one in document["verdicts"]] == ["first-use"]  # type: ignore[attr-defined]


# The clock


def test_a_clock_behind_the_newest_record_is_told_and_makes_nothing_new(knowing: Machine) -> None:
    # the attack: the clock is set back a year (here: the records are of years to come), so that a file added
    # to an old release would pass as one of its first days
    database = sqlite3.connect(known_files(knowing))
    with database:
        database.execute("UPDATE files SET first_seen = '2090-01-01T00:00:00Z' WHERE project = 'demo'")
        database.execute("UPDATE listed SET first_seen = '2090-01-01T00:00:00Z' WHERE project = 'demo'")
        database.execute("UPDATE files SET first_seen = '2099-01-01T00:00:00Z' WHERE project = 'other'")
    database.close()
    major, minor = sys.version_info[:2]
    knowing.index.add(make_wheel("demo", tag=f"cp{major}{minor}-none-any"))

    known = knowing.trued("install", "other", "--force-reinstall", "--refresh")
    late = knowing.trued("install", "demo", "--force-reinstall", "--refresh", FLAG)

    assert (known.status, known.codes) == (0, ["TRU777"])
    assert late.status == 1
    assert "TRU772" in late.codes


# Two runs at once


def test_two_runs_at_once_both_remember_what_they_accepted(machine: Machine) -> None:
    names = [f"demo{number}" for number in range(4)]
    for name in names:
        machine.index.add(make_wheel(name))
    calls = [
        subprocess.Popen(
            [sys.executable, "-m", "trued", "download", f"{name}==1.0", "-d", name, FLAG],
            cwd=machine.work,
            env=machine.environ,
            stderr=subprocess.PIPE,
        )
        for name in names
    ]

    assert [call.communicate(timeout=60)[1] is not None and call.returncode for call in calls] == [0] * 4
    assert [row["project"] for row in json.loads(machine.trued("known", "list", "--json").out)] == names


# What is not known, and what the store is not taken for


def test_a_wheel_of_ones_own_is_built_again_under_its_name(machine: Machine) -> None:
    for content in (b"first = 1\n", b"second = 2\n"):
        wheel = make_wheel("demo", files={"demo/__init__.py": content})
        (machine.work / wheel.filename).write_bytes(wheel.content)

        assert machine.trued("install", f"./{wheel.filename}", FLAG).status == 0

    assert machine.trued("known", "list").out == ""


def test_a_wheel_of_the_store_whose_metadata_is_not_what_the_index_states_is_refused(
    machine: Machine,
) -> None:
    # the attack: dependencies are chosen by a copy of METADATA that is not the wheel's
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo==1.0", "--no-deps", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")
    machine.index.pages.clear()
    machine.index.add(wheel, core_metadata={"sha256": "0" * 64})

    ran = machine.trued("install", "demo==1.0", "--no-deps", "--refresh", FLAG)

    assert ran.status != 0
    assert machine.installed == {}


def test_a_wheel_of_the_store_whose_size_is_not_what_the_index_states_is_refused(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    assert machine.trued("install", "demo", FLAG).status == 0
    machine.trued("uninstall", "-y", "demo")
    machine.index.pages.clear()
    machine.index.add(wheel, size=len(wheel.content) + 1)

    assert machine.trued("install", "demo", "--refresh", FLAG).status != 0
    assert machine.installed == {}
