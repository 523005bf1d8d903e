"""Keys sort exactly as PEP 440 orders versions; ``packaging`` is the oracle."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from trued.advisories.version_key import version_key

NUMBERS = st.integers(0, 30).map(str) | st.sampled_from(("00", "007", "20241010", "1" * 40))
PRE = ("a", "alpha", "b", "beta", "c", "rc", "pre", "preview", "RC")
SEGMENTS = st.lists(st.sampled_from(("1", "2", "10", "ubuntu", "cu117", "A", "0")), min_size=1, max_size=3)
SEPARATORS = st.sampled_from(("", ".", "-", "_"))


@st.composite
def versions(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(("", "", "", "v", "1!", "0!")))]
    parts.append(".".join(draw(st.lists(NUMBERS, min_size=1, max_size=4))))
    for words in (PRE, ("post", "rev", "r"), ("dev", "DEV")):
        if draw(st.booleans()):
            parts.append(draw(SEPARATORS) + draw(st.sampled_from(words)) + draw(SEPARATORS | st.just("")))
            parts.append(draw(NUMBERS | st.just("")))
    if draw(st.sampled_from((True, False, False))):
        parts.append("+" + draw(st.sampled_from("._-")).join(draw(SEGMENTS)))
    return "".join(parts)


def parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@given(first=versions(), second=versions())
def test_two_keys_compare_as_their_versions_do(first: str, second: str) -> None:
    one, two = parsed(first), parsed(second)
    if one is None or two is None:
        return
    key_one, key_two = version_key(first), version_key(second)

    assert key_one is not None
    assert key_two is not None
    assert (key_one < key_two, key_one == key_two) == (one < two, one == two)


@given(text=versions() | st.text(alphabet="0123456789.!+-_ abcdefghijklmnopqrstuvwxyzAR\n\t", max_size=14))
def test_a_text_has_a_key_exactly_when_it_is_a_version(text: str) -> None:
    assert (version_key(text) is None) == (parsed(text) is None)


def test_every_version_of_the_real_database_sorts_as_packaging_sorts_it(
    real_documents: dict[str, dict[str, Any]],
) -> None:
    entries = [entry for document in real_documents.values() for entry in document["affected"]]
    named = {version for entry in entries for version in entry.get("versions", ())}
    known = [(version, key, text) for text in named for version, key in [(parsed(text), version_key(text))]]

    assert [text for version, key, text in known if (version is None) != (key is None)] == []
    ordered = sorted((version, key) for version, key, _ in known if version is not None and key is not None)
    assert len(ordered) > 10_000
    keys = [key for _, key in ordered]
    assert keys == sorted(keys)
    assert len({version for version, _ in ordered}) == len(set(keys))


@pytest.mark.parametrize(
    "text", ["", "not-a-version", "0.7.10p1", "0.7.1.fix1", "1.0+", "1..0", "1\x00", "٣.1"]
)
def test_what_is_no_version_has_no_key(text: str) -> None:
    assert version_key(text) is None


def test_a_version_of_a_million_digits_is_compared_without_making_a_number_of_it() -> None:
    """The attack: turning such a text into an integer takes seconds, or is an error of the interpreter."""
    huge = "9" * 1_000_000
    smaller, larger = version_key(huge[:-1]), version_key("1." + huge)

    assert smaller is not None
    assert larger is not None
    assert larger < smaller
    assert version_key(huge) == version_key("000" + huge)


@pytest.mark.parametrize("digits", [89, 90, 91, 92, 93, 200])
def test_numbers_of_any_length_keep_their_order(digits: int) -> None:
    keys = [version_key("9" * (digits - 1)), version_key("1" + "0" * (digits - 1)), version_key("9" * digits)]

    assert None not in keys
    assert keys == sorted(keys, key=str)


@given(text=versions())
def test_a_key_is_one_word_of_one_line(text: str) -> None:
    key = version_key(text)

    assert key is None or (key.isprintable() and " " not in key)
