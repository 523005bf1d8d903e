"""Simple API pages in HTML (PEP 503, 592, 629, 658, 714, 740, 792), read into the shape of the JSON form.

One reader for both forms follows from this: an anchor becomes what PEP 691 would have said of the file.
"""

from __future__ import annotations

from trued.core.record import dataclass, field
from trued.index.html_tags import plain_tags
from trued.index.url import InvalidUrl, digests_in_fragment, is_file_url, join, name_in_url

__all__ = ["HtmlPage", "parsed_tags", "read_html"]

_WHITESPACE = " \t\r\n\f"


@dataclass(slots=True, kw_only=True)
class HtmlPage:
    """What a page says: its base address, ``meta`` values by name, and one PEP 691 entry an anchor."""

    base: str
    meta: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, object]] = field(default_factory=list)


def read_html(text: str, *, url: str) -> HtmlPage:
    """Read the anchors of a page fetched from *url*. Raises :class:`trued.index.url.InvalidUrl` for its base.

    Real pages are not always well formed: unclosed tags, text between anchors and anchors without address are
    passed over, as PEP 503 clients do.
    """
    builder = _Builder(url)
    tags = plain_tags(text)
    for tag, attributes in parsed_tags(text) if tags is None else tags:
        builder.take(tag, attributes)
    return builder.page


def parsed_tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return every start tag with its attributes, as ``html.parser`` finds them."""
    from html.parser import HTMLParser

    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(reversed(attrs))))

    reader = Reader(convert_charrefs=True)
    reader.feed(text)
    reader.close()
    return tags


class _Builder:
    """Makes a page of start tags."""

    def __init__(self, url: str) -> None:
        self.page = HtmlPage(base=url)
        self._base_seen = False

    def take(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "a":
            self._anchor(attributes)
        elif tag == "meta":
            self._meta(attributes)
        elif tag == "base" and not self._base_seen:
            self._base(attributes)

    def _base(self, attributes: dict[str, str | None]) -> None:
        reference = attributes.get("href")
        if reference:
            self._base_seen = True
            base = join(self.page.base, reference.strip(_WHITESPACE))
            if is_file_url(base) and not is_file_url(self.page.base):
                raise InvalidUrl("its addresses start at a file of this machine")
            self.page.base = base

    def _meta(self, attributes: dict[str, str | None]) -> None:
        name, content = attributes.get("name"), attributes.get("content")
        if name and content:
            self.page.meta.setdefault(name.lower(), content.strip(_WHITESPACE))

    def _anchor(self, attributes: dict[str, str | None]) -> None:
        reference = (attributes.get("href") or "").strip(_WHITESPACE)
        if not reference or reference.startswith("#"):
            return
        address, _, fragment = reference.partition("#")
        entry: dict[str, object] = {
            "filename": name_in_url(address),
            "url": address,
            "hashes": digests_in_fragment(fragment),
        }
        if "data-requires-python" in attributes:
            entry["requires-python"] = attributes["data-requires-python"]
        if "data-yanked" in attributes:
            entry["yanked"] = attributes["data-yanked"] or True
        for key in ("core-metadata", "dist-info-metadata"):
            if f"data-{key}" in attributes:
                entry[key] = _metadata(attributes[f"data-{key}"])
        if attributes.get("data-provenance"):
            entry["provenance"] = attributes["data-provenance"]
        self.page.entries.append(entry)


def _metadata(value: str | None) -> object:
    """Return the PEP 691 form of a ``data-core-metadata`` value: ``true`` or one ``algorithm=hex``."""
    stated = digests_in_fragment(value or "")
    return stated or (value or "").lower() == "true"
