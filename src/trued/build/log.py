"""The kept log of one build: everything it printed, made fit for a terminal and without secrets.

A build writes what it likes. Control sequences could hide an error or forge one (and some terminals run what
they are sent), so what is no printable text is written as an escape before it is kept.
"""

from __future__ import annotations

import os
import threading
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["BuildLog"]

_KEPT_LINES = 400
_LINE_CHARACTERS = 2000
_NOISE = ("Traceback (most recent call last)", "ERROR Backend subprocess exited", "    return hook(")


class BuildLog:
    """Takes what a build prints, piece by piece; use it as a context manager.

    *path* is created here, for its owner alone (0600). *mask* takes secrets out of a line. *told* is called
    with each finished line, for showing what a long build does.
    """

    def __init__(
        self, path: str, *, mask: Callable[[str], str], told: Callable[[str], None] | None = None
    ) -> None:
        self.path = path
        self.size = 0
        self._mask = mask
        self._told = told
        self._rest = b""
        self._lock = threading.Lock()
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        self._file = open(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - until close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def feed(self, data: bytes) -> None:
        """Take *data* as the build printed it; lines may be cut anywhere."""
        with self._lock:
            self._take(data)

    def _take(self, data: bytes) -> None:
        self.size += len(data)
        *lines, self._rest = (self._rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if len(self._rest) > _LINE_CHARACTERS:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._keep(line)

    def note(self, text: str) -> None:
        """Write a line of trued's own; may be called from any thread."""
        with self._lock:
            self._flush_rest()
            self.size += len(text)  # a build can cause such lines: each host that it asks for is one
            self._keep(f"== {text}".encode())

    def last_lines(self, count: int = 20) -> tuple[str, ...]:
        """Return the last lines that say something, oldest first."""
        with self._lock:
            self._flush_rest()
            useful = [line for line in self._last if line.strip() and not line.startswith(("== ", *_NOISE))]
        return tuple(useful[-count:])

    def close(self) -> None:
        """Write what is left and close the file; may be called again."""
        with self._lock:
            if not self._file.closed:
                self._flush_rest()
                self._file.close()

    def _flush_rest(self) -> None:
        rest, self._rest = self._rest, b""
        if rest:
            self._keep(rest)

    def _keep(self, line: bytes) -> None:
        text = self._mask(_printable(line.decode("utf-8", "backslashreplace")))
        self._last.append(text)
        self._file.write(text + "\n")
        if self._told is not None and text.strip():
            self._told(text)


def _printable(text: str) -> str:
    text = _without_colours(text).replace("\t", "    ")
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def _without_colours(text: str) -> str:
    r"""Drop what sets colours (``ESC [ … m``), which compilers print; other sequences stay, to be escaped."""
    if "\x1b[" not in text:
        return text
    head, *parts = text.split("\x1b[")
    kept = [head]
    for part in parts:
        digits = len(part) - len(part.lstrip("0123456789;"))
        is_colour = part[digits : digits + 1] == "m"
        kept.append(part[digits + 1 :] if is_colour else "\x1b[" + part)
    return "".join(kept)
