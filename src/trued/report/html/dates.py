"""Days and ages as the page writes them, reckoned from the time that the page bears."""

from __future__ import annotations

from datetime import UTC, date, datetime

__all__ = ["age_text", "day", "days_until"]

_DAYS_A_MONTH = 30.44
_DAYS_A_YEAR = 365.25


def day(moment: str | datetime) -> str:
    """Return the day of *moment* (RFC 3339) in UTC, as ``2026-01-31``; empty for what is no time."""
    found = _read(moment)
    return found.date().isoformat() if found else ""


def age_text(moment: str, now: datetime) -> str:
    """Return how long before *now* it was: ``3 days``, ``2 years``; empty for what is no time."""
    found = _read(moment)
    if found is None:
        return ""
    days = max((now - found).days, 0)
    if days < 1:
        return "less than a day"
    if days < 2 * _DAYS_A_MONTH:
        return f"{days} day{'s' if days > 1 else ''}"
    if days < 2 * _DAYS_A_YEAR:
        return f"{round(days / _DAYS_A_MONTH)} months"
    return f"{days / _DAYS_A_YEAR:.0f} years"


def days_until(until: date, now: datetime) -> int:
    """Return how many days are left; negative when the day is past."""
    return (until - now.astimezone(UTC).date()).days


def _read(moment: str | datetime) -> datetime | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
