"""Foreign text made fit for a terminal: nothing that moves the cursor or turns the reading direction passes.

File names, index answers and requirement lines are written by others. A control character in them could hide
an error, a bidirectional override (CVE-2021-42574) could make one name look like another. Whatever Unicode
does not call printable is shown as Python would write it in a string.
"""

from __future__ import annotations

__all__ = ["escaped", "escaped_lines"]


def escaped(text: str) -> str:
    """Return *text* with every character that is not printable written as an escape, line ends included."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _code(character) for character in text)


def escaped_lines(text: str) -> str:
    r"""Return *text* escaped line by line: ``\n`` stays, a tab becomes four spaces."""
    return "\n".join(escaped(line.replace("\t", "    ")) for line in text.split("\n"))


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
