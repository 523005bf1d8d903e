"""Foreign text in each format: nothing of it is read as syntax."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from trued.report.formats.quoting import (
    command_data,
    command_property,
    limited,
    markdown,
    one_line,
    paragraphs,
    sarif_message,
    web_address,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
SYNTAX = st.text("<>[]()*_`~|!@#\\&:-+=.1 \n\r\twx/h", max_size=40)
HTML = MarkdownIt("gfm-like", {"html": True, "linkify": False})
"""CommonMark with tables and strikethrough; what it makes of plain words is a paragraph of them."""


@given(TEXT)
def test_one_line_has_no_line_end_and_nothing_that_a_terminal_acts_on(text: str) -> None:
    assert one_line(text).isprintable()


@given(TEXT)
def test_paragraphs_keep_line_ends_and_nothing_else_that_a_terminal_acts_on(text: str) -> None:
    assert all(line.isprintable() for line in paragraphs(text).split("\n"))


@given(SYNTAX | TEXT)
def test_in_markdown_foreign_text_is_one_paragraph_of_words(text: str) -> None:
    rendered = HTML.render(markdown(text))

    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<p>", "</p>"}


@given(SYNTAX)
def test_in_markdown_nothing_is_lost_but_white_space(text: str) -> None:
    from html import unescape

    rendered = unescape(re.sub(r"</?p>", "", HTML.render(markdown(text)))).replace("\u2060", "")

    assert rendered.strip() == one_line(text)


@pytest.mark.parametrize(
    ("text", "attack"),
    [
        ("a | b", "a cell more in the table"),
        ("@everyone", "a mention that notifies people"),
        ("see #123 or !45", "a reference that writes into another issue"),
        ("![x](https://example.org/pixel)", "an image that tells who reads the report"),
        ("<script>", "a tag"),
        ("https://example.org", "a link that is made of bare text"),
        ("www.example.org", "the same without a scheme"),
        ("a\n\n# Approved", "a heading on a new line"),
        ("&lt;", "a character reference"),
    ],
)
def test_markdown_breaks(text: str, attack: str) -> None:
    quoted = markdown(text)

    assert not set("|@<>[]`#!&\n") & set(re.sub(r"&#\d+;", "", quoted))
    assert "://" not in quoted
    assert "www." not in quoted


@given(TEXT)
def test_a_github_message_is_one_line(text: str) -> None:
    assert not set(command_data(text)) & set("\r\n")


@given(TEXT)
def test_a_github_property_ends_neither_itself_nor_the_command(text: str) -> None:
    assert not set(command_property(text)) & set("\r\n:,")


def test_a_github_message_cannot_smuggle_what_is_decoded_later() -> None:
    assert command_data("%0A::error::x") == "%250A::error::x"


def test_a_sarif_message_has_neither_links_nor_places() -> None:
    assert sarif_message("[all is well](1) {0} \\[") == "\\[all is well\\](1) {{0}} \\\\\\["


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/\u202e",
        'https://example.org/"onclick=',
        "https://example.org/>",
        "https:///nowhere",
        "",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_not_linked(address: str) -> None:
    assert web_address(address) == ""


def test_an_address_of_the_web_is_linked_as_it_is() -> None:
    assert web_address("https://example.org/a?b=%20#c") == "https://example.org/a?b=%20#c"


def test_a_long_text_is_cut_and_the_cut_is_shown() -> None:
    assert limited("abcdefgh", 6) == "abcd …"
    assert limited("abcdef", 6) == "abcdef"
