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
_FIRST = re.compile(r"a ([a-z][-a-z]*)=")
_FURTHER = re.compile(r" ([a-z][-a-z]*)=")
_SKIPPED = ("/a>", "br/>", "br />", "br>")
"""How nearly all of a page is written."""

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
    shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
    pieces = iter(text.split("<"))
    next(pieces)
    for piece in pieces:
        if piece.startswith(_SKIPPED):
            continue
        head, end, _ = piece.partition(">")
        usual = _usual(head, shapes, known) if end else None
        if usual is not None:
            tags.append(("a", usual))
            continue
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


def _usual(
    head: str, shapes: dict[tuple[str, ...], tuple[str, ...]], known: dict[str, str | None]
) -> dict[str, str | None] | None:
    """Return the attributes of an anchor written as nearly all are, ``None`` for any other tag.

    What stands between the values, its *shape*, repeats from anchor to anchor, and is looked at once each.
    """
    parts = head.split('"')
    if len(parts) % 2 == 0 or parts[-1] not in ("", " "):
        return None
    shape = tuple(parts[:-1:2])
    names = shapes.get(shape)
    if names is None:
        names = shapes[shape] = _names(shape)
    if not names:
        return None
    values = parts[1::2]
    found: dict[str, str | None] = dict(zip(names, values, strict=True))
    if "&" in head:
        for name, value in zip(names, values, strict=True):
            if "&" in value:
                if value not in known:
                    known[value] = _without_references(value)
                if known[value] is None:
                    return None
                found[name] = known[value]
    return found


def _names(shape: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of attributes between whose values *shape* stands; none where it is not plain."""
    matches = [(_FURTHER if at else _FIRST).fullmatch(part) for at, part in enumerate(shape)]
    names = tuple([match[1] for match in matches if match is not None])
    return names if len(set(names)) == len(shape) else ()


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
