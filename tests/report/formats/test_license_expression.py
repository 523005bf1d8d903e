"""Which texts of METADATA are licence expressions."""

from __future__ import annotations

import pytest

from trued.report.formats.license_expression import valid_expression


def test_an_expression_is_told_in_its_one_form() -> None:
    assert valid_expression("mit OR apache-2.0") == "MIT OR Apache-2.0"


@pytest.mark.parametrize("text", ["", "The MIT License", "MIT\0", "MIT AND"])
def test_what_is_no_expression_is_none(text: str) -> None:
    assert valid_expression(text) == ""


@pytest.mark.parametrize("depth", [300, 900, 3000])
def test_parentheses_in_each_other_without_end_break_nothing(depth: int) -> None:
    """The attack: the parser compiles the text as Python, whose parser gives up with a MemoryError."""
    assert valid_expression("MIT AND (" * depth + "MIT" + ")" * depth) == ""
