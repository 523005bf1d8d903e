"""The extra fields of a ZIP header: ZIP64 sizes and the Unicode path (APPNOTE 4.5.3, 4.6.9).

Parsers disagree on when a ZIP64 field counts. It is accepted only where exactly the values that the header
leaves open (``0xFFFFFFFF``) are in it, so that the parser that always reads it and the one that reads it on
demand see the same.
"""

from __future__ import annotations

import zlib

from trued.core.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.wheel.faults import Faults

__all__ = ["FULL", "ExtraFields", "read_extra_fields"]

FULL = 0xFFFFFFFF
"""The value of a 32-bit field whose true value stands in the ZIP64 extra field."""

_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075


class ExtraFields(NamedTuple):
    """What trued reads from extra fields: ``wide``, the ZIP64 values as they stand, or ``None``."""

    wide: tuple[int, ...] | None = None


def read_extra_fields(block: bytes, *, name: bytes, path: str, faults: Faults) -> ExtraFields:
    """Read the extra fields of the header of *path*; a malformed or repeated one is a fault."""
    fields = _split(block)
    if fields is None:
        faults.add("TRU216", path=path)
        return ExtraFields()
    unicode_path = fields.get(_UNICODE_PATH)
    if unicode_path is not None and unicode_path != _unicode_path_of(name):
        faults.add("TRU217", path=path)
    wide = fields.get(_ZIP64)
    if wide is None:
        return ExtraFields()
    if len(wide) % 8:
        faults.add("TRU216", path=path)
        return ExtraFields()
    return ExtraFields(tuple(int.from_bytes(wide[at : at + 8], "little") for at in range(0, len(wide), 8)))


def _split(block: bytes) -> dict[int, bytes] | None:
    fields: dict[int, bytes] = {}
    position = 0
    while position < len(block):
        identifier = int.from_bytes(block[position : position + 2], "little")
        size = int.from_bytes(block[position + 2 : position + 4], "little")
        position += 4 + size
        if position > len(block) or (identifier in fields and identifier in (_ZIP64, _UNICODE_PATH)):
            return None
        fields[identifier] = block[position - size : position]
    return fields


def _unicode_path_of(name: bytes) -> bytes:
    """Return the only Unicode path field that says what the header's own name says."""
    return b"\x01" + zlib.crc32(name).to_bytes(4, "little") + name
