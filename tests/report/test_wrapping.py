from hypothesis import given
from hypothesis import strategies as st

from trued.report.wrapping import wrapped

DIGEST = "--hash=sha256:" + "0" * 64


def test_a_short_text_is_one_line() -> None:
    assert wrapped("one two", width=80, first="help: ") == ["help: one two"]


def test_a_long_text_is_folded_at_spaces_and_indented() -> None:
    assert wrapped(
        "aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii jjjj", width=40, first="help: ", following="      "
    ) == [
        "help: aaaa bbbb cccc dddd eeee ffff gggg",
        "      hhhh iiii jjjj",
    ]


def test_a_digest_stays_whole_so_that_it_can_be_copied() -> None:
    assert wrapped(f"add {DIGEST}", width=40) == ["add", DIGEST]


def test_an_indented_line_is_for_copying_and_never_folded() -> None:
    line = f"    six==1.16.0 {DIGEST} {DIGEST}"

    assert wrapped(f"Add:\n{line}", width=60, following="  ") == ["Add:", f"  {line}"]


def test_without_a_width_nothing_is_folded() -> None:
    assert wrapped("word " * 100, width=0) == [("word " * 100).rstrip()]


@given(st.text(alphabet="ab \n", max_size=300), st.integers(min_value=40, max_value=120))
def test_folding_loses_no_word(text: str, width: int) -> None:
    assert " ".join(wrapped(text, width=width)).split() == text.split()


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=20), min_size=1), st.integers(40, 120))
def test_no_line_is_wider_than_asked_when_the_words_fit(words: list[str], width: int) -> None:
    assert all(
        len(line) <= width for line in wrapped(" ".join(words), width=width, first="> ", following="    ")
    )
