"""Texts of others that become part of a policy."""

from __future__ import annotations

import tomllib

from hypothesis import example, given
from hypothesis import strategies as st

from trued.operations.policy_template import toml_text


@example('https://example.org/"\nlevel = "permissive')
@example("\x7f")
@example("\N{GRINNING FACE}")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_stays_one_text_whatever_it_holds(text: str) -> None:
    assert tomllib.loads(f"key = {toml_text(text)}\n") == {"key": text}
