"""What is known about a local database: where it came from, how old it is, what it holds."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = ["SCHEMA", "About", "age_findings"]

SCHEMA = "2"
"""The layout of the tables; a database of another one is built anew from its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One local database.

    ``source`` is the URL (without credentials) or path of the export, ``digest`` its sha256 (empty for a
    folder). ``as_of`` is when it was fetched or last brought up to date, or, of an export that was at hand,
    the time of its newest record; ``newest`` is the latest change of a record (RFC 3339 UTC). ``content`` is
    a sha256 over all records. Counts: records in all, those withdrawn, those of malware, files named by
    digest, and records that could not be read.
    """

    source: str
    digest: str
    content: str
    as_of: str
    newest: str
    records: int
    withdrawn: int
    malware: int
    files: int
    unreadable: int

    def age(self, now: datetime) -> timedelta:
        """Return how long ago it was obtained; *now* is aware of its zone."""
        from datetime import datetime

        return now - datetime.fromisoformat(self.as_of)


def age_findings(
    about: About, *, now: datetime, limit: timedelta, level: Level = Level.ERROR
) -> tuple[Finding, ...]:
    """Return a finding when the database is older than *limit*, or of a day still to come (TRU803)."""
    from datetime import timedelta

    age = about.age(now)
    if timedelta(days=-1) <= age <= limit:
        return ()
    values = {"as_of": about.as_of, "days": str(age.days), "limit": str(limit.days)}
    return (Finding(code="TRU803", level=level, subject=about.source, values=values),)
