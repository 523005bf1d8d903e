"""Which releases of many need a closer look, for a run that has no time: mostly none (lean).

It reads the local database as :class:`trued.advisories.database.AdvisoryDatabase` does, and evaluates the
same texts, but loads no record. Whatever it does not call clean is left to the other.
"""

from __future__ import annotations

from trued.advisories.evaluation import NO, ComparedVersion, evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["needing_a_look", "read_only_address"]

_SCHEMA = "2"
"""That of :data:`trued.advisories.about.SCHEMA`; a test holds the two together."""


def needing_a_look(
    path: str, releases: Iterable[tuple[str, str, tuple[str, ...]]]
) -> tuple[list[int], str] | None:
    """Return the positions of the (project, version, sha256s) that are not clean, and the database's date.

    The date is ``as_of`` of the database (RFC 3339). ``None`` when there is no database that can be used: the
    caller opens it the long way then, which says what is wrong. A record that cannot be read and names no
    project makes every release need a look.
    """
    import sqlite3

    try:
        connection = sqlite3.connect(read_only_address(path), uri=True)
        try:
            about = dict(connection.execute("SELECT name, value FROM about"))
            if about.get("schema") != _SCHEMA:
                return None
            asked = enumerate(releases)
            if _has(connection, "SELECT 1 FROM unreadable WHERE project = ? LIMIT 1", ""):
                return [number for number, _ in asked], about["as_of"]
            files = about["files"] != "0"
            found = [
                number
                for number, (project, version, sha256s) in asked
                if _needs_a_look(connection, project, version, sha256s if files else ())
            ]
            return found, about["as_of"]
        finally:
            connection.close()
    except (sqlite3.Error, KeyError):
        return None


def read_only_address(path: str) -> str:
    """Return the address by which SQLite opens *path* for reading.

    Nobody writes into the file once it has its name: no lock and no journal need be looked at.
    """
    import os

    place = os.path.abspath(path)
    if os.name == "nt":
        place = "/" + place.replace("\\", "/")
    place = place.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{place}?mode=ro&immutable=1"


def _needs_a_look(
    connection: sqlite3.Connection, project: str, version: str, sha256s: tuple[str, ...]
) -> bool:
    rows = connection.execute("SELECT versions, ranges FROM entry WHERE project = ?", (project,)).fetchall()
    if rows:
        compared = ComparedVersion(version)
        if any(evaluate(versions, ranges, compared) != NO for versions, ranges in rows):
            return True
    if _has(connection, "SELECT 1 FROM unreadable WHERE project = ? LIMIT 1", project):
        return True
    return any(
        _has(connection, "SELECT 1 FROM file WHERE sha256 = ? LIMIT 1", sha256.lower()) for sha256 in sha256s
    )


def _has(connection: sqlite3.Connection, query: str, value: str) -> bool:
    return connection.execute(query, (value,)).fetchone() is not None
