"""What an audit has to tell, as findings: one for each match, undecided release and unreadable record."""

from __future__ import annotations

from trued.advisories.matching import Affected, How
from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.advisories.database import Unreadable
    from trued.advisories.matching import Match
    from trued.advisories.severity import Rating
    from trued.advisories.subject import AuditSubject
    from trued.core.finding import Place

__all__ = ["match_finding", "not_audited_finding", "unreadable_finding"]

_SUMMARY = 160


def match_finding(
    match: Match, rating: Rating, *, place: Place | None = None, level: Level = Level.ERROR
) -> Finding:
    """Return the finding for *match*.

    TRU810 affected, TRU811 and TRU812 malware by digest and by version, TRU813 undecided. Malware is an error
    whatever *level* is; an undecided release is a warning at most.
    """
    record = match.record
    subject = f"{match.subject.project} {match.subject.version}"
    values = {
        "id": record.id,
        "names": ", ".join(record.aliases) or "none",
        "severity": rating.severity.value if rating.severity else "unknown",
        "summary": _summary(match),
        "fixed": ", ".join(match.fixed_in) or "no release yet",
    }
    verdict = match.verdict
    if not isinstance(verdict, Affected):
        undecided = Level.WARNING if level is Level.ERROR else level
        values["reason"] = verdict.reason.value
        return Finding(code="TRU813", level=undecided, subject=subject, place=place, values=values)
    if verdict.how is How.DIGEST:
        values["sha256"] = match.sha256
        return Finding(code="TRU811", subject=subject, place=place, values=values)
    if record.is_malware:
        return Finding(code="TRU812", subject=subject, place=place, values=values)
    return Finding(code="TRU810", level=level, subject=subject, place=place, values=values)


def unreadable_finding(unreadable: Unreadable, *, level: Level = Level.WARNING) -> Finding:
    """Return the finding for a record that could not be read (TRU814)."""
    values = {"project": unreadable.project or "unknown", "detail": unreadable.detail}
    return Finding(code="TRU814", level=level, subject=unreadable.record, values=values)


def not_audited_finding(
    subject: AuditSubject, *, detail: str, place: Place | None = None, level: Level = Level.WARNING
) -> Finding:
    """Return the finding for a release that nothing could be asked about (TRU815)."""
    told = f"{subject.project} {subject.version}"
    return Finding(code="TRU815", level=level, subject=told, place=place, values={"detail": detail})


def _summary(match: Match) -> str:
    text = " ".join((match.record.summary or match.record.details).split())
    return text if len(text) <= _SUMMARY else text[: _SUMMARY - 1].rstrip() + "…"
