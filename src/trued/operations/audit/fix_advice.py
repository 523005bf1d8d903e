"""Which releases of the projects to be moved have no advisories that count, for ``--fix``."""

from __future__ import annotations

from trued.advisories.aliases import NameIndex
from trued.advisories.evaluation import ComparedVersion
from trued.advisories.matching import Affected, entries_of, judge_entries
from trued.advisories.severity import Severity, rate
from trued.operations.audit.auditing import ignore_rules
from trued.resolution.listing import Exclusion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.version import Version

    from trued.advisories.record import Record
    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.resolution.candidates import Advice
    from trued.resolution.listing import Candidate

__all__ = ["OnlyFor", "fix_advice"]

_ALL = "*"
"""No version: the service is then asked for every record of the project."""


def fix_advice(session: Session, service: str, projects: Sequence[ProjectName]) -> Advice | None:
    """Return what rules releases of *projects* out, from where the audit asked; ``None`` if it cannot tell.

    The JSON of an index only speaks of one release at a time. Raises OperationalError.
    """
    least = session.settings.severity or "low"
    if service == "db":
        from trued.operations.advisory_gate import ReleaseAdvice

        return ReleaseAdvice(session, pinned={}, threshold=least)
    if service == "osv":
        return _RecordAdvice(session, _records(session, projects), Severity(least))
    return None


class OnlyFor:
    """The advice of another, for some projects alone: what cannot be moved stays where it is."""

    def __init__(self, advice: Advice, projects: frozenset[ProjectName]) -> None:
        self._advice = advice
        self._projects = projects

    def __call__(
        self, project: ProjectName, candidates: Sequence[Candidate], /
    ) -> Mapping[Version, Exclusion]:
        """Return the releases that are ruled out."""
        return self._advice(project, candidates) if project in self._projects else {}


class _RecordAdvice:
    """Advice by records that are at hand."""

    def __init__(self, session: Session, records: tuple[Record, ...], least: Severity) -> None:
        today = session.started.date()
        self._records = records
        self._named = NameIndex(records)
        self._rules = [rule for rule in ignore_rules(session) if rule.holds(today)]
        self._least = least

    def __call__(
        self, project: ProjectName, candidates: Sequence[Candidate], /
    ) -> Mapping[Version, Exclusion]:
        """Return the releases that are ruled out."""
        about = [
            (one.id, entries)
            for one in self._records
            if (entries := entries_of(one, project)) and self._counts(one, project)
        ]
        found = {}
        for candidate in candidates:
            version = ComparedVersion(str(candidate.version))
            ids = [name for name, entries in about if isinstance(judge_entries(entries, version), Affected)]
            if ids:
                found[candidate.version] = Exclusion("advisory", f"has {', '.join(ids[:3])}")
        return found

    def _counts(self, record: Record, project: ProjectName) -> bool:
        if record.is_malware:
            return True
        if any(rule.covers(record) for rule in self._rules):
            return False
        rating = rate(record, project, aliases=self._named.sharing(record))
        order = list(Severity)
        return order.index(rating.counts_as) >= order.index(self._least)


def _records(session: Session, projects: Sequence[ProjectName]) -> tuple[Record, ...]:
    from trued.advisories.osv import DEFAULT_OSV_URL, OsvAudit
    from trued.advisories.subject import AuditSubject
    from trued.operations.audit.exchange import ServiceExchange

    bare = session.credentials.remember(session.settings.osv_url or DEFAULT_OSV_URL)
    audit = OsvAudit((AuditSubject(project=one, version=_ALL) for one in projects), url=bare)
    exchange = ServiceExchange(session)
    while requests := audit.requests():
        exchange.send(requests, audit.take)
    return audit.records()
