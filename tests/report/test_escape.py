import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from trued.report.escape import escaped, escaped_lines

# Controls (Cc), formats such as the bidirectional overrides (Cf), lone surrogates (Cs), line and
# paragraph separators (Zl, Zp): what can move a cursor, reorder a line or break an encoder.
DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_plain_text_stays_as_it_is() -> None:
    assert (
        escaped("six-1.16.0-py2.py3-none-any.whl: größer, 大きい")
        == "six-1.16.0-py2.py3-none-any.whl: größer, 大きい"
    )


def test_an_escape_sequence_cannot_clear_the_screen() -> None:
    assert escaped("a\x1b[2Jb") == "a\\x1b[2Jb"


def test_a_carriage_return_cannot_overwrite_the_line() -> None:
    assert escaped("evil\rgood") == "evil\\rgood"


def test_a_right_to_left_override_cannot_turn_a_name_round() -> None:
    assert escaped("exe\u202egpj.whl") == "exe\\u202egpj.whl"


def test_an_invisible_character_is_made_visible() -> None:
    assert escaped("requ\u200bests") == "requ\\u200bests"


def test_a_byte_that_was_no_utf8_is_shown_as_an_escape() -> None:
    assert escaped("caf\udce9") == "caf\\udce9"


def test_one_line_of_foreign_text_stays_one_line() -> None:
    assert escaped("a\nerror[TRU101]: forged") == "a\\nerror[TRU101]: forged"


def test_text_of_several_lines_keeps_its_lines_and_nothing_else() -> None:
    assert escaped_lines("one\n\ttwo\x07\u2028three") == "one\n    two\\x07\\u2028three"


@given(st.text())
def test_no_dangerous_character_ever_passes(text: str) -> None:
    assert {unicodedata.category(character) for character in escaped(text)}.isdisjoint(DANGEROUS)


@given(st.text())
def test_of_several_lines_only_the_line_ends_pass(text: str) -> None:
    lines = escaped_lines(text).split("\n")

    assert len(lines) == text.count("\n") + 1
    assert {unicodedata.category(character) for line in lines for character in line}.isdisjoint(DANGEROUS)


@given(st.text())
def test_printable_text_is_never_changed(text: str) -> None:
    printable = "".join(character for character in text if character.isprintable())

    assert escaped(printable) == printable
