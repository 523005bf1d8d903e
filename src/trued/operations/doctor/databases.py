"""What trued keeps of others: known files, advisories, the root of attestations; can they be relied on."""

from __future__ import annotations

import os
import sqlite3

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.operations.doctor.check import fine, skipped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["advisory_checks", "known_checks", "root_checks"]


def known_checks(session: Session) -> Iterator[Check]:
    """Yield whether the known files can be read, and whether the clock is behind them."""
    name = "known-files"
    path = session.known.database.path
    if not os.path.exists(path):
        yield fine(name, f"none yet; they will be in {path}")
        return
    try:
        with session.known.database.reading() as connection:
            reason = _damage(connection) if connection else ""
        if reason:
            yield from told(name, [Finding(code="TRU775", subject=path, values={"reason": reason})])
            return
        count = len(session.known.files())
        behind = session.known.clock_findings()
    except TruedError as error:
        yield from told(name, error.findings)
        return
    yield from told(name, behind)
    if not behind:
        yield fine(name, f"{count} files, {path}")


def advisory_checks(session: Session) -> Iterator[Check]:
    """Yield whether there is a local database of advisories, of what age, and whether it can be read."""
    from trued.advisories.about import age_findings
    from trued.advisories.database import AdvisoryDatabase
    from trued.operations.audit.local_database import MAX_AGE, database_path

    name = "advisories"
    path = database_path(session)
    if not path or not os.path.exists(path):
        yield skipped(name, "there is no local database; `trued audit db update` fetches one")
        return
    try:
        with AdvisoryDatabase.open(path) as database:
            about = database.about
    except TruedError as error:
        yield from told(name, error.findings)
        return
    reason = _damage_of(path)
    if reason:
        yield from told(name, [Finding(code="TRU801", subject=path, values={"detail": reason})])
        return
    limit = session.settings.max_db_age or MAX_AGE
    old = age_findings(about, now=session.started, limit=limit, level=Level.WARNING)
    yield from told(name, old)
    if not old:
        yield fine(name, f"{about.records} records as of {about.as_of}")


def root_checks(session: Session) -> Iterator[Check]:
    """Yield whether the root that attestations are verified by can be read and has its digest."""
    root = session.proof_rules.root
    try:
        root.read()
    except TruedError as error:
        yield from told("trusted-root", error.findings)
    else:
        yield fine("trusted-root", f"{root.path}, sha256 {root.sha256[:12]}")


def _damage_of(path: str) -> str:
    from trued.advisories.quick_look import read_only_address

    try:
        connection = sqlite3.connect(read_only_address(path), uri=True)
    except sqlite3.Error as error:
        return str(error)
    try:
        return _damage(connection)
    finally:
        connection.close()


def _damage(connection: sqlite3.Connection) -> str:
    """Return what SQLite finds wrong with the pages of a database; empty when nothing."""
    try:
        answer = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if answer is None or answer[0] == "ok" else str(answer[0])
