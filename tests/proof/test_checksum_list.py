"""Lists of digests: the forms that are read, and the lists that are not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.requirements.reading import assert_complete
from trued.core.finding import Level
from trued.proof.checksum_list import ChecksumList, read_checksum_list, write_checksum_list

A, B = "a" * 64, "b" * 64
WHEEL = "demo-1.0-py3-none-any.whl"


def read(data: bytes | str, *, max_bytes: int = 100_000) -> ChecksumList:
    encoded = data.encode() if isinstance(data, str) else data
    listed = read_checksum_list(encoded, file="SHA256SUMS", max_bytes=max_bytes)
    for finding in listed.findings:
        assert_complete(finding)
    return listed


def refused_with(listed: ChecksumList, code: str) -> bool:
    return listed.entries == {} and [f.code for f in listed.findings if f.level is Level.ERROR] == [code]


def warned_with(listed: ChecksumList, code: str) -> bool:
    return listed.is_readable and [f.code for f in listed.findings] == [code]


@pytest.mark.parametrize(
    "line",
    [
        f"{A}  {WHEEL}",
        f"{A} *{WHEEL}",
        f"{A.upper()}  {WHEEL}",
        f"{A}  ./{WHEEL}",
        f"SHA256 ({WHEEL}) = {A}",
        f"\n# the release of today\n\n{A}  {WHEEL}\n\n",
    ],
)
def test_forms_of_an_entry(line: str) -> None:
    listed = read(line)

    assert listed.entries == {WHEEL: {"sha256": A}}
    assert listed.findings == ()


@pytest.mark.parametrize(("algorithm", "length"), [("sha256", 64), ("sha384", 96), ("sha512", 128)])
def test_strong_algorithms_are_told_by_length_or_name(algorithm: str, length: int) -> None:
    value = "c" * length

    assert read(f"{value}  {WHEEL}").entries == {WHEEL: {algorithm: value}}
    assert read(f"{algorithm.upper()} ({WHEEL}) = {value}").entries == {WHEEL: {algorithm: value}}


def test_one_name_may_have_a_digest_of_each_algorithm_and_the_same_twice() -> None:
    listed = read(f"{A}  {WHEEL}\n{'c' * 128}  {WHEEL}\n{A}  {WHEEL}\n")

    assert listed.entries == {WHEEL: {"sha256": A, "sha512": "c" * 128}}
    assert listed.findings == ()


def test_what_sha256sum_writes_is_read(tmp_path: Path) -> None:
    names = [WHEEL, "with space.txt", "back\\slash", "new\nline"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    for options in ((), ("--binary",), ("--tag",)):
        done = subprocess.run(["sha256sum", *options, *names], cwd=tmp_path, capture_output=True, check=True)

        assert set(read(done.stdout).entries) == set(names)


names = st.text(min_size=1, max_size=30).filter(
    lambda name: not name.startswith("./") and name.encode("utf-8", "ignore").decode() == name
)


@given(st.dictionaries(names, st.sampled_from([A, B, "0" * 64]), min_size=1, max_size=8))
def test_what_is_written_is_read_back(entries: dict[str, str]) -> None:
    listed = read(write_checksum_list(entries))

    assert {name: stated["sha256"] for name, stated in listed.entries.items()} == entries


@given(st.binary(max_size=300) | st.text(alphabet="aA0 *()=\\\r\n./#SH256-", max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    listed = read(data)

    assert bool(listed.entries) == listed.is_readable


# Lists that are refused


def test_oversize_document() -> None:
    assert refused_with(read(f"{A}  {WHEEL}\n" * 10, max_bytes=100), "TRU750")


@pytest.mark.parametrize("data", ["", "\n\n", "# nothing yet\n"])
def test_empty_document(data: str) -> None:
    assert refused_with(read(data), "TRU751")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"{A}  {WHEEL}\n{WHEEL}  {A}\n", id="name and digest swapped"),
        pytest.param(f"{A} {WHEEL}\n", id="one space, which some read as a binary mark"),
        pytest.param(f" {A}  {WHEEL}\n", id="indented"),
        pytest.param(f"{A}\t{WHEEL}\n", id="a tab"),
        pytest.param(f"{A}  \n", id="no name"),
        pytest.param(f"SHA256({WHEEL})= {A}\n", id="the form of openssl"),
        pytest.param(f"SHA256 ({WHEEL}) = {A[:-1]}g\n", id="not hexadecimal"),
        pytest.param(f"\\{A}  na\\tme\n", id="an escape that nobody writes"),
        pytest.param(f"\\{A}  name\\\n", id="an escape at the end"),
        pytest.param("<html>not found</html>", id="a page in place of a list"),
        pytest.param(f"{A}  {WHEEL}\n".encode("utf-16"), id="UTF-16, as PowerShell writes it"),
        pytest.param(b"\xff\xfe", id="bytes that are no text"),
    ],
)
def test_a_line_that_is_no_entry_refuses_the_list(data: bytes | str) -> None:
    assert refused_with(read(data), "TRU752")


@pytest.mark.parametrize("length", [1, 8, 63, 65, 127, 129])
def test_truncated_digest_for_which_a_file_is_soon_made(length: int) -> None:
    assert refused_with(read(f"{'a' * length}  {WHEEL}\n{B}  other\n"), "TRU754")


def test_truncated_digest_in_the_other_form() -> None:
    assert refused_with(read(f"SHA512 ({WHEEL}) = {A}\n"), "TRU754")


def test_one_name_with_two_digests_of_which_readers_take_different_ones() -> None:
    assert refused_with(read(f"{A}  {WHEEL}\n{B} *{WHEEL}\n"), "TRU756")


def test_two_spellings_of_one_name_count_as_one() -> None:
    assert refused_with(read(f"{A}  {WHEEL}\n{B}  ./{WHEEL}\n"), "TRU756")


def test_all_problems_are_told_up_to_a_number() -> None:
    listed = read("junk\n" * 1000)

    assert len(listed.findings) == 20
    assert [finding.place.line for finding in listed.findings[:2] if finding.place] == [1, 2]


# Entries that are left aside


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f"old/{WHEEL}", id="a folder"),
        pytest.param(f"../{WHEEL}", id="the folder above"),
        pytest.param(f"/{WHEEL}", id="an absolute path"),
        pytest.param(f"old\\{WHEEL}", id="a folder of Windows"),
        pytest.param(WHEEL.replace("e", "\u0435"), id="a letter that looks like another"),
        pytest.param(f"\u202e{WHEEL}", id="an invisible mark that turns the text"),
        pytest.param(f"{WHEEL}\u200b", id="a space without width"),
        pytest.param(f"{WHEEL} ", id="a space at the end"),
        pytest.param(f"a\r{WHEEL}", id="a line end of old machines"),
    ],
)
def test_a_name_that_only_resembles_a_distributions(name: str) -> None:
    listed = read(f"{A}  {name}\n")

    assert WHEEL not in listed.entries
    assert warned_with(listed, "TRU757")


def test_entries_that_are_left_aside_are_told_together() -> None:
    [finding] = read("".join(f"{A}  dist/{number}\n" for number in range(50))).findings

    assert finding.values["names"] == "dist/0, dist/1, dist/2 and 47 more"


@pytest.mark.parametrize(
    "line", [f"{'a' * 32}  {WHEEL}", f"{'a' * 40}  {WHEEL}", f"MD5 ({WHEEL}) = {'a' * 32}"]
)
def test_weak_digests_are_not_read(line: str) -> None:
    listed = read(f"{line}\n{B}  other.whl\n")

    assert listed.entries == {"other.whl": {"sha256": B}}
    assert warned_with(listed, "TRU755")


def test_a_list_of_weak_digests_alone_is_empty() -> None:
    assert refused_with(read(f"{'a' * 40}  {WHEEL}\n"), "TRU751")


@pytest.mark.parametrize("data", [f"\ufeff{A}  {WHEEL}\n", f"{A}  {WHEEL}\r\n"])
def test_marks_of_windows_are_passed_over_and_told(data: str) -> None:
    listed = read(data)

    assert listed.entries == {WHEEL: {"sha256": A}}
    assert warned_with(listed, "TRU753")
