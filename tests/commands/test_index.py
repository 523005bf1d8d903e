"""``trued index`` from the outside: what it prints, what it asks for, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Machine, Ran, make_wheel
from tests.repository.ground import Ground

WORD = {"TRUED_INDEX_PASSPHRASE": "correct horse"}


def index(machine: Machine, *arguments: str, **variables: str) -> Ran:
    return machine.trued("index", *arguments, **(WORD | variables))


def result(ran: Ran) -> Any:  # JSON
    return json.loads(ran.out)["result"]


def wheel(machine: Machine, version: str = "1.0", folder: str = "dist") -> str:
    made = make_wheel("demo", version)
    path = machine.work / folder / made.filename
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(made.content)
    return str(path)


def begin(machine: Machine) -> None:
    for name in ("alice", "bob", "online"):
        assert index(machine, "key", name).status == 0
    ran = index(
        machine, "init", "--keys", "keys", "--root-key", "alice.pub.json", "--root-key", "bob.pub.json",
        "--threshold", "2", "--online-key", "online.pub.json",
    )  # fmt: skip
    assert ran.status == 0, ran.err


def sign(machine: Machine, name: str, *more: str) -> Ran:
    key = f"{name}.pub.json"
    return index(machine, "sign", "request.json", "--key", key, "-o", f"{name}.json", "--yes", *more)


@pytest.fixture
def signed(machine: Machine) -> Machine:
    """A machine with a signed index of one release."""
    ground = Ground(machine.work)
    ground.add()
    ground.begin()
    ground.collect("alice", "bob")
    ground.publish()
    return machine


class TestPages:
    def test_are_built_from_a_folder(self, machine: Machine) -> None:
        wheel(machine)

        ran = index(machine, "build", "dist", "site")

        assert (ran.status, ran.codes) == (0, [])
        assert (machine.work / "site" / "simple" / "demo" / "index.html").is_file()

    def test_are_not_built_from_an_empty_folder(self, machine: Machine) -> None:
        (machine.work / "dist").mkdir()

        ran = index(machine, "build", "dist", "site")

        assert (ran.status, ran.codes) == (2, ["TRU892"])

    def test_state_the_time_of_source_date_epoch(self, machine: Machine) -> None:
        wheel(machine)
        index(machine, "build", "dist", "site", SOURCE_DATE_EPOCH="86400")

        page = json.loads((machine.work / "site/simple/demo/index.json").read_text())

        assert page["files"][0]["upload-time"] == "1970-01-02T00:00:00.000000Z"

    @pytest.mark.parametrize("time", ["yesterday", "2026-13-01"])
    def test_do_not_state_what_is_no_time(self, machine: Machine, time: str) -> None:
        wheel(machine)

        ran = index(machine, "build", "dist", "site", "--upload-time", time)

        assert (ran.status, ran.codes) == (2, ["TRU899"])

    def test_are_changed_by_yank_status_and_remove(self, machine: Machine) -> None:
        wheel(machine)
        wheel(machine, "1.1")
        index(machine, "build", "dist", "site")

        for call in (
            ("yank", "site", "demo==1.0", "--reason", "broken"),
            ("status", "site", "Demo", "archived"),
            ("remove", "site", "demo==1.1"),
        ):
            assert index(machine, *call).status == 0

        page = json.loads((machine.work / "site/simple/demo/index.json").read_text())
        assert [(file["filename"], file["yanked"]) for file in page["files"]] == [
            ("demo-1.0-py3-none-any.whl", "broken")
        ]
        assert page["project-status"] == {"status": "archived"}

    def test_refuse_a_status_that_there_is_not(self, machine: Machine) -> None:
        wheel(machine)
        index(machine, "build", "dist", "site")

        ran = index(machine, "status", "site", "demo", "lost")

        assert ran.codes == ["TRU899"]


class TestKeys:
    def test_need_a_passphrase_from_somewhere(self, machine: Machine) -> None:
        ran = machine.trued("index", "key", "alice")

        assert (ran.status, ran.codes) == (2, ["TRU883"])
        assert not (machine.work / "alice.key").exists()

    def test_take_it_from_a_file(self, machine: Machine) -> None:
        machine.write("correct horse", name="word")

        assert machine.trued("index", "key", "alice", "--passphrase-file", "word").status == 0
        assert machine.trued("index", "key", "bob", "--passphrase-file", "none").codes == ["TRU883"]

    def test_are_not_overwritten(self, machine: Machine) -> None:
        index(machine, "key", "alice")
        before = (machine.work / "alice.key").read_bytes()

        ran = index(machine, "key", "alice")

        assert (ran.status, ran.codes) == (2, ["TRU892"])
        assert (machine.work / "alice.key").read_bytes() == before

    def test_have_names_that_are_no_paths(self, machine: Machine) -> None:
        assert index(machine, "key", "../alice").codes == ["TRU899"]

    def test_a_passphrase_is_shown_nowhere(self, signed: Machine) -> None:
        ran = index(signed, "refresh", "site", "--keys", "keys", "-vv", "--log", "log", "--json")

        assert "correct horse" not in ran.out + ran.err + (signed.work / "log").read_text()

    @pytest.mark.parametrize("action", [("refresh", "site"), ("sign", "site"), ("add", "site", "dist/x.whl")])
    def test_a_wrong_passphrase_ends_the_call(self, signed: Machine, action: tuple[str, ...]) -> None:
        ran = index(signed, *action, "--keys", "keys", TRUED_INDEX_PASSPHRASE="wrong")

        assert (ran.status, ran.codes) == (2, ["TRU883"])


class TestCeremony:
    def test_leads_to_a_signed_index(self, machine: Machine) -> None:
        wheel(machine)
        index(machine, "build", "dist", "site")
        begin(machine)
        index(machine, "export", "request.json", "--keys", "keys")
        for name in ("alice", "bob"):
            assert sign(machine, name).status == 0
        index(machine, "collect", "alice.json", "bob.json", "--keys", "keys")

        assert index(machine, "sign", "site", "--keys", "keys").status == 0
        assert index(machine, "check", "site", "--root", "site/metadata/1.root.json").status == 0

    def test_begins_with_a_script_of_its_steps(self, machine: Machine) -> None:
        begin(machine)

        script = (machine.work / "keys" / "CEREMONY.md").read_text()

        assert "alice" in script
        assert "trued index export request.json --keys keys" in script

    def test_asks_before_it_signs_and_takes_silence_for_no(self, machine: Machine) -> None:
        begin(machine)
        index(machine, "export", "request.json", "--keys", "keys")

        ran = index(machine, "sign", "request.json", "--key", "alice.pub.json", "-o", "alice.json")

        assert (ran.status, ran.codes) == (2, ["TRU899"])
        assert "root: 2 of 2: alice " in ran.err
        assert not (machine.work / "alice.json").exists()

    def test_counts_signatures(self, machine: Machine) -> None:
        begin(machine)
        index(machine, "export", "request.json", "--keys", "keys")
        sign(machine, "alice")

        ran = index(machine, "collect", "alice.json", "--keys", "keys", "--json")

        assert result(ran)["accepted"] is False
        assert result(ran)["counts"] == [
            {"role": "root", "have": 1, "need": 2},
            {"role": "targets", "have": 1, "need": 2},
        ]

    def test_signs_with_the_private_file_too(self, machine: Machine) -> None:
        begin(machine)
        index(machine, "export", "request.json", "--keys", "keys")

        ran = index(machine, "sign", "request.json", "--key", "alice.key", "-o", "alice.json", "--yes")

        assert ran.status == 0

    def test_needs_somebody_for_root_and_a_key_for_the_server(self, machine: Machine) -> None:
        assert index(machine, "init", "--keys", "keys").codes == ["TRU899"]

    def test_publishes_nothing_before_it_is_over(self, machine: Machine) -> None:
        wheel(machine)
        index(machine, "build", "dist", "site")
        begin(machine)

        ran = index(machine, "sign", "site", "--keys", "keys")

        assert (ran.status, ran.codes) == (2, ["TRU892"])
        assert not (machine.work / "site" / "metadata").exists()


class TestASignedIndex:
    def test_tells_the_snapshot_of_each_change_as_json(self, signed: Machine) -> None:
        ran = index(signed, "add", "site", wheel(signed, "1.1"), "--keys", "keys", "--json")

        assert result(ran)["action"] == "add"
        assert result(ran)["projects"] == ["demo"]
        assert result(ran)["signed"]["snapshot"] == 2

    def test_says_when_a_change_is_not_signed(self, signed: Machine) -> None:
        ran = index(signed, "add", "site", wheel(signed, "1.1"))

        assert (ran.status, "not signed yet" in ran.err) == (0, True)

    def test_is_checked_as_json(self, signed: Machine) -> None:
        ran = index(signed, "check", "site", "--keys", "keys", "--json")

        assert ran.status == 0
        assert result(ran)["files"] == 1
        assert {row["role"] for row in result(ran)["calendar"]} == {
            "root",
            "targets",
            "bins",
            "snapshot",
            "timestamp",
        }

    def test_is_not_checked_without_a_root(self, signed: Machine) -> None:
        assert index(signed, "check", "site").codes == ["TRU892"]

    def test_is_not_what_another_ceremonys_transcript_tells(self, signed: Machine) -> None:
        path = signed.work / "other.jsonl"
        path.write_bytes((signed.work / "keys/transcript.jsonl").read_bytes().rpartition(b'{"before"')[0])

        ran = index(signed, "check", "site", "--keys", "keys", "--transcript", "other.jsonl")

        assert (ran.status, ran.codes) == (1, ["TRU895"])

    def test_a_changed_file_ends_the_check_with_1(self, signed: Machine) -> None:
        (path,) = Path(signed.work / "site/files/demo").glob("demo-1.0*.whl")
        path.write_bytes(b"changed")

        ran = index(signed, "check", "site", "--keys", "keys")

        assert (ran.status, ran.codes) == (1, ["TRU889"])

    def test_sweeping_leaves_it_whole(self, signed: Machine) -> None:
        assert index(signed, "sweep", "site", "--keys", "keys", "--json").status == 0
        assert index(signed, "check", "site", "--keys", "keys").status == 0

    def test_a_recovery_is_drafted_and_audited(self, signed: Machine) -> None:
        index(signed, "key", "second")

        ran = index(signed, "recover", "site", "--online-key", "second.pub.json", "--keys", "keys", "--json")

        assert ran.status == 0
        assert result(ran)["drafted"] == ["root", "targets"]
        assert index(signed, "refresh", "site", "--keys", "keys").codes == ["TRU887"]

    @pytest.mark.parametrize("action", ["refresh", "sweep", "recover"])
    def test_is_not_looked_after_without_the_operators_folder(self, signed: Machine, action: str) -> None:
        ran = index(signed, action, "site", "--online-key", "online.pub.json")

        assert (ran.status, ran.codes) == (2, ["TRU892"])
