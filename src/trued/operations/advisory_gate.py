"""Advisories where releases are chosen and before files are installed: the local database, asked in passing.

There is a gate where there is a local database (``trued audit db update``, or ``--db``). Malware is refused
at every level. Of vulnerabilities those count that are as severe as ``audit-severity``. While releases are
chosen they are left out; one that the user pins exactly, or that is listed with digests, is told, and refused
where ``audit-severity`` is set or the level is ``strict``.
"""

from __future__ import annotations

import os

from trued.core.finding import Level
from trued.core.record import replace
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.advisories.about import About
    from trued.advisories.matching import Match
    from trued.advisories.record import Record
    from trued.advisories.subject import AuditSubject
    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.resolution.listing import Candidate, Exclusion

__all__ = ["SETTINGS", "ReleaseAdvice", "has_database", "judged_findings", "release_findings"]

SETTINGS = ("advisory-db", "audit-severity", "ignore-advisories")
"""What moves the gate: with one of them set, what a run found out serves no other run."""


def has_database(session: Session) -> bool:
    """Tell whether there is a local database to ask; one that is named and missing is an error later."""
    if session.settings.advisory_db is not None:
        return True
    cache = session.settings.cache_dir
    if cache is None:
        return False
    from trued.config.directories import advisories_path

    return os.path.exists(advisories_path(os.path.join(session.cwd, cache)))


def judged_findings(session: Session, judged: Iterable[Judged]) -> tuple[Finding, ...]:
    """Return what the local database says of the files about to be installed; nothing without one.

    Raises: OperationalError when the database cannot be read: what it would say is not known then.
    """
    if not has_database(session):
        return ()
    from trued.advisories.subject import AuditSubject

    asked = [
        (
            AuditSubject(
                project=one.offer.distribution.project,
                version=one.manifest["version"] if one.manifest else one.offer.distribution.version,
                sha256s=(one.digests["sha256"],),
            ),
            one.offer.wanted.place,
        )
        for one in judged
    ]
    return _findings(session, asked)


def release_findings(
    session: Session, releases: Iterable[tuple[ProjectName, str, Sequence[str]]]
) -> tuple[Finding, ...]:
    """Return what the local database says of chosen *releases*: project, version, sha256 of their files."""
    if not has_database(session):
        return ()
    from trued.advisories.subject import AuditSubject

    asked = [
        (AuditSubject(project=project, version=version, sha256s=tuple(sha256s)), None)
        for project, version, sha256s in releases
    ]
    return _findings(session, asked)


def _findings(session: Session, asked: Sequence[tuple[AuditSubject, Place | None]]) -> tuple[Finding, ...]:
    from trued.advisories.quick_look import needing_a_look
    from trued.operations.audit.local_database import database_path

    if session.settings.advisory_db is None:
        rows = [(one.project, one.version, one.sha256s) for one, _ in asked]
        looked = needing_a_look(database_path(session), rows)
        if looked is not None and not looked[0]:
            return _age(session, looked[1])
        asked = asked if looked is None else [asked[number] for number in looked[0]]
    return _Gate(session).findings(asked)


def _age(session: Session, as_of: str) -> tuple[Finding, ...]:
    from datetime import datetime

    from trued.operations.audit.local_database import MAX_AGE, database_path

    age = session.started - datetime.fromisoformat(as_of)
    limit = session.settings.max_db_age or MAX_AGE
    if age <= limit:
        return ()
    from trued.core.finding import Finding

    values = {"as_of": as_of, "days": str(age.days), "limit": str(limit.days)}
    subject = database_path(session)
    return (Finding(code="TRU803", level=Level.WARNING, subject=subject, values=values),)


