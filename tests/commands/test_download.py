"""``trued download`` from the outside: the files, proven, in a folder that pip and trued can install from."""

from __future__ import annotations

import hashlib

from tests.commands.conftest import Machine, make_wheel


def test_the_proven_files_are_put_into_the_folder(machine: Machine) -> None:
    one, two = machine.index.add(make_wheel("one")), machine.index.add(make_wheel("two"))
    machine.write(one.line, two.line)

    ran = machine.trued("download", "-r", "requirements.txt", "-d", "wheels")

    saved = {path.name: path.read_bytes() for path in (machine.work / "wheels").iterdir()}
    assert ran.status == 0
    assert saved == {one.filename: one.content, two.filename: two.content}
    assert [line.rpartition("/")[2] for line in ran.out.splitlines()] == [one.filename, two.filename]


def test_without_a_folder_the_working_folder_is_meant_as_in_pip(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    assert machine.trued("download", "-r", "requirements.txt").status == 0
    assert (machine.work / wheel.filename).read_bytes() == wheel.content


def test_nothing_is_installed(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    before = machine.snapshot()

    machine.trued("download", "-r", "requirements.txt")

    assert machine.snapshot() == before


def test_one_file_that_is_refused_keeps_all_out_of_the_folder(machine: Machine) -> None:
    good = machine.index.add(make_wheel("good"))
    machine.index.add(make_wheel("bad"))
    machine.write(good.line, f"bad==1.0 --hash=sha256:{'0' * 64}")

    ran = machine.trued("download", "-r", "requirements.txt", "-d", "wheels")

    assert (ran.status, ran.codes) == (1, ["TRU551"])
    assert list(machine.work.glob("wheels/*")) == []


def test_a_file_of_another_platform_can_be_fetched(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo", tag="cp312-cp312-win_amd64"))
    machine.write(wheel.line)
    platform = ("--platform", "win_amd64", "--python-version", "3.12", "--only-binary", ":all:")

    fits_here = machine.trued("download", "-r", "requirements.txt", "-d", "here")
    fits_there = machine.trued("download", "-r", "requirements.txt", "-d", "there", *platform)

    assert (fits_here.status, fits_there.status) == (1, 0)
    assert (machine.work / "there" / wheel.filename).exists()


def test_dependencies_are_only_left_out_when_asked(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo", requires=("leaf",)))
    machine.write(wheel.line)

    assert machine.trued("download", "-r", "requirements.txt").codes == ["TRU180"]
    assert machine.trued("download", "-r", "requirements.txt", "--no-deps").status == 0


def test_a_download_serves_a_later_install_without_an_index(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    machine.trued("download", "-r", "requirements.txt", "-d", "wheels", "--cache-dir", "elsewhere")

    ran = machine.trued("install", "--no-index", "-f", "wheels", "-r", "requirements.txt")

    assert ran.status == 0
    assert machine.installed == {"demo": "1.0"}


def test_json_lists_the_files_and_their_evidence(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)

    told = machine.trued("download", "-r", "requirements.txt", "-d", "wheels", "--json").document

    assert told["ok"] is True
    assert wheel.sha256 in str(told["verdicts"])
    assert wheel.filename in str(told["result"])


def test_fix_writes_the_digests_here_too(machine: Machine) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    path = machine.write("demo==1.0")

    machine.trued("download", "-r", "requirements.txt", "--fix")

    assert f"--hash=sha256:{wheel.sha256}" in path.read_text()


def test_a_file_that_is_there_already_with_other_bytes_is_not_taken_for_the_right_one(
    machine: Machine,
) -> None:
    wheel = machine.index.add(make_wheel("demo"))
    machine.write(wheel.line)
    (machine.work / wheel.filename).write_bytes(b"something else")

    machine.trued("download", "-r", "requirements.txt")

    assert hashlib.sha256((machine.work / wheel.filename).read_bytes()).hexdigest() == wheel.sha256
