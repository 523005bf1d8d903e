"""The tables of the database. A migration is never changed once it was published; new ones are added.

A new kind of publisher needs one too: an older trued must not read a file whose publishers it does not know.
"""

from __future__ import annotations

__all__ = ["APPLICATION", "MIGRATIONS"]

APPLICATION = 0x54525544
"""``PRAGMA application_id``: "TRUD"."""

_FIRST = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, time TEXT NOT NULL, command TEXT NOT NULL, folder TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE files (
        project TEXT NOT NULL, filename TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
        digests TEXT NOT NULL, publishers TEXT NOT NULL, source TEXT NOT NULL, first_seen TEXT NOT NULL,
        run TEXT NOT NULL, accepted TEXT NOT NULL,
        PRIMARY KEY (project, filename)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE listed (
        project TEXT NOT NULL, filename TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        PRIMARY KEY (project, filename)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE documents (
        name TEXT PRIMARY KEY, edition TEXT NOT NULL, sha256 TEXT NOT NULL, first_seen TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE verified (
        file TEXT NOT NULL, bundle TEXT NOT NULL, root TEXT NOT NULL, result TEXT NOT NULL,
        time TEXT NOT NULL,
        PRIMARY KEY (file, bundle, root)
    ) WITHOUT ROWID
    """,
)

MIGRATIONS = (_FIRST,)
"""Statements that lead from each ``user_version`` to the next."""
