"""Pages and addresses against whatever bytes may come: never another error than their own."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from trued.core.distribution import Distribution
from trued.core.errors import OperationalError
from trued.core.names import ProjectName
from trued.index.entry import Source, read_entry
from trued.index.filename import is_safe_filename, version_in_filename
from trued.index.html_page import parsed_tags
from trued.index.html_tags import plain_tags
from trued.index.page import parse_page
from trued.index.url import InvalidUrl, is_file_url, join, origin_of, sendable

DEMO = ProjectName("demo")
TYPES = st.sampled_from(["text/html", "application/vnd.pypi.simple.v1+json", "text/html; charset=utf-16"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KEYS = ("filename", "url", "hashes", "size", "yanked", "core-metadata", "provenance", "requires-python")
ENTRIES = st.dictionaries(
    st.sampled_from(KEYS), JSON | st.just("demo-1.0.tar.gz") | st.dictionaries(st.just("sha256"), st.text())
)


def read(body: bytes, content_type: str) -> None:
    try:
        page = parse_page(
            body, content_type=content_type, url="https://a.example.org/demo/", project=DEMO, index="a"
        )
    except OperationalError:
        return
    for file in page.files:
        assert is_safe_filename(file.filename)
        assert file.url.startswith(("https://", "http://"))


@given(st.binary(), TYPES)
def test_any_bytes_are_a_page_or_refused(body: bytes, content_type: str) -> None:
    read(body, content_type)


@given(st.text(alphabet="<>/a=\"'hrefdata-yanked! [x]&#;:.whl%demo-1"))
@example("<![if")
@example("<a href='http://[' >")
def test_anything_like_html_is_a_page_or_refused(body: str) -> None:
    read(body.encode(), "text/html")


@given(st.lists(ENTRIES, max_size=4))
def test_any_entries_are_files_or_findings(entries: list[dict[str, object]]) -> None:
    read(json.dumps({"files": entries}).encode(), "application/vnd.pypi.simple.v1+json")


@given(st.text())
@example("https://a.example.org/é")
@example("https://ab-.example.org/")
def test_what_is_sent_names_the_host_that_was_judged(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example.org/{text}"):
        try:
            sent = sendable(url)
        except InvalidUrl:
            continue
        assert origin_of(sent) == origin_of(url)
        assert sendable(sent) == sent
        assert sent.isascii()
        assert sent.isprintable()


@given(st.text(), st.text())
def test_a_safe_name_is_one_name(before: str, after: str) -> None:
    for name in (f"{before}/{after}", f"{before}\\{after}", f"{before}\0{after}", f"{before}:{after}"):
        assert not is_safe_filename(name)


@given(st.from_regex(r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?", fullmatch=True))
def test_the_version_of_a_name_is_the_one_written(version: str) -> None:
    assert version_in_filename(f"demo-{version}-py3-none-any.whl", DEMO) == version
    assert version_in_filename(f"demo-{version}.tar.gz", DEMO) == version


@given(
    before=st.text("ab./-:@%?#; é\\", max_size=6),
    reference=st.one_of(
        st.text("ab./-:@%?#; é\\", max_size=12),
        st.builds(
            "{}://{}/{}".format,
            st.sampled_from(["http", "https", "HTTP", "file"]),
            st.text("ab.:@[]", max_size=6),
            st.text("ab./-%?#; é", max_size=8),
        ),
    ),
    base=st.sampled_from(["https://example.org/simple/demo/", "https://example.org", "file:///tmp/index/"]),
)
@example(before="", reference="//-", base="https://example.org/simple/demo/")  # the last part is the host
def test_an_address_that_is_made_absolute_by_its_beginning_is_the_joined_one(
    before: str, reference: str, base: str
) -> None:
    """The short way through an address may say nothing, and never anything else."""
    source = Source(url=base, index="", entries=())

    def read(text: str) -> str | None:
        found = read_entry({"filename": "a-1.tar.gz", "url": text}, source=source, project=ProjectName("a"))
        return found.url if isinstance(found, Distribution) else None

    def joined(text: str) -> str | None:
        try:
            whole = join(base, text).partition("#")[0]
            if is_file_url(whole):
                return whole if is_file_url(base) else None
            return sendable(whole)
        except InvalidUrl:
            return None

    texts = (before, reference, reference)
    assert [read(text) for text in texts] == [joined(text) for text in texts]


NAMES = st.sampled_from(["a", "A", "br", "base", "meta", "title", "script", "p"])
VALUES = st.text("ab/#=. '<>&;\n", max_size=5) | st.sampled_from(
    ["&gt;=3", "&lt;4", "&amp;amp", "&#62;", "&notin"]
)
WRITTEN = st.builds(
    "{}{}{}".format,
    st.sampled_from([" ", "\n", "", "  "]),
    st.sampled_from(["href", "HREF", "data-yanked", "rel", "data-requires-python"]),
    st.builds('="{}"'.format, VALUES) | st.builds("={}".format, VALUES) | st.just(""),
)
TAGS = st.builds(
    "<{}{}{}>{}".format,
    NAMES,
    st.lists(WRITTEN, max_size=3).map("".join),
    st.sampled_from(["", " ", "/", " /"]),
    st.text("ab <>&-!", max_size=4),
)
PIECES = TAGS | st.sampled_from(
    ["</a>", "</A >", "</title>", "<!-- <a href=x> -->", "<!DOCTYPE html>", "<", "<!x>"]
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example('<a href="demo-1.0.tar.gz" data-requires-python="&gt;=3.8">demo-1.0.tar.gz</a><br/>')
@example("<title><a href='x'></title>")
@example('<a href="a>b">')
def test_the_tags_of_a_plain_page_are_those_that_a_parser_finds(text: str) -> None:
    """The quick reader may say nothing, and never anything else than ``html.parser``."""
    quick = plain_tags(text)

    if quick is not None:
        assert quick == [tag for tag in parsed_tags(text) if tag[0] in ("a", "base", "meta")]


def test_a_page_as_indexes_write_it_is_read_quickly() -> None:
    line = (
        '<a href="../../packages/demo-1.0.tar.gz#sha256=00" data-requires-python="&gt;=3.8" >demo</a><br />'
    )
    head = '<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>Links</title></head>'

    assert plain_tags(f"{head}\n<body>\n{line}\n</body></html>") is not None
