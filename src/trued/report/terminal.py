"""What a stream can show: colour, width, progress. Decided once, from the stream and the environment."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

__all__ = ["Terminal", "painted"]

_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "note": "\x1b[1;36m",
    "done": "\x1b[1;32m",
    "strong": "\x1b[1m",
    "faint": "\x1b[2m",
}
_PLAIN = "\x1b[0m"


class Terminal:
    """The facts about one stream. ``width`` is in columns, 0 when it is no terminal and nothing is folded.

    Colour: never with ``--no-color``, ``NO_COLOR`` or ``TERM=dumb``; else on a terminal, or anywhere with
    ``FORCE_COLOR``. Progress: on a terminal that can erase a line, never in CI, ``FORCE_COLOR`` or not.
    """

    __slots__ = ("colour", "progress", "width")

    def __init__(self, stream: TextIO, environ: Mapping[str, str], *, colour: bool = True) -> None:
        tty = stream.isatty()
        dumb = environ.get("TERM") == "dumb" or not _knows_escapes(environ)
        wanted = tty or bool(environ.get("FORCE_COLOR"))
        self.colour = colour and wanted and not dumb and not environ.get("NO_COLOR")
        self.progress = tty and not dumb and not _in_ci(environ)
        self.width = _columns(stream, environ) if tty else 0


def painted(text: str, style: str, *, colour: bool) -> str:
    """Return *text* in the colour of *style*, or as it is."""
    return f"{_STYLES[style]}{text}{_PLAIN}" if colour and text else text


def _in_ci(environ: Mapping[str, str]) -> bool:
    return environ.get("CI", "").lower() not in ("", "0", "false") or "BUILD_NUMBER" in environ


def _knows_escapes(environ: Mapping[str, str]) -> bool:
    """Old Windows consoles print escape sequences as text; the newer terminals announce themselves."""
    return os.name != "nt" or any(name in environ for name in ("WT_SESSION", "ANSICON", "TERM"))


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    stated = environ.get("COLUMNS", "")
    if stated.isascii() and stated.isdigit() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 80
