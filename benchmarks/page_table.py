"""Tables of figures in a page of the documentation, between two marks that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["put_between", "shown_seconds"]


def shown_seconds(value: float) -> str:
    """Return *value* in s from one second on, and in ms below."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def put_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put *text* between the marks *begin* and *end* of *page*, in place of what stands there.

    Raises :class:`BenchmarkError` when the page has not both.
    """
    written = page.read_text(encoding="utf-8")
    before, opening, rest = written.partition(begin)
    _, closing, after = rest.partition(end)
    if not opening or not closing:
        raise BenchmarkError(f"{page} has no place for these figures: {begin}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
