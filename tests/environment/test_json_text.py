"""JSON made by hand reads back as what it was made from."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trued.environment.json_text import json_text

texts = st.text(st.characters(codec=None, exclude_categories=()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_reading_gives_what_was_written(value: object) -> None:
    assert json.loads(json_text(value)) == value  # type: ignore[arg-type]  # generated to fit


@given(values)
def test_the_text_is_ascii_on_lines_without_control_characters(value: object) -> None:
    text = json_text(value)  # type: ignore[arg-type]  # generated to fit

    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError):
        json_text({"a": 1.5})  # type: ignore[dict-item]  # on purpose
