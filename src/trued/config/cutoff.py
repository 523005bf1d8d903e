"""The latest upload time that a file may have: a moment, or so many days before now."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Cutoff", "InvalidCutoff", "parse_cutoff"]

_MOST_DAYS = 365 * 1000


class InvalidCutoff(ValueError):
    """The text is neither a date, a time nor a number of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """``moment`` (with a time zone), or ``days`` before the time of the call when there is none."""

    moment: datetime | None = None
    days: int = 0

    def before(self, now: datetime) -> datetime:
        """Return the moment that files must have been uploaded before; *now* has a time zone."""
        from datetime import timedelta

        return self.moment if self.moment is not None else now - timedelta(days=self.days)


def parse_cutoff(text: str) -> Cutoff:
    """Read an ISO 8601 date or time, or ``PnD``, as pip's ``--uploaded-prior-to`` does.

    A time without a zone is the local one. Raises :class:`InvalidCutoff`.
    """
    from datetime import datetime

    if text.startswith("P") and text.endswith("D") and text[1:-1].isascii() and text[1:-1].isdigit():
        days = int(text[1:-1])
        if days > _MOST_DAYS:
            raise InvalidCutoff(text)
        return Cutoff(days=days)
    try:
        moment = datetime.fromisoformat(text)
        return Cutoff(moment=moment if moment.tzinfo is not None else moment.astimezone())
    except (ValueError, OverflowError) as error:
        raise InvalidCutoff(text) from error
