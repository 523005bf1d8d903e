"""RECORD: every file is listed with its true digest and size, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wheel.builder import (
    DIST_INFO,
    Item,
    build,
    items_of,
    parts,
    record_of,
    refusal,
    row,
    verify,
    wheel_files,
)
from trued.wheel.faults import Faults
from trued.wheel.record import _checked_rows, _plain_rows, read_record, unlisted_names

FILES = {"demo/__init__.py": b"value = 1\n"}
UNLISTED = unlisted_names(DIST_INFO)


def _with_record(change: str, into: str) -> bytes:
    """Return a wheel in whose RECORD one text is replaced."""
    files = wheel_files(FILES)
    record = files[f"{DIST_INFO}/RECORD"].decode()
    assert change in record
    return build(FILES, record=record.replace(change, into).encode())


def test_a_wheel_without_record_is_refused() -> None:
    files = wheel_files(FILES)
    del files[f"{DIST_INFO}/RECORD"]
    assert refusal(parts(items_of(files)).whole()) == ["TRU260"]


def test_a_file_with_another_digest_is_refused() -> None:
    # Attack: a file changed after the wheel was built; pip and uv install it.
    assert refusal(
        _with_record(row("demo/__init__.py", b"value = 1\n"), row("demo/__init__.py", b"value = 2\n"))
    ) == ["TRU268"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_large_file_with_another_digest_is_refused(size: int) -> None:
    files = wheel_files({"demo/data.bin": bytes(size)})
    changed = items_of(files | {"demo/data.bin": b"x" + bytes(size - 1)})
    assert refusal(parts(changed).whole()) == ["TRU268"]


def test_a_file_with_another_size_is_refused() -> None:
    assert refusal(_with_record(",10\n", ",11\n")) == ["TRU267"]


def test_a_row_without_a_size_is_read() -> None:
    assert refusal(_with_record(",10\n", ",\n")) == []


def test_a_file_that_is_not_listed_is_refused() -> None:
    # Attack: an added file that no verification of the installed environment would miss.
    assert refusal(build(FILES, extra=[Item(path="demo/added.py", content=b"import os\n")])) == ["TRU262"]


def test_a_row_without_a_file_is_refused() -> None:
    # Attack: a row that makes uninstalling delete another distribution's file.
    assert refusal(_with_record("demo/__init__", row("demo/phantom.py", b"") + "demo/__init__")) == ["TRU263"]


def test_a_row_that_leaves_the_folder_is_refused() -> None:
    # Attack: as above, outside the environment (GHSA-pjjw-68hj-v9mw).
    assert refusal(_with_record("demo/__init__", row("../../etc/passwd", b"") + "demo/__init__")) == [
        "TRU263"
    ]


@pytest.mark.parametrize("second", [b"value = 1\n", b"value = 2\n"])
def test_a_row_that_is_there_twice_is_refused(second: bytes) -> None:
    # Attack: two digests for one file; one installer compares the first, another the last.
    assert "TRU264" in refusal(
        _with_record("demo/__init__", row("demo/__init__.py", second) + "demo/__init__")
    )


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224"])
def test_a_weak_algorithm_is_refused(algorithm: str) -> None:
    # Attack: content with the same md5 as the reviewed one.
    good, weak = row("demo/__init__.py", b"value = 1\n"), row("demo/__init__.py", b"value = 1\n", algorithm)
    assert refusal(_with_record(good, weak)) == ["TRU265"]


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
@pytest.mark.parametrize("content", [b"value = 1\n", bytes(3_000_000)], ids=["small", "large"])
def test_a_stronger_algorithm_is_compared(algorithm: str, content: bytes) -> None:
    files = wheel_files({"demo/a.py": content})
    record = record_of({}).decode() + row("demo/a.py", content, algorithm)
    rest = "".join(
        row(path, text) for path, text in files.items() if path != "demo/a.py" and "RECORD" not in path
    )
    verified, _ = verify(build({"demo/a.py": content}, record=(record + rest).encode()))
    assert verified.members[0].digest is not None
    assert verified.members[0].digest[0] == algorithm
    assert len(verified.members[0].sha256) == 64


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_a_stronger_algorithm_with_another_digest_is_refused(algorithm: str) -> None:
    wrong = row("demo/__init__.py", b"value = 2\n", algorithm)
    assert refusal(_with_record(row("demo/__init__.py", b"value = 1\n"), wrong)) == ["TRU268"]


def test_a_row_without_a_digest_is_refused() -> None:
    # Attack: a file that nothing vouches for, listed all the same.
    assert refusal(_with_record(row("demo/__init__.py", b"value = 1\n"), "demo/__init__.py,,\n")) == [
        "TRU266"
    ]


@pytest.mark.parametrize(
    "digest",
    [
        "sha256=",
        "sha256=short",
        "sha256=" + "a" * 64,
        "sha256=" + "+" * 43,
        "sha256=" + "A" * 42 + "B",
        "sha256",
    ],
)
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    assert refusal(
        _with_record(row("demo/__init__.py", b"value = 1\n"), f"demo/__init__.py,{digest},10\n")
    ) in (["TRU269"], ["TRU265"])


def test_a_digest_with_padding_is_refused_since_readers_compare_texts() -> None:
    good = row("demo/__init__.py", b"value = 1\n")
    assert refusal(_with_record(good, good.replace(",10", "=,10"))) == ["TRU269"]


def test_a_digest_of_record_itself_is_refused() -> None:
    # A digest that cannot be true: RECORD would have to contain its own.
    assert refusal(_with_record("RECORD,,", "RECORD,sha256=" + "A" * 43 + ",")) == ["TRU269"]


@pytest.mark.parametrize("line", ["one", "one,two", "one,two,three,four", "demo/x.py,sha256=,ten"])
def test_a_row_that_is_malformed_is_refused(line: str) -> None:
    assert "TRU261" in refusal(_with_record("demo/__init__", f"{line}\ndemo/__init__"))


def test_record_that_is_not_utf_8_is_refused() -> None:
    assert "TRU255" in refusal(build(FILES, record=b"\xff\xfe"))


def test_quoted_paths_and_windows_line_ends_are_read() -> None:
    files = {"demo/a,b.py": b"value = 1\n"}
    record = record_of({k: v for k, v in wheel_files(files).items() if "RECORD" not in k})
    assert b'"demo/a,b.py"' in record
    assert refusal(build(files, record=record.replace(b"\n", b"\r\n"))) == []


@pytest.mark.parametrize("name", ["RECORD.jws", "RECORD.p7s"])
def test_signatures_of_record_need_not_be_listed(name: str) -> None:
    assert refusal(build(FILES, extra=[Item(path=f"{DIST_INFO}/{name}", content=b"signature")])) == []


def test_the_row_of_record_itself_may_be_missing() -> None:
    assert refusal(_with_record(f"{DIST_INFO}/RECORD,,\n", "")) == []


_LINES = st.lists(
    st.sampled_from(
        [
            row("a.py", b"a"),
            row("b.py", b"b"),
            row("b.py", b"c"),
            row('"c,d.py"', b"c"),
            row("e.py", b"e", "sha512"),
            row("f.py", b"f", "md5"),
            "g.py,,\n",
            f"{DIST_INFO}/RECORD,,\n",
            f"{DIST_INFO}/RECORD,sha256={'A' * 43},3\n",
            f"h.py,sha256={'A' * 42}B,3\n",
            f"i.py,sha256={'A' * 43},\n",
            "\n",
            "k.py,sha256=x\n",
            "\r\n",
        ]
    ),
    max_size=6,
).map("".join)


@given(_LINES)
def test_the_fast_way_answers_as_the_careful_one(text: str) -> None:
    fast = _plain_rows(text, UNLISTED)
    if fast is not None:
        faults = Faults("demo")
        assert fast == _checked_rows(text, unlisted=UNLISTED, faults=faults)
        assert not faults


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    read_record(raw, unlisted=UNLISTED, faults=Faults("demo"))
