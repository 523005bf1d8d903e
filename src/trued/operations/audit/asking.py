"""The releases looked up: in the local database, by the OSV service, or by the index's own JSON."""

from __future__ import annotations

import os

from trued.advisories.aliases import NameIndex
from trued.advisories.outcome import AuditSource, Skipped, SkipReason
from trued.advisories.severity import Scores, rate
from trued.advisories.subject import AuditSubject
from trued.core.errors import OperationalError, UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trued.advisories.database import AdvisoryDatabase, Unreadable
    from trued.advisories.matching import Match
    from trued.advisories.service import ServiceRequest
    from trued.advisories.severity import Rating
    from trued.operations.audit.audited import Candidate
    from trued.operations.session import Session

__all__ = ["Answered", "ask", "subject_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is known: ``looked_up`` are those that were audited, ``skipped`` the others."""

    source: AuditSource
    looked_up: tuple[Candidate, ...]
    matches: tuple[tuple[Match, Rating], ...]
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    findings: tuple[Finding, ...] = ()


def subject_of(candidate: Candidate) -> AuditSubject:
    """Return the question about *candidate*."""
    package = candidate.package
    return AuditSubject(project=package.project, version=package.version, sha256s=package.sha256s)


def ask(session: Session, candidates: Sequence[Candidate]) -> Answered:
    """Look *candidates* up where the settings say: ``--service``, else the local database if there is one.

    Raises: OperationalError when it does not answer, or not so that it can be believed.
    """
    service = session.settings.audit_service
    if service is None:
        service = "db" if _has_database(session) else "osv"
    if service == "db":
        return _ask_database(session, candidates)
    return _ask_osv(session, candidates) if service == "osv" else _ask_index(session, candidates)


def _has_database(session: Session) -> bool:
    from trued.operations.audit.local_database import database_path

    settings = session.settings
    if settings.advisory_db is not None or settings.offline:
        return True
    return settings.osv_url is None and os.path.exists(database_path(session))


def _ask_database(session: Session, candidates: Sequence[Candidate]) -> Answered:
    from trued.advisories.about import age_findings
    from trued.operations.audit.local_database import MAX_AGE, open_database

    with open_database(session) as database:
        limit = session.settings.max_db_age or MAX_AGE
        stale = age_findings(database.about, now=session.started, limit=limit)
        if stale:
            raise OperationalError(*stale)
        answer = database.audit(subject_of(one) for one in candidates)
        matches = tuple((match, database.rating(match)) for match in answer.matches)
        source = _database_source(database, session)
    return Answered(source=source, looked_up=tuple(candidates), matches=matches, unreadable=answer.unreadable)


def _database_source(database: AdvisoryDatabase, session: Session) -> AuditSource:
    about = database.about
    return AuditSource(
        service="db",
        address=database.path,
        origin=about.source,
        as_of=about.as_of,
        age_seconds=max(int(about.age(session.started).total_seconds()), 0),
        records=about.records,
        content=about.content,
    )


def _ask_osv(session: Session, candidates: Sequence[Candidate]) -> Answered:
    from trued.advisories.osv import DEFAULT_OSV_URL, OsvAudit
    from trued.operations.audit.exchange import ServiceExchange
    from trued.operations.audit.privacy import NamePrivacy

    sent, kept = _parted(candidates, NamePrivacy(session).reason)
    bare = session.credentials.remember(session.settings.osv_url or DEFAULT_OSV_URL)
    audit = OsvAudit((subject_of(one) for one in sent), url=bare)
    exchange = ServiceExchange(session)
    while requests := audit.requests():
        exchange.send(requests, audit.take)
    named, scores = NameIndex(audit.records()), Scores()

    def rating(match: Match) -> Rating:
        aliases = named.sharing(match.record)
        return rate(match.record, match.subject.project, aliases=aliases, scores=scores)

    matches = tuple((match, rating(match)) for match in audit.matches())
    return Answered(source=exchange.source("osv", bare), looked_up=sent, matches=matches, skipped=tuple(kept))


def _ask_index(session: Session, candidates: Sequence[Candidate]) -> Answered:
    from trued.advisories.pypi import IndexAnswer, index_request, read_index_answer
    from trued.index.default import default_index_url
    from trued.operations.audit.exchange import ServiceExchange
    from trued.operations.audit.privacy import NamePrivacy

    index = session.credentials.remember(session.settings.index_url or default_index_url())
    sent, kept = _parted(candidates, NamePrivacy(session, knowing=index).reason)
    asked: dict[ServiceRequest, Candidate] = {}
    for one in sent:
        request = index_request(index, subject_of(one))
        if request is None:
            raise UsageError(Finding(code="TRU819", subject=index))
        asked[request] = one
    answers: dict[AuditSubject, IndexAnswer] = {}

    def take(request: ServiceRequest, *, status: int, body: bytes) -> None:
        subject = subject_of(asked[request])
        answers[subject] = read_index_answer(subject, url=request.url, status=status, body=body)

    exchange = ServiceExchange(session)
    exchange.send(tuple(asked), take)
    known = [one for one in sent if answers[subject_of(one)].is_known]
    unknown = [one for one in sent if not answers[subject_of(one)].is_known]
    detail = "the index does not know this release, or has put it into quarantine"
    matches = [match for one in known for match in answers[subject_of(one)].matches]
    return Answered(
        source=exchange.source("pypi", index),
        looked_up=tuple(known),
        matches=tuple((match, rate(match.record, match.subject.project)) for match in matches),
        skipped=(*kept, *(one.skipped(SkipReason.UNKNOWN, detail) for one in unknown)),
    )


def _parted(
    candidates: Iterable[Candidate], reason: Callable[[Candidate], str]
) -> tuple[tuple[Candidate, ...], list[Skipped]]:
    sent: list[Candidate] = []
    kept: list[Skipped] = []
    for one in candidates:
        detail = reason(one)
        if detail:
            kept.append(one.skipped(SkipReason.PRIVATE, detail))
        else:
            sent.append(one)
    return tuple(sent), kept
