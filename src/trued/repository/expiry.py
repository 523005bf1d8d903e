"""When each role's metadata expires, and what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.repository.signed_state import SignedState
    from trued.repository.site import Site

__all__ = ["Due", "bin_expiries", "calendar", "is_due", "parse_time"]

_HEAD_BYTES = 4096
_MARK = b'"expires":"'
_TIME_LENGTH = len("2026-01-01T00:00:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One entry of the calendar: the role, when it expires, and whether a third of its life or less is left.

    Of the bins the first to expire stands for all.
    """

    role: str
    expires: datetime
    expired: bool
    soon: bool


def parse_time(text: str) -> datetime:
    """Return the moment that metadata writes as ``2026-01-01T00:00:00Z``."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def is_due(expires: datetime, *, days: int, now: datetime) -> bool:
    """Tell whether no more than a third of a life of *days* is left."""
    return expires - now <= timedelta(days=days) / 3


def bin_expiries(site: Site, state: SignedState) -> dict[str, datetime]:
    """Return when each bin expires, read from the head of its file, which is canonical JSON.

    Unverified: it only decides which bins are looked at.
    """
    expiries: dict[str, datetime] = {}
    for name in state.scheme.names:
        path = site.metadata(f"{state.versions[name]}.{name}.json")
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
        start = head.find(_MARK) + len(_MARK)
        expiries[name] = parse_time(head[start : start + _TIME_LENGTH].decode("ascii", "replace"))
    return expiries


def calendar(
    site: Site,
    state: SignedState,
    *,
    root_expires: datetime,
    lifetimes: Mapping[str, int],
    now: datetime,
) -> tuple[Due, ...]:
    """Return what expires when, the nearest first. Raises :class:`OSError` when a bin is missing."""
    moments = {
        "root": root_expires,
        "targets": state.targets.expires,
        "bins": min(bin_expiries(site, state).values()),
        "snapshot": parse_time(state.snapshot_expires),
        "timestamp": parse_time(state.timestamp_expires),
    }
    entries = [
        Due(
            role=role,
            expires=moment,
            expired=moment <= now,
            soon=is_due(moment, days=lifetimes[role], now=now),
        )
        for role, moment in moments.items()
    ]
    return tuple(sorted(entries, key=lambda entry: entry.expires))
