"""RECORD read as a text that anybody may have written."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.core.names import normalize
from trued.environment.installed import Form, Installed
from trued.environment.verify_record import Boundary, Recorded, read_rows

ROOTS = {
    "purelib": "/env/lib",
    "platlib": "/env/lib",
    "scripts": "/env/bin",
    "headers": "/env/include",
    "data": "/env",
}


def digest_of(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def read(folder: Path, text: bytes, *, most_bytes: int = 1 << 20) -> Recorded:
    (folder / "RECORD").write_bytes(text)
    one = Installed(
        project=normalize("demo"),
        name="demo",
        version="1",
        form=Form.DIST_INFO,
        location="/env/lib",
        folder=str(folder),
    )
    return read_rows(one, boundary=Boundary(ROOTS), most_bytes=most_bytes)


def reasons(recorded: Recorded) -> list[str]:
    return [finding.values["reason"] for finding in recorded.findings]


def test_a_row_is_digest_and_size_by_folder_and_name(tmp_path: Path) -> None:
    recorded = read(tmp_path, f"demo/a.py,{digest_of(b'x')},1\n".encode())

    assert recorded.rows == {"/env/lib/demo": {"a.py": (1, "sha256", hashlib.sha256(b"x").digest())}}
    assert recorded.findings == ()


def test_a_row_may_climb_to_another_root(tmp_path: Path) -> None:
    assert set(read(tmp_path, f"../bin/tool,{digest_of(b'')},0\n".encode()).rows) == {"/env/bin"}


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "../../env-other/x", "a/../../../x", "../lib/../../x"]
)
def test_a_row_that_leaves_every_root_is_told_and_dropped(tmp_path: Path, path: str) -> None:
    recorded = read(tmp_path, f"{path},,\n".encode())

    assert recorded.rows == {}
    assert "outside the environment" in reasons(recorded)


@pytest.mark.parametrize("path", ["a/..", ".", "a\0b", "demo/"])
def test_what_is_no_path_of_a_file_is_told_and_dropped(tmp_path: Path, path: str) -> None:
    recorded = read(tmp_path, f"{path},,\n".encode())

    assert recorded.rows == {}
    assert "no path of a file" in reasons(recorded)


@pytest.mark.parametrize("stated", ["sha256=AAAA", "sha256=" + "A" * 44, "sha256=\xff", "sha512=" + "A" * 43])
def test_a_digest_of_another_length_or_alphabet_is_told(tmp_path: Path, stated: str) -> None:
    recorded = read(tmp_path, f"a.py,{stated},1\n".encode())

    assert reasons(recorded) == ["with a digest or size that cannot be read"]


@pytest.mark.parametrize("size", ["-1", "x", "1e3", "\u0661"])
def test_a_size_that_is_no_number_is_told(tmp_path: Path, size: str) -> None:
    recorded = read(tmp_path, f"a.py,{digest_of(b'')},{size}\n".encode())

    assert reasons(recorded) == ["with a digest or size that cannot be read"]


def test_a_size_of_a_million_digits_is_read_without_harm(tmp_path: Path) -> None:
    """int() of many digits takes quadratic time (CVE-2020-10735)."""
    recorded = read(tmp_path, f"a.py,{digest_of(b'')},{'9' * 100_000}\n".encode())

    assert recorded.rows["/env/lib"]["a.py"].size == 999_999_999_999_999_999


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "crc32"])
def test_a_digest_that_proves_nothing_counts_for_none(tmp_path: Path, algorithm: str) -> None:
    recorded = read(tmp_path, f"a.py,{algorithm}=AAAA,1\n".encode())

    assert reasons(recorded) == ["with a digest that proves nothing"]
    assert recorded.rows["/env/lib"]["a.py"].digest == b""


def test_the_interpreters_bytecode_needs_no_digest_and_any_other_does(tmp_path: Path) -> None:
    """A module without source is ``a.pyc`` beside the others: that one runs as it is."""
    assert reasons(read(tmp_path, b"__pycache__/a.cpython-311.pyc,,\n")) == []
    assert reasons(read(tmp_path, b"a.pyc,,\n")) == ["without a digest"]


def test_what_virtualenv_lists_and_never_writes_is_not_missed(tmp_path: Path) -> None:
    """Environments of Poetry have a pip of virtualenv, with rows of bytecode beside the sources."""
    recorded = read(tmp_path, b"pip/__init__.cpython-311.pyc,,\npip/__pycache__,,\n")

    assert (recorded.rows, recorded.findings) == ({}, ())


def test_bytecode_with_a_digest_is_looked_for_wherever_it_is_listed(tmp_path: Path) -> None:
    recorded = read(tmp_path, f"pip/a.cpython-311.pyc,{digest_of(b'')},0\n".encode())

    assert list(recorded.rows["/env/lib/pip"]) == ["a.cpython-311.pyc"]


def test_equal_rows_are_one_and_unequal_ones_are_told(tmp_path: Path) -> None:
    same = f"a.py,{digest_of(b'')},0\n"

    assert reasons(read(tmp_path, (same + same).encode())) == []
    assert reasons(read(tmp_path, f"{same}a.py,{digest_of(b'x')},1\n".encode())) == [
        "listed twice, not alike"
    ]


def test_a_fault_is_told_once_with_its_count(tmp_path: Path) -> None:
    recorded = read(tmp_path, b"/x,,\n" * 1000)

    assert {finding.values["count"] for finding in recorded.findings} == {"1000"}


def test_a_record_above_the_bound_is_not_read(tmp_path: Path) -> None:
    recorded = read(tmp_path, b"a.py,,\n" * 100, most_bytes=100)

    assert (recorded.is_readable, [finding.code for finding in recorded.findings]) == (False, ["TRU546"])


@given(data=st.binary(max_size=400))
def test_whatever_stands_there_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    recorded = read(tmp_path_factory.mktemp("record"), data)

    assert all(folder.startswith("/env") for folder in recorded.rows)


@given(name=st.text(alphabet=st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=20))
def test_a_name_of_any_characters_is_found_again(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(
        [f"demo/{name}", digest_of(b""), "0"]
    )

    recorded = read(tmp_path_factory.mktemp("record"), buffer.getvalue().encode())

    assert name in (".", "..") or list(recorded.rows["/env/lib/demo"]) == [name]
