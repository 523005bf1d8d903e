"""Records that speak of one flaw, told as one; counted, rated and ignored each by itself.

Aliases are not followed: in the Python advisory database four of five groups that following them makes join
two flaws through one name that was noted wrongly. Only records that name exactly one CVE, and the same, fold.
"""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.advisories.matching import Match
    from trued.advisories.record import Record

__all__ = ["Folded", "NameIndex", "fold"]

_FIRST = ("MAL-", "PYSEC-", "GHSA-", "CVE-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Matches of one release that speak of one flaw: the one to show, and the others."""

    shown: Match
    others: tuple[Match, ...] = ()

    @property
    def matches(self) -> tuple[Match, ...]:
        """All of them, the one to show first."""
        return (self.shown, *self.others)


def fold(matches: Iterable[Match]) -> tuple[Folded, ...]:
    """Fold matches of the same release that name one and the same CVE, in order of their first one."""
    groups: dict[object, list[Match]] = {}
    for match in matches:
        cves = match.record.cves
        flaw: object = next(iter(cves)) if len(cves) == 1 and not match.record.is_malware else match.record.id
        groups.setdefault((match.subject, match.is_affected, flaw), []).append(match)
    folded = []
    for group in groups.values():
        shown, *others = sorted(group, key=_rank)
        folded.append(Folded(shown=shown, others=tuple(others)))
    return tuple(folded)


class NameIndex:
    """Records by every name that they go by."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_name: dict[str, dict[int, Record]] = {}
        for number, record in enumerate(records):
            for name in (record.id, *record.aliases):
                self._by_name.setdefault(name, {})[number] = record

    def sharing(self, record: Record) -> tuple[Record, ...]:
        """Return the records that share an id or alias with *record*, in their order, for its rating."""
        found: dict[int, Record] = {}
        for name in (record.id, *record.aliases):
            found |= self._by_name.get(name, {})
        return tuple(found[number] for number in sorted(found) if found[number].id != record.id)


def _rank(match: Match) -> tuple[int, str]:
    for rank, prefix in enumerate(_FIRST):
        if match.record.id.startswith(prefix):
            return rank, match.record.id
    return len(_FIRST), match.record.id
