"""Addresses of files on a page: joined as RFC 3986 says, plain ones without the standard library's help."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trued.index.url import InvalidUrl, join

BASE = "https://example.org/simple/demo/"


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        ("demo-1.0.whl", "https://example.org/simple/demo/demo-1.0.whl"),
        ("./demo-1.0.whl", "https://example.org/simple/demo/demo-1.0.whl"),
        ("../../files/demo-1.0.whl", "https://example.org/files/demo-1.0.whl"),
        ("/files/demo-1.0.whl", "https://example.org/files/demo-1.0.whl"),
        ("../../../../files/demo-1.0.whl", "https://example.org/files/demo-1.0.whl"),
        ("//files.example.org/demo-1.0.whl", "https://files.example.org/demo-1.0.whl"),
        ("http://example.org/demo-1.0.whl", "http://example.org/demo-1.0.whl"),
    ],
)
def test_a_reference_is_joined_with_the_address_of_its_page(reference: str, joined: str) -> None:
    assert join(BASE, reference) == joined


PARTS = st.sampled_from(
    ("a", "B.whl", "..", ".", "", "/", "/", "/", "?x", "#f", ";p", "%2e", ":", "@", "é", " ", "\\", "http:")
)
REFERENCES = st.lists(PARTS, max_size=8).map("".join)
BASES = st.builds(
    "{}{}/{}".format,
    st.sampled_from(("http://", "https://", "HTTP://", "file://", "//")),
    st.sampled_from(("example.org", "Example.org", "127.0.0.1:80", "[::1]", "u:p@example.org", "")),
    REFERENCES,
)


@given(BASES, REFERENCES)
@example("https://example.org/a/../b/", "x")
@example("https://example.org//a/", "../x")
@example("https://example.org", "x")
@example("https://example.org/a/", "..")
def test_it_is_joined_as_the_standard_library_joins_it(base: str, reference: str) -> None:
    if reference.startswith(("http://", "https://")):
        return  # absolute: nothing is joined
    try:
        expected = urljoin(base, reference)
    except ValueError:
        with pytest.raises(InvalidUrl):
            join(base, reference)
        return

    assert join(base, reference) == expected


def test_a_plain_reference_needs_no_library() -> None:
    code = f"import sys; from trued.index.url import join; join({BASE!r}, '../../files/d.whl')"
    code += "; print('urllib.parse' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
