"""One JSON document on its way to a lock, read through the same typed tables as the TOML formats."""

from __future__ import annotations

import json

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.requirements.lock.document import Document, Table
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.requirements.lock.toml_places import TomlPath

__all__ = ["JsonDocument"]


class JsonDocument(Document):
    """A parsed JSON object. Raises :class:`UsageError` (TRU150) for bytes that are none."""

    def __init__(self, data: bytes, *, file: str) -> None:
        self.file = file
        self.problems = Problems()
        try:
            self._text = data.decode("utf-8")
            content = json.loads(self._text, object_pairs_hook=_without_twins)
        except (ValueError, RecursionError) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise _unreadable(file, reason) from error
        if not isinstance(content, dict):
            raise _unreadable(file, "it is JSON, and no object")
        self._content = content

    @property
    def top(self) -> Table:
        """The whole document as a table."""
        return Table(self, self._content, ())

    def place(self, path: TomlPath) -> Place:
        """Return the line of the last of the keys of *path* that is found, each behind the one before."""
        at, line = 0, 0
        for key in path:
            found = self._text.find(f"{json.dumps(key)}:", at) if isinstance(key, str) else -1
            if found < 0:
                break
            at, line = found, self._text.count("\n", 0, found) + 1
        return Place(self.file, line)


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that has a key twice: which of the two counts, each reader decides for itself."""
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twin = next(key for key in keys if keys.count(key) > 1)
        message = f"the key {twin[:80]!r} stands twice in one object"
        raise ValueError(message)
    return content


def _unreadable(file: str, reason: str) -> UsageError:
    return UsageError(Finding(code="TRU150", subject=file, place=Place(file), values={"reason": reason}))
