"""``trued hash`` from the outside: the lines that pip prints, and nothing but digests that the mode takes."""

from __future__ import annotations

import hashlib

import pytest

from tests.commands.conftest import Machine


def test_the_output_is_pips(machine: Machine) -> None:
    (machine.work / "a.whl").write_bytes(b"a")
    (machine.work / "b.whl").write_bytes(b"b")

    ran = machine.trued("hash", "a.whl", "b.whl")

    a, b = (hashlib.sha256(content).hexdigest() for content in (b"a", b"b"))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"a.whl:\n--hash=sha256:{a}\nb.whl:\n--hash=sha256:{b}\n"


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_another_algorithm_can_be_chosen(machine: Machine, algorithm: str) -> None:
    (machine.work / "a.whl").write_bytes(b"a")

    out = machine.trued("hash", "-a", algorithm, "a.whl").out

    assert out == f"a.whl:\n--hash={algorithm}:{hashlib.new(algorithm, b'a').hexdigest()}\n"


def test_an_algorithm_that_proves_nothing_is_not_offered(machine: Machine) -> None:
    ran = machine.trued("hash", "-a", "md5", "a.whl")

    assert (ran.status, ran.codes) == (2, ["TRU905"])


def test_every_file_that_cannot_be_read_is_told(machine: Machine) -> None:
    (machine.work / "folder").mkdir()

    ran = machine.trued("hash", "missing.whl", "folder")

    assert (ran.status, ran.out) == (2, "")
    assert "missing.whl" in ran.err
    assert "folder" in ran.err


def test_json_maps_files_to_digests(machine: Machine) -> None:
    (machine.work / "a.whl").write_bytes(b"a")

    assert machine.trued("hash", "--json", "a.whl").document == {
        "a.whl": {"sha256": hashlib.sha256(b"a").hexdigest()}
    }


def test_no_environment_is_needed(machine: Machine) -> None:
    (machine.work / "a.whl").write_bytes(b"a")

    assert machine.trued("hash", "a.whl", "--python", "/nowhere").status == 0
