"""Names of members that leave the folder or are one name somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wheel.builder import Item, build, refusal, with_item
from trued.core.limits import Limits
from trued.wheel.faults import Faults
from trued.wheel.paths import _plain_keys, check_paths, folded


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/etc/passwd", "TRU220", id="absolute"),
        pytest.param("../up.py", "TRU221", id="parent at the start"),
        pytest.param("demo/../../up.py", "TRU221", id="parent inside"),
        pytest.param("demo/..", "TRU221", id="parent at the end"),
        pytest.param("C:/windows.py", "TRU222", id="drive"),
        pytest.param("C:relative.py", "TRU222", id="drive-relative"),
        pytest.param("demo/name.py:stream", "TRU222", id="NTFS stream"),
        pytest.param("demo\\evil.py", "TRU223", id="backslash"),
        pytest.param("..\\evil.py", "TRU223", id="backslash parent"),
        pytest.param("demo/a\0.py", "TRU224", id="NUL, where C ends a name"),
        pytest.param("demo/a\n.py", "TRU224", id="line feed, where RECORD ends a line"),
        pytest.param("demo/a\x1b[2J.py", "TRU224", id="terminal escape"),
        pytest.param("demo/a\x7f.py", "TRU224", id="delete"),
        pytest.param("demo/\u202eyp.exe", "TRU224", id="right-to-left override"),
        pytest.param("demo/a\u200b.py", "TRU224", id="zero-width space"),
        pytest.param("demo/./a.py", "TRU225", id="dot"),
        pytest.param("./demo/a.py", "TRU225", id="dot at the start"),
        pytest.param("demo//a.py", "TRU225", id="empty component"),
        pytest.param("demo/" + "a" * 1020, "TRU226", id="too long"),
        pytest.param("demo/" + "é" * 510, "TRU226", id="too long in bytes"),
    ],
)
def test_a_name_that_may_not_be_unpacked_is_refused(path: str, code: str) -> None:
    assert code in refusal(with_item(Item(path=path, content=b"value = 1\n")))


@pytest.mark.parametrize(
    "path",
    ["demo/.hidden", "demo/a b.py", "demo/...x", "demo/x..y", "demo/aux.py", "demo/日本.py", "demo/a."],
)
def test_an_unusual_name_is_read(path: str) -> None:
    assert refusal(with_item(Item(path=path, content=b"value = 1\n"))) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("demo/A.py", "demo/a.py", id="case"),
        pytest.param("Demo/a.py", "demo/b.py", id="case of a directory"),
        pytest.param("demo/straße.py", "demo/STRASSE.py", id="folding that changes the length"),
        pytest.param("demo/é.py", "demo/e\u0301.py", id="composed and decomposed"),
        pytest.param("demo/ﬁ.py", "demo/fi.py", id="compatibility form"),
        pytest.param("demo/K.py", "demo/k.py", id="Kelvin sign"),
        pytest.param("demo/a.py", "demo/a.py.", id="dot at the end, which Windows drops"),
        pytest.param("demo/a.py", "demo/a.py ", id="blank at the end, which Windows drops"),
    ],
)
def test_two_names_that_are_one_somewhere_are_refused(first: str, second: str) -> None:
    # Attack: on one system both files are there, on another the second replaces the first.
    assert refusal(build({first: b"a\n", second: b"b\n"})) == ["TRU228"]


def test_a_file_where_another_needs_a_directory_is_refused() -> None:
    assert refusal(build({"demo": b"a\n", "demo/a.py": b"b\n"})) == ["TRU229"]


def test_a_file_where_another_needs_a_directory_is_refused_whatever_the_case() -> None:
    assert "TRU229" in refusal(build({"DEMO": b"a\n", "demo/a.py": b"b\n"}))


def test_a_file_and_a_directory_entry_of_one_name_are_refused() -> None:
    directory = Item(path="demo/thing/", method=0, mode=0o040755)
    assert refusal(build({"demo/thing": b"a\n"}, extra=[directory])) == ["TRU229"]


_PATHS = st.lists(st.text(alphabet="aA.b /\\:\n\té\u0301", min_size=0, max_size=6), max_size=5)


@given(_PATHS)
def test_the_fast_way_answers_as_the_careful_one(paths: list[str]) -> None:
    keys = _plain_keys(paths)
    if keys is not None:
        assert keys == [folded(path) for path in paths]
        faults = Faults("demo")
        check_paths(list(dict.fromkeys(paths)), limits=Limits(), faults=faults)
        assert {finding.code for finding in faults.findings} <= {"TRU228", "TRU229"}


@given(st.text())
def test_folding_is_stable(path: str) -> None:
    assert folded(folded(path)) == folded(path)
