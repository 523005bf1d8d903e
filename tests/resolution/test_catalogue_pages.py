"""Pages as they are kept: HTML in its JSON form says the same, and is read without an HTML parser."""

from __future__ import annotations

from pathlib import Path

import pytest

from trued.core.names import ProjectName
from trued.index.page import parse_page
from trued.index.page_cache import CachedPage
from trued.index.project_page import ProjectPage
from trued.resolution.kept_pages import KeptPages, TranscribedPages

DEMO = ProjectName("demo")
URL = "https://example.org/simple/demo/"
DIGEST = "a1" * 32
HTML = f"""<!DOCTYPE html><html><head><base href="../files/">
<meta name="pypi:repository-version" content="1.4">
<meta name="pypi:project-status" content="archived"><meta name="pypi:project-status-reason" content="done">
</head><body>
<a href="demo-1.0-py3-none-any.whl#sha256={DIGEST}" data-requires-python="&gt;=3.9"
   data-core-metadata="sha256={DIGEST}" data-yanked="">demo-1.0-py3-none-any.whl</a>
<a href="https://elsewhere.example.org/demo-2.0.tar.gz" data-yanked="why not: &eacute;">demo-2.0.tar.gz</a>
</body></html>"""


def page(body: bytes = HTML.encode(), content_type: str = "text/html; charset=UTF-8") -> CachedPage:
    return CachedPage(
        url=URL,
        content_type=content_type,
        etag='"1"',
        last_modified="",
        fetched=1000.0,
        fresh_seconds=600.0,
        private=False,
        body=body,
        sent="as the server sent it",
    )


def kept(folder: Path, given: CachedPage) -> CachedPage:
    TranscribedPages(str(folder), now=lambda: 1000.0).keep("key", given)
    found = TranscribedPages(str(folder), now=lambda: 1000.0).load("key")
    assert found is not None
    return found


def parsed(given: CachedPage) -> ProjectPage:
    return parse_page(
        given.body, content_type=given.content_type, url=given.url, project=DEMO, index="https://example.org/"
    )


def test_a_page_of_html_says_the_same_once_it_is_kept(tmp_path: Path) -> None:
    found = kept(tmp_path, page())

    assert found.content_type.endswith("+json")
    assert parsed(found).files == parsed(page()).files
    assert len(parsed(found).files) == 2
    assert (parsed(found).status, parsed(found).status_reason) == ("archived", "done")
    assert parsed(found).notes == parsed(page()).notes


def test_its_validators_and_times_stay(tmp_path: Path) -> None:
    found = kept(tmp_path, page())

    assert (found.etag, found.fetched, found.fresh_seconds) == ('"1"', 1000.0, 600.0)


@pytest.mark.parametrize("content_type", ["text/html; charset=latin-1", "application/json", "text/plain"])
def test_what_is_no_html_in_utf_8_is_kept_as_it_came(tmp_path: Path, content_type: str) -> None:
    given = page(b"{}", content_type)

    assert kept(tmp_path, given) == given


def test_without_network_a_page_is_never_too_old_unless_it_is_private(tmp_path: Path) -> None:
    from dataclasses import replace

    pages = KeptPages(str(tmp_path), now=lambda: 9e9)
    pages.keep("open", page())
    pages.keep("private", replace(page(), private=True))
    kept_open, kept_private = pages.load("open"), pages.load("private")

    assert kept_open is not None
    assert kept_private is not None
    assert kept_open.is_fresh(9e9)
    assert not kept_private.is_fresh(9e9)
