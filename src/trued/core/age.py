"""Ages as people say them. LEAN."""

from __future__ import annotations

__all__ = ["seconds_until_respelled", "spelled_seconds"]

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def spelled_seconds(seconds: int) -> str:
    """Return *seconds* in the largest unit that is at least one: ``3 days``, ``5 hours``, ``1 minute``."""
    for unit, length in _UNITS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def seconds_until_respelled(seconds: int) -> int:
    """Return after how many seconds an age of *seconds* is told in other words."""
    for _, length in _UNITS:
        if seconds >= length:
            return length - seconds % length
    return 60 - seconds
