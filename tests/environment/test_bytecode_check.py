"""Bytecode compared with its source, without loading it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.environment import bytecode_check
from trued.environment.bytecode_check import _same_code

SOURCE = '''
"""Constants of every kind."""
import os as system
NUMBERS = (0, -1, 2**70, -(2**70), 1.5, -0.0, 1j, True, None, ...)
TEXTS = ("a", "a" * 300, "caf\\u00e9", "\\ud800", b"bytes", "shared", "shared")
SET = 1 in {1, 2, 3}
def outer(a, /, b, *c, d=1, **e):
    def inner():
        return a, b, outer
    return inner, [x for x in c if x in {"k", "l"}]
class Thing:
    async def work(self):
        async with self as other:
            yield other
'''


def dumped(source: str, version: int = marshal.version) -> bytes:
    return marshal.dumps(compile(source, "somewhere.py", "exec"), version)


def test_code_is_the_same_as_itself_however_references_are_written() -> None:
    """What is referred to once is written out, what is referred to more often by number."""
    assert dumped(SOURCE, 2) != dumped(SOURCE)
    assert _same_code(dumped(SOURCE, 2), dumped(SOURCE))
    assert _same_code(dumped(SOURCE), marshal.dumps(marshal.loads(dumped(SOURCE))))


def test_where_the_source_stood_makes_no_difference() -> None:
    elsewhere = marshal.dumps(compile(SOURCE, "/else/where.py", "exec"))

    assert _same_code(dumped(SOURCE), elsewhere)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("-0.0", "0.0"),
        ("True", "1"),
        ("1.5", "1.25"),
        ("bytes", "bytez"),
        ("as system", "as sustem"),
        ("d=1", "d=2"),
        ("{1, 2, 3}", "{1, 2, 4}"),
        ("return a, b, outer", "return b, a, outer"),
        ("class Thing", "class Thong"),
        ("2**70", "2**71"),
    ],
)
def test_other_code_is_told_from_it(before: str, after: str) -> None:
    assert not _same_code(dumped(SOURCE), dumped(SOURCE.replace(before, after, 1)))


def test_a_tuple_is_no_list_and_text_no_bytes() -> None:
    assert not _same_code(marshal.dumps((1,)), marshal.dumps([1]))
    assert not _same_code(marshal.dumps("a"), marshal.dumps(b"a"))
    assert not _same_code(marshal.dumps(1), marshal.dumps(True))


def test_what_follows_the_code_is_not_overlooked() -> None:
    assert not _same_code(dumped(SOURCE), dumped(SOURCE) + b"N")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    assert not _same_code(dumped(SOURCE), data)


@given(place=st.integers(0, len(dumped(SOURCE)) - 1), value=st.integers(0, 255))
def test_one_byte_changed_is_other_code_or_loads_as_the_same(place: int, value: int) -> None:
    """Only the path of the source and how references are written may differ."""
    data = bytearray(dumped(SOURCE))
    path = data.index(b"somewhere.py")
    data[place] = value

    if _same_code(dumped(SOURCE), bytes(data)) and not path - 5 <= place < path + 12:
        assert marshal.loads(bytes(data)) == compile(SOURCE, "somewhere.py", "exec")


def test_a_list_that_holds_itself_does_not_end_the_process() -> None:
    circle: list[object] = []
    circle.append(circle)

    assert not _same_code(dumped(SOURCE), marshal.dumps(circle))


def test_deep_nesting_is_given_up() -> None:
    assert not _same_code(dumped(SOURCE), b"\xa9\x01" * 100_000 + b"N")


def answers(*files: list[object]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", bytecode_check.__file__],
        input=json.dumps(files) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def job(source: Path, bytecode: Path, level: int = 0) -> list[object]:
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (source, bytecode)]
    return [str(source), str(bytecode), *digests, level]


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("mode", list(py_compile.PycInvalidationMode))
def test_what_the_interpreter_writes_is_the_same(
    tmp_path: Path, level: int, mode: py_compile.PycInvalidationMode
) -> None:
    source, bytecode = tmp_path / "a.py", tmp_path / "a.pyc"
    source.write_text(SOURCE)
    py_compile.compile(str(source), str(bytecode), optimize=level, invalidation_mode=mode)

    assert answers(job(source, bytecode, level)) == ["same"]


def test_modules_of_the_standard_library_are_the_same(tmp_path: Path) -> None:
    sources = sorted(Path(importlib.util.__file__).parent.parent.glob("[a-d]*.py"))[:25]
    jobs = []
    for number, source in enumerate(sources):
        py_compile.compile(str(source), str(tmp_path / f"{number}.pyc"))
        jobs.append(job(source, tmp_path / f"{number}.pyc"))

    assert set(answers(*jobs)) == {"same"}


def test_what_changed_since_it_was_hashed_is_told(tmp_path: Path) -> None:
    source, bytecode = tmp_path / "a.py", tmp_path / "a.pyc"
    source.write_text("a = 1\n")
    py_compile.compile(str(source), str(bytecode))
    asked = job(source, bytecode)
    source.write_text("a = 2\n")

    assert answers(asked) == ["changed"]


def test_bytecode_of_a_source_that_does_not_compile_runs_all_the_same(tmp_path: Path) -> None:
    source, bytecode = tmp_path / "a.py", tmp_path / "a.pyc"
    source.write_text("a = 1\n")
    py_compile.compile(str(source), str(bytecode))
    status = source.stat()
    source.write_text("a = =\n")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert answers(job(source, bytecode)) == ["other"]
