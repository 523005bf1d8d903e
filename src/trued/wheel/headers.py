"""The ``Key: value`` lines of METADATA and WHEEL.

Read as Python's email parser does, which is what the core metadata specification names: lines that begin with
a blank continue the one before, and the first line that is no header ends them.
"""

from __future__ import annotations

import re

__all__ = ["read_headers"]

_KEY = re.compile(r"([!-9;-~]+):(.*)", re.DOTALL)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BLANK_LINES = ("\n\n", "\r\n\r\n")
"""What ends the headers at the latest: the description behind it need not be split into lines."""


def read_headers(raw: bytes) -> dict[str, list[str]]:
    """Return the values of each key, in order, keys in lower case. Raises :class:`UnicodeDecodeError`."""
    headers: dict[str, list[str]] = {}
    values: list[str] = []
    text = raw.decode()
    blank = min((place for place in map(text.find, _BLANK_LINES) if place >= 0), default=len(text))
    for line in _LINE_ENDS.split(text[:blank]):
        if line.startswith((" ", "\t")) and values:
            values[-1] = f"{values[-1]}\n{line.strip()}"
            continue
        match = _KEY.fullmatch(line)
        if match is None:
            break
        values = headers.setdefault(match[1].lower(), [])
        values.append(match[2].strip())
    return headers
