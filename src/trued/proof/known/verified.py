"""Results of former verifications, kept in the database, so that a later run need not verify again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from trued.proof.known.database import Database

__all__ = ["Verified"]

_KEPT = 50_000
"""How many results are kept; the oldest go first."""


class Verified:
    """The :class:`~trued.proof.verified_memory.VerifiedMemory` of the database; *now* is RFC 3339 UTC.

    Results are written by :meth:`write`, in whatever transaction the caller has open.
    """

    def __init__(self, database: Database, *, now: str) -> None:
        self._database = database
        self._now = now
        self._fresh: dict[tuple[str, str, str], str] = {}

    @property
    def is_changed(self) -> bool:
        """Whether there is something to write."""
        return bool(self._fresh)

    def recall(self, *, file: str, bundle: str, root: str) -> str | None:
        """Return the result that was kept, or ``None``."""
        with self._database.reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT result FROM verified WHERE file = ? AND bundle = ? AND root = ?", (file, bundle, root)
            ).fetchone()
        return str(row[0]) if row else None

    def remember(self, *, file: str, bundle: str, root: str, result: str) -> None:
        """Have *result* written."""
        self._fresh[(file, bundle, root)] = result

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what was remembered, and let go of what is too much."""
        connection.executemany(
            "INSERT OR REPLACE INTO verified VALUES (?, ?, ?, ?, ?)",
            [(*key, result, self._now) for key, result in self._fresh.items()],
        )
        connection.execute(
            "DELETE FROM verified WHERE (file, bundle, root) IN (SELECT file, bundle, root FROM verified"
            " ORDER BY time DESC, file, bundle, root LIMIT -1 OFFSET ?)",
            (_KEPT,),
        )
        self._fresh = {}
