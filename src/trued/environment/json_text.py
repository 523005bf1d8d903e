"""JSON text of plain values, without the ``json`` module: importing that costs more than a small install."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]

__all__ = ["json_text"]

_ESCAPES = {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    **{code: f"\\u{code:04x}" for code in range(0x20)},
    0x7F: "\\u007f",
}


def json_text(value: Value) -> str:
    """Return *value* as JSON (RFC 8259) in ASCII, keys in the order given, two spaces an indent."""
    return _text(value, "\n") + "\n"


def _text(value: Value, margin: str) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    deeper = margin + "  "
    if isinstance(value, dict):
        items = [f"{_quoted(key)}: {_text(item, deeper)}" for key, item in value.items()]
        opening, closing = "{", "}"
    elif isinstance(value, (list, tuple)):
        items = [_text(item, deeper) for item in value]
        opening, closing = "[", "]"
    else:
        raise TypeError(type(value).__name__)
    if not items:
        return opening + closing
    return opening + deeper + ("," + deeper).join(items) + margin + closing


def _quoted(text: str) -> str:
    if text.isascii():
        if text.isprintable() and '"' not in text and "\\" not in text:
            return f'"{text}"'
        return f'"{text.translate(_ESCAPES)}"'
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x80:
        return _ESCAPES.get(code, character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
