"""What SQLite, zlib and the parser say of a damaged database, as our error (TRU801)."""

from __future__ import annotations

from contextlib import contextmanager

from trued.core.errors import OperationalError
from trued.core.finding import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["damaged", "reading"]


def damaged(path: str, detail: str) -> OperationalError:
    """Return the error for a database that cannot be relied on."""
    return OperationalError(Finding(code="TRU801", subject=path, values={"detail": detail}))


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turn what a damaged file makes a library raise into our error."""
    import sqlite3
    import zlib

    try:
        yield
    except (sqlite3.Error, zlib.error, ValueError) as error:
        raise damaged(path, str(error)) from error
