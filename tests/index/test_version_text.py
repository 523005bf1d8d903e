"""Versions compared as text: always the same answer as the version specification's own parser."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from trued.index.version_text import satisfies_pin

VERSIONS = st.from_regex(
    r"v?([0-9]!)?[0-9]{1,2}(\.[0-9]{1,2}){0,3}([-_.]?(a|b|rc|alpha|c)[-_.]?[0-9]?)?([-.]?(post|r)[0-9]|-[0-9])?"
    r"(\.?dev[0-9])?(\+[a-z0-9]{1,3}([-_.][a-z0-9]{1,2})?)?",
    fullmatch=True,
).filter(str.isascii)


@given(VERSIONS, VERSIONS)
@example("1.0", "1")
@example("1.0.0", "1.0")
@example("01.0", "1.0")
@example("v1.0", "1.0")
@example("0!1.0", "1.0")
@example("1.0-1", "1.0.post1")
@example("1.0-1", "1.0")
@example("1.0+cpu", "1.0")
@example("1.0", "1.0+cpu")
@example("1.0+cpu", "1.0+CPU")
@example("1.0RC1", "1.0c1")
def test_text_answers_as_the_specification_does(candidate: str, pinned: str) -> None:
    expected = SpecifierSet(f"=={pinned}", prereleases=True).contains(candidate)

    assert satisfies_pin(candidate, pinned) is expected


@given(VERSIONS)
def test_a_version_satisfies_itself(version: str) -> None:
    assert satisfies_pin(version, version)


@pytest.mark.parametrize("text", ["", "latest", "1.0.x", "²", "1..0"])
def test_what_is_no_version_is_only_itself(text: str) -> None:
    assert satisfies_pin(text, text)
    assert not satisfies_pin(text, "1.0")
    assert not satisfies_pin("1.0", text)
