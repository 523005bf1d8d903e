"""The lines on which keys of a TOML document stand; ``tomllib`` does not tell them."""

from __future__ import annotations

__all__ = ["Lines"]


class Lines:
    """Finds the line of a key in one table, for findings and ``trued config debug``.

    A key that is written in another way (a dotted path, an inline table) has line 0: the whole file.
    """

    def __init__(self, text: str, table: str) -> None:
        self._lines = text.splitlines()
        self._table = table

    def of_key(self, key: str) -> int:
        """Return the line of *key* in the table, or of the first sub-table *key*; 0 when it is not found."""
        sub_tables = self.of_tables(key)
        return self._assignment(key) or (sub_tables[0] if sub_tables else 0)

    def of_tables(self, key: str) -> list[int]:
        """Return the lines of the headers ``[[table.key]]`` and ``[table.key]``, in order."""
        name = f"{self._table}.{key}" if self._table else key
        return [number for number, line in enumerate(self._lines, 1) if _header(line) == name]

    def of_key_below(self, header: int, key: str) -> int:
        """Return the line of *key* in the table whose header stands in line *header*; 0 when not found."""
        for number, line in enumerate(self._lines[header:], header + 1):
            if _header(line) is not None:
                return 0
            if "=" in line and line.partition("=")[0].strip().strip("\"'") == key:
                return number
        return 0

    def _assignment(self, key: str) -> int:
        inside = not self._table
        for number, line in enumerate(self._lines, 1):
            header = _header(line)
            if header is not None:
                inside = header == self._table
            elif inside and line.partition("=")[0].strip().strip("\"'") == key and "=" in line:
                return number
        return 0


def _header(line: str) -> str | None:
    """Return the table that a header line opens, ``None`` for every other line."""
    stripped = line.partition("#")[0].strip()
    if not stripped.startswith("[") or not stripped.endswith("]") or "=" in stripped:
        return None
    parts = stripped.strip("[]").split(".")
    return ".".join(part.strip().strip("\"'") for part in parts)
