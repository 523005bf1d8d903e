"""The tags of a plainly written HTML page, found by a pattern: a tenth of the time that a full parser takes.

It answers only where every tag of the page is written in the plainest way, and then what ``html.parser``
would answer; a property test holds it to that. For all else it says ``None``, and the full parser decides.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Tag = tuple[str, dict[str, str | None]]

__all__ = ["plain_tags"]

_ATTRIBUTE = r'[a-zA-Z][-a-zA-Z0-9_:.]*(?:="[^"]*")?'
_START = re.compile(rf"([a-zA-Z][a-zA-Z0-9]*)((?:[ \t\r\n\f]+{_ATTRIBUTE})*)[ \t\r\n\f]*/?")
_ATTRIBUTES = re.compile(r'([a-zA-Z][-a-zA-Z0-9_:.]*)(?:="([^"]*)")?')
_END = re.compile(r"/[a-zA-Z][a-zA-Z0-9]*[ \t\r\n\f]*")
_DOCTYPE = re.compile(r"!(?:DOCTYPE|doctype) html")
_REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|#[0-9]{1,4});")
_WANTED = frozenset(("a", "base", "meta"))
_OPAQUE = frozenset((
    "script", "style", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext", "svg",
    "math",
))  # fmt: skip
"""Elements whose content is, for some reader of HTML, no tags."""


def plain_tags(text: str) -> list[Tag] | None:
    """Return each ``a``, ``base`` and ``meta`` start tag with attributes; of equal names the first.

    Names are in lower case, values with character references put in; a value that is not there is ``None``.
    """
    if "\0" in text:
        return None
    tags: list[Tag] = []
    known: dict[str, str | None] = {}
    pieces = iter(text.split("<"))
    next(pieces)
    for piece in pieces:
        if piece.startswith("/a>"):
            continue
        head, end, _ = piece.partition(">")
        start = _START.fullmatch(head) if end else None
        if start is None:
            if end and (_END.fullmatch(head) or _DOCTYPE.fullmatch(head)):
                continue
            return None
        name = start[1].lower()
        if name in _WANTED:
            attributes = _attributes(start[2], known)
            if attributes is None:
                return None
            tags.append((name, attributes))
        elif name in _OPAQUE or (name == "title" and not _is_closed(pieces)):
            return None
    return tags


def _is_closed(pieces: Iterator[str]) -> bool:
    """Tell whether the next tag closes the title."""
    return next(pieces, "").lower().startswith("/title>")


def _attributes(text: str, known: dict[str, str | None]) -> dict[str, str | None] | None:
    """Return the attributes in *text*, ``None`` for what is not plain; *known* are values met before."""
    found: dict[str, str | None] = {}
    for match in _ATTRIBUTES.finditer(text):
        name, value = match.groups()
        if value is not None and "&" in value:
            if value not in known:
                known[value] = _without_references(value)
            value = known[value]
            if value is None:
                return None
        found.setdefault(name.lower(), value)
    return found


def _without_references(value: str) -> str | None:
    """Return *value* with its character references put in, ``None`` where one is of an unusual form."""
    if "&" in _REFERENCE.sub("", value):
        return None
    from html import unescape

    return unescape(value)
