"""Text folded to the width of the terminal, with an indent for the lines that follow."""

from __future__ import annotations

__all__ = ["wrapped"]

_NARROWEST = 40


def wrapped(text: str, *, width: int, first: str = "", following: str = "") -> list[str]:
    """Return *text* as lines that begin with *first*, then *following*, folded at spaces.

    *width* counts characters; 0 means that nothing is folded. A word longer than a line stays whole, since a
    digest or path must be ready to copy. A line of *text* that is indented is one to copy too: it is never
    folded. Below 40 columns nothing is folded either.
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lead = following if lines else first
        if width < _NARROWEST or line[:1] == " " or len(lead) + len(line) <= width:
            lines.append((lead + line).rstrip())
        else:
            lines.extend(_folded(line, width, lead, following))
    return lines


def _folded(line: str, width: int, lead: str, following: str) -> list[str]:
    lines: list[str] = []
    current = ""
    for word in line.split(" "):
        candidate = f"{current} {word}" if current else word
        if current and len(lead) + len(candidate) > width:
            lines.append(lead + current)
            lead, current = following, word
        else:
            current = candidate
    lines.append((lead + current).rstrip())
    return lines
