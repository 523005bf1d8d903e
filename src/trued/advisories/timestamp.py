"""Times of records in one form that sorts as text."""

from __future__ import annotations

__all__ = ["InvalidTimestamp", "sortable_time"]

_PATTERN = (
    r"(?P<year>\d{1,4})(?P<rest>-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<fraction>\.\d{1,9})?(?P<zone>Z|[+-]\d\d:\d\d)"
)


class InvalidTimestamp(ValueError):
    """The text is no RFC 3339 time."""


def sortable_time(text: str) -> str:
    """Return the RFC 3339 time *text* in UTC, without a zone and zeros at its end: it sorts as text.

    A year of fewer than four digits, which some databases write for "never", is filled up.
    Raises :class:`InvalidTimestamp`.
    """
    import re

    found = re.fullmatch(_PATTERN, text, re.ASCII)
    if found is None:
        raise InvalidTimestamp(text)
    whole = found["year"].zfill(4) + found["rest"]
    if found["zone"] != "Z":
        whole = _in_utc(whole, found["zone"])
    return whole + (found["fraction"] or "").rstrip("0").rstrip(".")


def _in_utc(text: str, zone: str) -> str:
    from datetime import datetime, timedelta

    try:
        moment = datetime.fromisoformat(text)
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
        return (moment - offset if zone[0] == "+" else moment + offset).isoformat()
    except (ValueError, OverflowError) as error:
        raise InvalidTimestamp(text) from error
