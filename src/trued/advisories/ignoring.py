"""Rules that set an advisory aside: by the record's own id or by its CVE, with a reason and an end."""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from trued.advisories.matching import Match
    from trued.advisories.record import Record
    from trued.core.finding import Place

__all__ = ["IgnoreRule", "Ignored", "apply_ignores", "parse_ignore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """One rule. It holds through the day ``until``; without one it has no end. ``place``: where it stands."""

    identifier: str
    until: date | None = None
    reason: str = ""
    place: Place | None = None

    def covers(self, record: Record) -> bool:
        """Tell whether the rule is about *record*.

        A CVE covers every record that goes by it. Another id covers the record of that id alone, for other
        aliases are shared wrongly too often. No rule covers malware: that takes an exception for one file.
        """
        if record.is_malware:
            return False
        wanted = self.identifier.casefold()
        return record.id.casefold() == wanted or wanted in {cve.casefold() for cve in record.cves}

    def holds(self, today: date) -> bool:
        """Tell whether the rule has not ended."""
        return self.until is None or today <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """What the rules leave, what they set aside and by which rule, and what is to be told of the rules."""

    kept: tuple[Match, ...]
    ignored: tuple[tuple[Match, IgnoreRule], ...]
    findings: tuple[Finding, ...]


def parse_ignore(text: str, *, place: Place | None = None) -> IgnoreRule:
    """Read ``ID[:until[:reason]]``, the day ``YYYY-MM-DD`` or empty. Raises :class:`UsageError` (TRU805)."""
    from datetime import date

    identifier, _, rest = text.partition(":")
    until, _, reason = rest.partition(":")
    if not identifier or not identifier.isascii() or any(character.isspace() for character in identifier):
        raise _not_understood(text, place)
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise _not_understood(text, place) from error
    return IgnoreRule(identifier=identifier, until=day, reason=reason.strip(), place=place)


def apply_ignores(matches: Iterable[Match], rules: Sequence[IgnoreRule], *, today: date) -> Ignored:
    """Part *matches* by *rules*; a rule that has ended (TRU806) or met nothing (TRU807) is told."""
    if not rules:
        return Ignored(kept=tuple(matches), ignored=(), findings=())
    kept: list[Match] = []
    ignored: list[tuple[Match, IgnoreRule]] = []
    met: set[int] = set()
    for match in matches:
        covering = [number for number, rule in enumerate(rules) if rule.covers(match.record)]
        met.update(covering)
        holding = next((rules[number] for number in covering if rules[number].holds(today)), None)
        if holding is None:
            kept.append(match)
        else:
            ignored.append((match, holding))
    findings = [_of_rule(rule, met=number in met, today=today) for number, rule in enumerate(rules)]
    told = tuple(finding for finding in findings if finding is not None)
    return Ignored(kept=tuple(kept), ignored=tuple(ignored), findings=told)


def _of_rule(rule: IgnoreRule, *, met: bool, today: date) -> Finding | None:
    if not rule.holds(today):
        values = {"until": str(rule.until), "reason": rule.reason or "none given"}
        return Finding(
            code="TRU806", level=Level.WARNING, subject=rule.identifier, place=rule.place, values=values
        )
    if not met:
        return Finding(code="TRU807", level=Level.WARNING, subject=rule.identifier, place=rule.place)
    return None


def _not_understood(text: str, place: Place | None) -> UsageError:
    return UsageError(Finding(code="TRU805", subject=text, place=place))
