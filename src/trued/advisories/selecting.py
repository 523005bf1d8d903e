"""Rows for many values at once: SQLite takes as long to be asked as to find some ten rows."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from typing import Any

__all__ = ["selected"]

_MOST = 500
"""Values in one question; SQLite before 3.32 takes 999."""


def selected(connection: sqlite3.Connection, query: str, values: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of *query*, which ends with ``IN``, for all of *values*, in no order across these."""
    for start in range(0, len(values), _MOST):
        some = values[start : start + _MOST]
        places = ",".join("?" * len(some))
        yield from connection.execute(f"{query} ({places})", some)
