"""The lines on which the entries of a TOML document stand; ``tomllib`` does not tell them.

The text is known to be valid TOML, so this only has to keep count of brackets.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TomlPath", "toml_lines"]

TomlPath = tuple[str | int, ...]
"""Keys and positions from the top: ``("packages", 3, "wheels", 0, "hashes")``."""

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{},=.\n]"
    r"|[^\s\[\]{},=.#\"']+",
    re.DOTALL,
)


def toml_lines(text: str) -> dict[TomlPath, int]:
    """Return the line, counted from 1, of every key, table and array element of a valid document."""
    return _Walk(text).lines


class _Walk:
    """Goes over the tokens once; ``_stack`` holds the arrays and inline tables that are open."""

    def __init__(self, text: str) -> None:
        self.lines: dict[TomlPath, int] = {}
        self._counts: dict[TomlPath, int] = {}
        self._table: TomlPath = ()
        self._stack: list[tuple[str, TomlPath]] = []
        self._at: TomlPath | None = None
        self._keys: list[str] = []
        tokens = list(_tokens(text))
        position = 0
        while position < len(tokens):
            position = self._step(tokens, position)

    def _step(self, tokens: list[tuple[str, int]], position: int) -> int:
        mark, line = tokens[position]
        if mark == "\n":
            if not self._stack:
                self._at, self._keys = None, []
        elif mark == "[" and not self._stack and self._at is None and not self._keys:
            return self._header(tokens, position)
        elif mark in "[{":
            self._open(mark, line)
        elif mark in "]}":
            self._close()
        elif mark == ",":
            self._at, self._keys = None, []
        elif mark == "=":
            self._assign(line)
        elif mark != ".":
            self._word(mark, line)
        return position + 1

    def _header(self, tokens: list[tuple[str, int]], position: int) -> int:
        """Read ``[a.b]`` or ``[[a.b]]`` and return the position behind it."""
        is_array = tokens[position + 1][0] == "["
        line = tokens[position][1]
        keys: list[str] = []
        while position < len(tokens) and tokens[position][0] != "\n":
            if tokens[position][0] not in "[].":
                keys.append(_unquoted(tokens[position][0]))
            position += 1
        path: TomlPath = ()
        for key in keys[:-1]:
            path = self._last_of((*path, key))
        path = (*path, keys[-1])
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self._counts[path])
        self.lines.setdefault(path, line)
        self._table = path
        return position

    def _last_of(self, path: TomlPath) -> TomlPath:
        return (*path, self._counts[path]) if path in self._counts else path

    def _open(self, token: str, line: int) -> None:
        path = self._at if self._at is not None else self._element(line)
        self._stack.append((token, path))
        self._at, self._keys = None, []

    def _close(self) -> None:
        if self._stack:
            self._stack.pop()
        # What follows a closed value is a comma, a bracket or the end of the line.
        self._at, self._keys = (self._stack[-1][1] if self._stack else ()), []

    def _word(self, token: str, line: int) -> None:
        if self._at is not None:
            return
        if self._stack and self._stack[-1][0] == "[":
            self._at = self._element(line)
        else:
            self._keys.append(_unquoted(token))

    def _element(self, line: int) -> TomlPath:
        parent = self._stack[-1][1] if self._stack else ()
        self._counts[parent] = self._counts.get(parent, -1) + 1
        path = (*parent, self._counts[parent])
        self.lines.setdefault(path, line)
        return path

    def _assign(self, line: int) -> None:
        if self._at is None:
            base = self._stack[-1][1] if self._stack else self._table
            self._at = (*base, *self._keys)
            self.lines.setdefault(self._at, line)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, end = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        token = match.group()
        if not token.startswith("#"):
            yield token, line
        line += token.count("\n")
        end = match.end()


def _unquoted(token: str) -> str:
    return token[1:-1] if token[0] in "\"'" else token
