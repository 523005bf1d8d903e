"""Progress of a download or an installation, on one line of a terminal, erased when it ends."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Progress", "size_text"]

_SECONDS_BETWEEN = 0.1
_BAR_COLUMNS = 24


class Progress:
    """Counts files and bytes; draws through *draw*, at most ten times a second.

    Safe to be called from several threads. With *draw* ``None`` it only counts. Totals may grow while it
    runs; 0 means not known. Where the line would be longer than *width* columns the bar is left out, the
    figures stay; 0 means any width.
    """

    __slots__ = (
        "_clock",
        "_draw",
        "_label",
        "_last",
        "_lock",
        "_width",
        "bytes",
        "files",
        "total_bytes",
        "total_files",
    )

    def __init__(
        self,
        label: str,
        *,
        draw: Callable[[str], None] | None,
        clock: Callable[[], float],
        total_files: int = 0,
        total_bytes: int = 0,
        width: int = 0,
    ) -> None:
        self._width = width
        self._label = label
        self._draw = draw
        self._clock = clock
        self._last = 0.0
        self._lock = _thread.allocate_lock()
        self.files = 0
        self.bytes = 0
        self.total_files = total_files
        self.total_bytes = total_bytes

    def advance(self, *, files: int = 0, size: int = 0) -> None:
        """Count *files* more files and *size* more bytes."""
        with self._lock:
            self.files += files
            self.bytes += size
            if self._draw is None:
                return
            now = self._clock()
            if now - self._last >= _SECONDS_BETWEEN:
                self._last = now
                self._draw(self._line())

    def expect(self, *, files: int = 0, size: int = 0) -> None:
        """Add to the totals."""
        with self._lock:
            self.total_files += files
            self.total_bytes += size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Erase the line, whatever ended the work."""
        if self._draw is not None:
            self._draw("")

    def _line(self) -> str:
        files = f"{self.files}/{self.total_files} files" if self.total_files else f"{self.files} files"
        parts = [self._label, _bar(self.bytes, self.total_bytes), files]
        if self.bytes or self.total_bytes:
            total = f" of {size_text(self.total_bytes)}" if self.total_bytes else ""
            parts.append(f"{size_text(self.bytes)}{total}")
        line = "  ".join(part for part in parts if part)
        if self._width and len(line) > self._width:
            del parts[1]
            line = "  ".join(parts)
        return line


def size_text(count: int) -> str:
    """Return *count* bytes in the largest fitting unit, with one decimal."""
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _bar(done: int, total: int) -> str:
    if total <= 0:
        return ""
    filled = min(_BAR_COLUMNS, _BAR_COLUMNS * done // total)
    return f"[{'=' * filled}{' ' * (_BAR_COLUMNS - filled)}]"
