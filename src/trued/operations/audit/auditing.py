"""The audit itself: gather, look up, set aside what the user's rules say, and tell the rest."""

from __future__ import annotations

import os

from trued.advisories.ignoring import IgnoreRule, apply_ignores, parse_ignore
from trued.advisories.outcome import AsideReason, AuditHit, AuditOutcome, SetAside
from trued.advisories.severity import Severity
from trued.advisories.vex import apply_vex
from trued.core.errors import UsageError
from trued.core.record import replace
from trued.operations.audit.asking import Answered, ask, subject_of
from trued.operations.audit.naming import read_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trued.advisories.outcome import AuditedPackage
    from trued.advisories.subject import AuditSubject
    from trued.advisories.vex import VexStatement
    from trued.core.finding import Finding
    from trued.operations.audit.audited import Inputs
    from trued.operations.session import Session

__all__ = ["audit", "audit_inputs", "ignore_rules"]


def audit(session: Session, arguments: Sequence[str], *, stdin: Callable[[], bytes]) -> AuditOutcome:
    """Audit what *arguments* and the settings of *session* name.

    Raises: UsageError for input that cannot be understood; OperationalError when nothing that can be believed
    is known of the releases.
    """
    rules = ignore_rules(session)
    return audit_inputs(session, read_inputs(session, arguments, stdin=stdin), rules)


def audit_inputs(session: Session, inputs: Inputs, rules: Sequence[IgnoreRule]) -> AuditOutcome:
    """Audit what was gathered. Raises OperationalError as :func:`trued.operations.audit.asking.ask`."""
    answered = ask(session, inputs.candidates)
    packages = _packages(answered, inputs)
    hits = [AuditHit(package=packages[match.subject], match=match, rating=rating)
            for match, rating in answered.matches]  # fmt: skip
    by_match = {id(hit.match): hit for hit in hits}
    parted = apply_ignores((hit.match for hit in hits), rules, today=session.started.date())
    vexed = apply_vex([by_match[id(match)] for match in parted.kept], _statements(session))
    kept, aside = _weighed(session, vexed.kept)
    ignored = tuple(
        SetAside(hit=by_match[id(match)], reason=AsideReason.IGNORED, rule=rule, detail=rule.reason)
        for match, rule in parted.ignored
    )
    return AuditOutcome(
        inputs=inputs.names,
        started=session.started,
        source=answered.source,
        packages=tuple(packages.values()),
        hits=tuple(kept),
        aside=(*ignored, *vexed.aside, *aside),
        skipped=(*inputs.skipped, *answered.skipped),
        unreadable=answered.unreadable,
        findings=(
            *inputs.findings,
            *answered.findings,
            *parted.findings,
            *vexed.findings,
            *_told(session, packages.values()),
        ),
        is_strict=session.settings.audit_strict,
    )


def _statements(session: Session) -> tuple[VexStatement, ...]:
    """Return what the VEX documents say. Raises: UsageError TRU575, TRU840."""
    if not session.settings.vex_files:
        return ()
    from trued.advisories.vex_documents import read_vex
    from trued.operations.lock_text import read_bytes

    found: list[VexStatement] = []
    for shown in session.settings.vex_files:
        found += read_vex(read_bytes(os.path.join(session.cwd, shown), shown=shown), file=shown)
    return tuple(found)


def ignore_rules(session: Session) -> tuple[IgnoreRule, ...]:
    """Return the rules that the settings hold. Raises: UsageError TRU805 with each that cannot be read."""
    origin = session.settings.origins.get("ignore-advisories")
    rules: list[IgnoreRule] = []
    findings: list[Finding] = []
    for text in session.settings.ignored_advisories:
        try:
            rules.append(parse_ignore(text, place=origin.place if origin else None))
        except UsageError as error:
            findings += error.findings
    if findings:
        raise UsageError(*findings)
    return tuple(rules)


def _packages(answered: Answered, inputs: Inputs) -> dict[AuditSubject, AuditedPackage]:
    """Return the releases by the question about each; the affected ones with who pulls them in."""
    affected = {match.subject for match, _ in answered.matches}
    packages: dict[AuditSubject, AuditedPackage] = {}
    for one in answered.looked_up:
        subject, package = subject_of(one), one.package
        if subject in affected:
            ways = inputs.ways(package.project, package.version) or ((str(package),),)
            package = replace(package, paths=ways)
        packages[subject] = package
    return packages


def _weighed(session: Session, hits: Iterable[AuditHit]) -> tuple[list[AuditHit], list[SetAside]]:
    """Part what counts from what the settings leave out. Malware counts unless its very file is excepted."""
    settings = session.settings
    order = list(Severity)
    least = order.index(Severity(settings.severity)) if settings.severity else 0
    kept: list[AuditHit] = []
    aside: list[SetAside] = []
    for hit in hits:
        reason: AsideReason | None = None
        detail = ""
        if hit.is_malware:
            files = (hit.match.sha256,) if hit.match.sha256 else hit.package.sha256s
            detail = session.exceptions.reason_for_files(hit.package.project, "malware", files)
            reason = AsideReason.EXCEPTION if detail else None
        elif order.index(hit.rating.counts_as) < least:
            reason, detail = AsideReason.SEVERITY, f"below {settings.severity}"
        elif settings.fixable and not hit.match.fixed_in:
            reason, detail = AsideReason.NO_FIX, "no release fixes it"
        if reason is None:
            kept.append(hit)
        else:
            aside.append(SetAside(hit=hit, reason=reason, detail=detail))
    return kept, aside


def _told(session: Session, packages: Iterable[AuditedPackage]) -> tuple[Finding, ...]:
    projects = {package.project for package in packages}
    session.exceptions.note_examined(projects, ("malware",))
    told = session.exceptions.findings(projects)
    return tuple(finding for finding in told if finding.values.get("rule") == "malware")
