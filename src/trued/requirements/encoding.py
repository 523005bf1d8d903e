"""From the bytes of a requirements file to its text, by pip's order: byte order mark, PEP 263 line, UTF-8.

pip's last resort, the encoding of the machine's locale, is left out: one file would read differently on two
machines. Encodings whose ASCII bytes spell other characters are refused, because such a file does not say
what an editor shows.
"""

from __future__ import annotations

import codecs
import re

__all__ = ["UndecodableText", "decode", "encode"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
"""The mark of UTF-32-LE begins with that of UTF-16-LE, so the longer ones come first."""

_DECLARATION = re.compile(rb"coding[:=]\s*([-\w.]+)")
_DISGUISES = frozenset(
    ("utf-7", "unicode-escape", "unicode_escape", "raw-unicode-escape", "punycode", "idna")
)


class UndecodableText(ValueError):
    """The bytes are no text in ``encoding``; ``reason`` says why."""

    def __init__(self, encoding: str, reason: str) -> None:
        super().__init__(f"{encoding}: {reason}")
        self.encoding = encoding
        self.reason = reason


def decode(data: bytes) -> str:
    """Return the text of *data*, without its byte order mark. Raises :class:`UndecodableText`."""
    mark, encoding = _encoding_of(data)
    try:
        return data[len(mark) :].decode(encoding)
    except LookupError as error:
        raise UndecodableText(encoding, "it is no encoding of text") from error
    except UnicodeDecodeError as error:
        raise UndecodableText(encoding, f"byte {error.start} does not belong there") from error


def encode(text: str, *, like: bytes) -> bytes:
    """Return *text* with the byte order mark and the encoding of *like*. Raises :class:`UndecodableText`."""
    mark, encoding = _encoding_of(like)
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError as error:
        raise UndecodableText(encoding, f"character {error.start} cannot be written") from error


def _encoding_of(data: bytes) -> tuple[bytes, str]:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return mark, encoding
    for line in data.split(b"\n", 2)[:2]:
        match = _DECLARATION.search(line) if line.startswith(b"#") else None
        if match is not None:
            return b"", _checked(match.group(1).decode("ascii", "replace"))
    return b"", "utf-8"


def _checked(encoding: str) -> str:
    try:
        information = codecs.lookup(encoding)
    except LookupError as error:
        raise UndecodableText(encoding, "no such encoding") from error
    if information.name in _DISGUISES:
        raise UndecodableText(encoding, "its text is not what an editor shows")
    return encoding
