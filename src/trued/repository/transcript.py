"""The transcript of a ceremony: what was done when, each entry bound to the one before it by its sha256."""

from __future__ import annotations

import hashlib
import os

from trued.core.whole_file import write_whole
from trued.repository.faults import refused
from trued.repository.file_content import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["FILE", "Transcript"]

FILE = "transcript.jsonl"
_NONE_BEFORE = "0" * 64


class Transcript:
    """The entries of one ceremony folder, one JSON object a line.

    Whoever has a line's sha256 from a printed copy has everything before it: a line that is changed, left out
    or put in breaks the chain.
    """

    __slots__ = ("_path",)

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, FILE)

    def add(self, event: str, *, now: datetime, **told: object) -> None:
        """Put an entry at the end."""
        from trued.repository.canonical import canonical

        data = read_if_there(self._path) or b""
        lines = data.splitlines()
        before = hashlib.sha256(lines[-1]).hexdigest() if lines else _NONE_BEFORE
        entry = {"event": event, "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "before": before, **told}
        write_whole(self._path, data + canonical(entry) + b"\n")

    def entries(self) -> list[Mapping[str, object]]:
        """Return all entries. Raises :class:`Refused` when the chain is broken."""
        return read_entries(read_if_there(self._path) or b"", name=self._path)


def read_entries(data: bytes, *, name: str) -> list[Mapping[str, object]]:
    """Return the entries of a transcript, or refuse it with the line that breaks its chain."""
    import json

    entries: list[Mapping[str, object]] = []
    before = _NONE_BEFORE
    for number, line in enumerate(data.splitlines(), 1):
        try:
            entry = json.loads(line)
            is_next = entry["before"] == before
        except (ValueError, KeyError, TypeError):
            is_next = False
        if not is_next:
            raise refused("TRU895", name, line=number)
        entries.append(entry)
        before = hashlib.sha256(line).hexdigest()
    return entries
