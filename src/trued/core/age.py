"""Ages as people say them. LEAN."""

from __future__ import annotations

__all__ = ["spelled_seconds"]


def spelled_seconds(seconds: int) -> str:
    """Return *seconds* in the largest unit that is at least one: ``3 days``, ``5 hours``, ``1 minute``."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"