class _Gate:
    """Judges matches by the settings of one run, over an open database."""

    def __init__(self, session: Session, *, threshold: str = "") -> None:
        from trued.operations.audit.auditing import ignore_rules
        from trued.operations.audit.local_database import open_database

        self._session = session
        self._today = session.started.date()
        self._rules = [rule for rule in ignore_rules(session) if rule.holds(self._today)]
        self._counting: dict[tuple[str, str], bool] = {}
        self.database = open_database(session)
        settings = session.settings
        self._threshold = threshold or settings.audit_severity
        is_set = "audit-severity" in settings.origins
        self.refuses = settings.level is PolicyLevel.STRICT or (
            is_set and settings.level is not PolicyLevel.PERMISSIVE
        )

    @property
    def about(self) -> About:
        return self.database.about

    def findings(self, asked: Sequence[tuple[AuditSubject, Place | None]]) -> tuple[Finding, ...]:
        """Return what is to be told of the releases, and close the database."""
        from trued.advisories.telling import unreadable_finding

        places = dict(asked)
        with self.database:
            answer = self.database.audit(one for one, _ in asked)
            told = [self._told(match, places[match.subject]) for match in answer.matches]
        found = [finding for finding in told if finding is not None]
        found += [unreadable_finding(one) for one in answer.unreadable]
        return (*found, *_age(self._session, self.about.as_of))

    def _told(self, match: Match, place: Place | None) -> Finding | None:
        from trued.advisories.telling import match_finding

        if not self.counts(match):
            return None
        finding = match_finding(match, self.database.rating(match), place=place)
        if finding.code == "TRU810":
            return self._wanted(finding)
        if match.record.is_malware and finding.level is Level.ERROR and self._is_excepted(match):
            return replace(finding, level=Level.WARNING)
        return finding

    def _wanted(self, found: Finding) -> Finding:
        """Return the finding about a release that was chosen although it is affected."""
        from trued.core.finding import Finding

        known = found.values
        return Finding(
            code="TRU823",
            level=Level.ERROR if self.refuses else Level.WARNING,
            subject=found.subject,
            place=found.place,
            values={
                "id": known["id"],
                "severity": known["severity"],
                "summary": known["summary"],
                "fixed": known["fixed"],
            },
        )

    def _is_excepted(self, match: Match) -> bool:
        files = (match.sha256,) if match.sha256 else match.subject.sha256s
        exceptions = self._session.exceptions
        return bool(exceptions.reason_for_files(match.subject.project, "malware", files))

    def counts(self, match: Match) -> bool:
        """Tell whether the record of *match* is malware, or as severe as asked for and not set aside."""
        key = match.record.id, str(match.subject.project)
        known = self._counting.get(key)
        if known is None:
            known = self._counting[key] = self._weigh(match)
        return known

    def _weigh(self, match: Match) -> bool:
        from trued.advisories.severity import Severity

        threshold = self._threshold
        if match.record.is_malware:
            return True
        if threshold == "off" or any(rule.covers(match.record) for rule in self._rules):
            return False
        order = list(Severity)
        counted = self.database.rating(match).counts_as
        return order.index(counted) >= order.index(Severity(threshold))


class ReleaseAdvice:
    """Keeps releases with advisories from being chosen; an :class:`~trued.resolution.candidates.Advice`.

    *pinned* are versions that the user pins exactly: they may be chosen where the gate only tells. Whether a
    single file is known malware by its digest is seen when it is chosen. *threshold* goes before the setting.
    Several threads may ask.
    """

    def __init__(
        self,
        session: Session,
        *,
        pinned: Mapping[ProjectName, frozenset[Version]],
        threshold: str = "",
    ) -> None:
        import threading

        self._lock = threading.Lock()
        self._gate: _Gate | None = None
        self._session = session
        self._pinned = pinned
        self._threshold = threshold

    def __call__(
        self, project: ProjectName, candidates: Sequence[Candidate], /
    ) -> Mapping[Version, Exclusion]:
        """Return the releases of *project* that advisories rule out, and why."""
        with self._lock:
            if self._gate is None:
                self._gate = _Gate(self._session, threshold=self._threshold)
            return self._excluded(self._gate, project, candidates)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            if self._gate is not None:
                self._gate.database.close()
                self._gate = None

    def _excluded(
        self, gate: _Gate, project: ProjectName, candidates: Sequence[Candidate]
    ) -> dict[Version, Exclusion]:
        by_text = {str(one.version): one.version for one in candidates}
        pinned = self._pinned.get(project, frozenset()) if not gate.refuses else frozenset()
        found: dict[Version, Exclusion] = {}
        for text, records in gate.database.affecting(project, by_text).items():
            version = by_text[text]
            against = [one for one in records if gate.counts(_match(project, one))]
            if version in pinned:
                against = [one for one in against if one.is_malware]
            if against:
                found[version] = _exclusion(against, gate, project)
        return found


def _match(project: ProjectName, record: Record) -> Match:
    from trued.advisories.matching import Affected, How, Match
    from trued.advisories.subject import AuditSubject

    subject = AuditSubject(project=project, version="")
    return Match(subject=subject, record=record, verdict=Affected(How.RANGE))


def _exclusion(records: Sequence[Record], gate: _Gate, project: ProjectName) -> Exclusion:
    from trued.resolution.listing import Exclusion

    malware = [one.id for one in records if one.is_malware]
    if malware:
        return Exclusion("advisory", f"is malware by {', '.join(malware)}")
    rating = gate.database.rating(_match(project, records[0]))
    severity = rating.severity.value if rating.severity else "severity unknown"
    more = f" and {len(records) - 1} more" if len(records) > 1 else ""
    return Exclusion("advisory", f"has the known vulnerability {records[0].id} ({severity}){more}")
