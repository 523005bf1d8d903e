"""The SQLite file: private, in whole transactions, safe between processes, and never thrown away.

A rollback journal and one ``BEGIN IMMEDIATE`` for each change: a writer that finds another one waits, and a
crash leaves the state before or after. Nothing is created before there is something to write.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import contextmanager

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.proof.known.schema import APPLICATION, MIGRATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Database"]

_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT))
_PRIMARY = 0xFF


class Database:
    """The database at *path*; opened when it is first needed, by one thread.

    *wait_seconds* is how long a writer waits for another one.
    """

    def __init__(self, path: str, *, wait_seconds: float = 20.0) -> None:
        self.path = path
        self._wait_seconds = wait_seconds
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection to read by, ``None`` where there is no database yet.

        Raises: OperationalError TRU775 when it is damaged, TRU776 when it cannot be used.
        """
        with self._told():
            if self._connection is None and not os.path.exists(self.path):
                yield None
                return
            yield self._open()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside one transaction, kept when the block ends and else undone.

        Raises: as :meth:`reading`.
        """
        with self._told():
            self._create()
            connection = self._open()
            with _transaction(connection):
                yield connection

    def _create(self) -> None:
        """Make the file, readable by the user alone, unless it is there."""
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            return

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        self._require_own()
        connection = sqlite3.connect(self.path, timeout=self._wait_seconds, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the tables to the present form; two processes may try at once."""
        if self._version(connection) == len(MIGRATIONS):
            return
        with _transaction(connection):
            for number in range(self._version(connection), len(MIGRATIONS)):
                for statement in MIGRATIONS[number]:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _version(self, connection: sqlite3.Connection) -> int:
        """Return how many migrations the tables have seen. Raises where the file is not for this trued."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION and (application or version or tables):
            raise self._unusable("it is the database of another program")
        if version > len(MIGRATIONS):
            raise self._unusable(f"a newer trued wrote it (format {version})")
        return version

    def _require_own(self) -> None:
        """Raise where another user could have written what the file says. Windows has no such modes."""
        if os.name == "nt":
            return
        for path in (self.path, os.path.dirname(self.path)):
            found = os.stat(path)
            if found.st_uid not in (0, os.geteuid()):
                raise self._unusable(f"{path} belongs to another user")
            if found.st_mode & stat.S_IWOTH:
                raise self._unusable(f"everybody may write to {path}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into findings."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
            if code in _DAMAGED:
                raise self._damaged(error) from error
            reason = "another run is writing it" if code == sqlite3.SQLITE_BUSY else str(error)
            raise self._unusable(reason) from error
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> OperationalError:
        finding = Finding(code="TRU775", subject=self.path, values={"reason": str(error)})
        return OperationalError(finding)

    def _unusable(self, reason: str) -> OperationalError:
        return OperationalError(Finding(code="TRU776", subject=self.path, values={"reason": reason}))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
