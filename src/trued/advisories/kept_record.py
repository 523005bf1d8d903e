"""A record of the local database that is read as far as it is asked for.

An audit counts, rates and ignores by what stands in the database's columns; the text of the record is
inflated and parsed when something else of it is wanted: its summary, its links.
"""

from __future__ import annotations

from trued.advisories.damage import reading
from trued.advisories.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KeptRecord", "unpack"]

_AT_HAND = ("id", "modified", "withdrawn", "aliases", "is_malware")
_IN_THE_TEXT = frozenset(Record.__slots__).difference(_AT_HAND)


class KeptRecord(Record):
    """A :class:`Record` whose other fields are read from *body* (a raw deflate stream) at the first need.

    Then it raises :class:`OperationalError` (TRU801) when the text cannot be read. *path* is the database.
    """

    __slots__ = ("_body", "_path")

    _body: bytes
    _path: str

    def __init__(
        self,
        identifier: str,
        *,
        modified: str,
        withdrawn: str,
        aliases: Iterable[str],
        is_malware: bool,
        body: bytes,
        path: str,
    ) -> None:
        fill = object.__setattr__  # the class is frozen
        fill(self, "id", identifier)
        fill(self, "modified", modified)
        fill(self, "withdrawn", withdrawn)
        fill(self, "aliases", tuple(aliases))
        fill(self, "is_malware", is_malware)
        fill(self, "_body", body)
        fill(self, "_path", path)

    def __getattr__(self, name: str) -> object:
        """Read the text: Python asks here for a field that was never set."""
        if name not in _IN_THE_TEXT:
            raise AttributeError(name)
        from trued.advisories.document import parse_record

        with reading(self._path):
            whole = parse_record(unpack(self._body))
        for field in _IN_THE_TEXT:
            object.__setattr__(self, field, getattr(whole, field))
        return getattr(whole, name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in Record.__slots__)

    __hash__ = Record.__hash__


def unpack(body: bytes) -> bytes:
    """Return the text of a raw deflate stream."""
    import zlib

    return zlib.decompress(body, -zlib.MAX_WBITS)
