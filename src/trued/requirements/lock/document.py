"""One TOML document on its way to a lock: typed access to its tables, faults collected."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.requirements.lock.toml_places import TomlPath, toml_lines
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Document", "Table", "utc_text"]


class Document:
    """A parsed TOML file. Raises :class:`UsageError` for bytes that are no TOML (TRU150)."""

    def __init__(self, data: bytes, *, file: str) -> None:
        self.file = file
        self.problems = Problems()
        self._lines: dict[TomlPath, int] | None = None
        self._headers: dict[str, dict[int, int]] = {}
        try:
            self._text = data.decode("utf-8")
            self._content = tomllib.loads(self._text)
        except (ValueError, RecursionError) as error:
            # tomllib descends into nested arrays by recursion; dates out of range are a plain ValueError.
            reason = str(error).partition("\n")[0] or type(error).__name__
            finding = Finding(code="TRU150", subject=file, place=Place(file), values={"reason": reason})
            raise UsageError(finding) from error

    @property
    def top(self) -> Table:
        """The whole document as a table."""
        return Table(self, self._content, ())

    def place(self, path: TomlPath) -> Place:
        """Return where *path* stands; where it has no line of its own, its nearest parent."""
        if len(path) == 2 and isinstance(path[1], int):
            line = self._header_lines(str(path[0])).get(path[1])
            if line is not None:
                return Place(self.file, line)
        if self._lines is None:
            self._lines = toml_lines(self._text)
        while path and path not in self._lines:
            path = path[:-1]
        return Place(self.file, self._lines.get(path, 0))

    def _header_lines(self, key: str) -> dict[int, int]:
        """Return the lines of the headers ``[[key]]``, which are found without reading the whole text."""
        if key not in self._headers:
            lines = self._text.split("\n")
            found = [number for number, line in enumerate(lines, 1) if line.startswith(f"[[{key}]]")]
            entries = self._content.get(key)
            # In another number they are written in another way, or stand in a text of several lines.
            fits = isinstance(entries, list) and len(entries) == len(found)
            self._headers[key] = dict(enumerate(found)) if fits else {}
        return self._headers[key]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a document. The readers return ``None`` for a missing key, and tell a wrong type."""

    document: Document
    content: Mapping[str, object]
    path: TomlPath

    def __contains__(self, key: str) -> bool:
        return key in self.content

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in the order of the file."""
        return tuple(self.content)

    @property
    def place(self) -> Place:
        """Where the table begins."""
        return self.document.place(self.path)

    def error(self, code: str, key: str = "", *, subject: str = "", **values: str) -> None:
        """Tell what is wrong with *key*, or with the whole table."""
        path = (*self.path, key) if key else self.path
        place = self.document.place(path)
        self.document.problems.error(code, place, subject or self.document.file, **values)

    def malformed(self, key: str, reason: str) -> None:
        """Tell that *key* cannot be understood (TRU152)."""
        self.error("TRU152", key, where=_shown((*self.path, key)), reason=reason)

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Return a string."""
        value = self._typed(key, str, "a string", required=required)
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        """Return a boolean; a missing one is false."""
        return self._typed(key, bool, "a boolean", required=False) is True

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an array of strings."""
        return tuple(value for _, value in self._items(key, str, "a string") if isinstance(value, str))

    def table(self, key: str, *, required: bool = False) -> Table | None:
        """Return a table."""
        value = self._typed(key, dict, "a table", required=required)
        return Table(self.document, value, (*self.path, key)) if isinstance(value, dict) else None

    def tables(self, key: str, *, required: bool = False) -> tuple[Table, ...]:
        """Return an array of tables."""
        if required and key not in self.content:
            self.malformed(key, "it is missing")
        items = self._items(key, dict, "a table")
        return tuple(
            Table(self.document, value, (*self.path, key, number))
            for number, value in items
            if isinstance(value, dict)
        )

    def time(self, key: str) -> str | None:
        """Return a point in time as RFC 3339 in UTC; one without an offset is taken for UTC (PEP 751)."""
        value = self.content.get(key)
        time = _parsed_time(value) if isinstance(value, str) else value
        if isinstance(time, datetime):
            return utc_text(time)
        if value is not None:
            self.malformed(key, "it is no date and time")
        return None

    def _typed(self, key: str, kind: type, what: str, *, required: bool) -> object:
        value = self.content.get(key)
        if value is None:
            if required:
                self.malformed(key, "it is missing")
            return None
        if not isinstance(value, kind):
            self.malformed(key, f"it is not {what}")
            return None
        return value

    def _items(self, key: str, kind: type, what: str) -> Iterator[tuple[int, object]]:
        value = self._typed(key, list, "an array", required=False)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, kind):
                yield number, item
            else:
                self.malformed(key, f"its item {number + 1} is not {what}")


def utc_text(time: datetime) -> str:
    """Return *time* as RFC 3339 in UTC, ``2025-01-31T12:00:00Z``."""
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    try:
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return aware.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _shown(path: TomlPath) -> str:
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def _parsed_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
