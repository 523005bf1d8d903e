"""The proof called attestation: a pipeline that the user knows built this file (PEP 740).

Who built it is read from the certificate of a verified signature. What an index says of that is compared, and
never believed. Evidence takes an identity that comes from somewhere else: a rule of the policy, a lock, or
what was recorded when the project was first used. Without any, a good attestation names a publisher to record
and proves nothing.
"""

from __future__ import annotations

import hashlib

from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level
from trued.core.limits import Limits
from trued.core.record import dataclass, replace
from trued.proof.subject import Proof
from trued.proof.verified_memory import VerifiedAttestation, VerifiedMemory, recall, result_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.proof.provenance import Attestation
    from trued.proof.publisher import Publisher, PublisherRule
    from trued.proof.subject import ProofSubject
    from trued.proof.trusted_root import TrustedRoot

__all__ = ["AttestationResult", "verify_provenance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationResult:
    """What a provenance comes to.

    ``publishers`` were verified; they are to be recorded when the file is accepted, for
    whatever reason.
    """

    proof: Proof
    publishers: tuple[Publisher, ...] = ()


def verify_provenance(
    subject: ProofSubject,
    provenance: bytes | None,
    *,
    rules: Sequence[PublisherRule],
    known: Sequence[Publisher],
    roots: TrustedRoot,
    remembered: VerifiedMemory | None,
    now: str,
    limits: Limits | None = None,
) -> AttestationResult:
    """Verify what an index keeps as *provenance* of one file; ``None`` where it names or has none.

    *rules* may be of any projects; *known* are the publishers that a lock or the first use names. A publisher
    is evidence when, in each file that has rules for the project, one of them admits it; where no file has
    any, when it continues a known one. *now* is RFC 3339 UTC.

    Raises:
        OperationalError: the trusted root cannot be used.

    """
    asked = [rule for rule in rules if rule.applies_to(subject.project)]
    judge = _Judge(subject, asked, known, now)
    if provenance is None:
        return judge.stripped()
    key = hashlib.sha256(provenance).hexdigest()
    if remembered:
        text = remembered.recall(file=subject.sha256, bundle=key, root=roots.sha256)
        if attestations := recall(text, filename=subject.filename):
            return judge.judge(attestations, ())
    attestations, findings = _verify(subject, provenance, roots, now, limits or Limits())
    if remembered and not findings:
        result = result_text(subject.filename, attestations)
        remembered.remember(file=subject.sha256, bundle=key, root=roots.sha256, result=result)
    return judge.judge(attestations, findings)


def _verify(
    subject: ProofSubject, provenance: bytes, roots: TrustedRoot, now: str, limits: Limits
) -> tuple[tuple[VerifiedAttestation, ...], tuple[Finding, ...]]:
    """Return what held, and a finding for each attestation that did not."""
    from datetime import datetime

    from trued.proof.provenance import BadProvenance, TooMuch, read_provenance
    from trued.proof.signed_statement import NotVerified, verify

    try:
        attestations = read_provenance(provenance, limits=limits)
    except TooMuch as error:
        return (), (_finding("TRU702", subject, where=error.where, reason=error.reason),)
    except BadProvenance as error:
        return (), (_finding("TRU701", subject, where=error.where, reason=error.reason),)
    time = datetime.fromisoformat(now)
    held: list[VerifiedAttestation] = []
    findings: list[Finding] = []
    for attestation in attestations:
        try:
            found = verify(attestation, subject, root=roots, now=time)
        except NotVerified as error:
            findings.append(error.finding)
            continue
        held.append(found)
        findings.extend(_contradictions(subject, attestation, found.publisher))
    return tuple(held), tuple(findings)


def _contradictions(subject: ProofSubject, attestation: Attestation, publisher: Publisher) -> list[Finding]:
    """Compare what the index says of the publisher with what the certificate says.

    A kind that only the index knows says nothing here; it may name its own.
    """
    from trued.proof.publisher import KINDS, Publisher, UnknownPublisher

    if str(attestation.claimed.get("kind", "")).lower() not in KINDS:
        return []
    try:
        claimed = Publisher.from_identity(attestation.claimed)
        agrees = publisher.continues(claimed)
        told = claimed.identity[:200]
    except UnknownPublisher as error:
        agrees, told = False, str(error)[:200]
    if agrees:
        return []
    where = attestation.where
    return [_finding("TRU715", subject, where=where, claimed=told, publisher=publisher.identity)]


class _Judge:
    """Compares verified publishers with those that the user knows."""

    def __init__(
        self, subject: ProofSubject, rules: Sequence[PublisherRule], known: Sequence[Publisher], now: str
    ) -> None:
        self._subject = subject
        self._rules = rules
        self._groups = _groups(subject.project, rules)
        self._known = known
        self._now = now

    def stripped(self) -> AttestationResult:
        """Answer for a file without provenance: a loss where a publisher is expected, else nothing."""
        if not self._expects:
            return AttestationResult(proof=Proof())
        code = "TRU700" if self._rules else "TRU718"
        return AttestationResult(proof=Proof(findings=(self._tell(code, {"expected": self._expected()}),)))

    def judge(
        self, attestations: tuple[VerifiedAttestation, ...], findings: tuple[Finding, ...]
    ) -> AttestationResult:
        """Answer for what held and what did not; beside a broken attestation the others are no evidence."""
        publishers = tuple(dict.fromkeys(each.publisher for each in attestations))
        evidence: tuple[Evidence, ...] = ()
        broken = any(finding.level is Level.ERROR for finding in findings)
        if not broken:
            evidence = tuple(self._evidence(each) for each in attestations if self._admits(each.publisher))
        if self._expects and not evidence:
            findings = tuple(replace(finding, level=Level.ERROR) for finding in findings)
            findings += tuple(self._stranger(publisher) for publisher in publishers if not broken)
        findings += tuple(self._told_changes(publishers) if evidence else ())
        proof = Proof(evidence=evidence, findings=findings)
        return AttestationResult(proof=proof, publishers=() if broken else publishers)

    @property
    def _expects(self) -> bool:
        return bool(self._rules or self._known)

    def _admits(self, publisher: Publisher) -> bool:
        if self._groups:
            return all(any(rule.admits(publisher) for rule in group) for group in self._groups)
        return any(publisher.continues(known) for known in self._known)

    def _stranger(self, publisher: Publisher) -> Finding:
        """Tell of a publisher that nobody expects here."""
        values = {"publisher": publisher.identity, "expected": self._expected()}
        if not self._groups:
            return self._tell("TRU706", values)
        closed = next(group for group in self._groups if not any(rule.admits(publisher) for rule in group))
        for rule in closed:
            if rule.admits_without_environment(publisher):
                values["environment"] = publisher.environment or "none"
                return self._tell("TRU714", values, place=rule.place)
        return self._tell("TRU704", values, place=closed[0].place)

    def _told_changes(self, publishers: tuple[Publisher, ...]) -> list[Finding]:
        """Tell, beside evidence from a rule, that the publisher is not the known one."""
        expected = _lines(self._known)
        return [
            self._tell("TRU706", {"publisher": publisher.identity, "expected": expected}, level=Level.WARNING)
            for publisher in publishers
            if self._known and not any(publisher.continues(known) for known in self._known)
        ]

    def _evidence(self, attestation: VerifiedAttestation) -> Evidence:
        from datetime import UTC, datetime

        logged = datetime.fromtimestamp(attestation.signed_at, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Evidence(
            sha256=self._subject.sha256,
            kind=Kind.ATTESTATION,
            authority=attestation.publisher.identity,
            detail=f"{attestation.predicate}, logged {logged}",
            time=self._now,
        )

    def _expected(self) -> str:
        return "".join(f"\n  {rule}" for rule in self._rules) or _lines(self._known)

    def _tell(
        self, code: str, values: Mapping[str, str], *, level: Level = Level.ERROR, place: Place | None = None
    ) -> Finding:
        return Finding(code=code, level=level, subject=self._subject.filename, place=place, values=values)


def _groups(project: ProjectName, rules: Sequence[PublisherRule]) -> tuple[tuple[PublisherRule, ...], ...]:
    """Return the rules by the file they stand in; where one names the project, patterns there do not count.

    The rules of one file are alternatives. Every file must admit the publisher, so that a file nearer to the
    project can only ask for more.
    """
    files: dict[str, list[PublisherRule]] = {}
    for rule in rules:
        files.setdefault(rule.place.file if rule.place else "", []).append(rule)
    return tuple(
        tuple(rule for rule in group if rule.project == project) or tuple(group) for group in files.values()
    )


def _lines(publishers: Sequence[Publisher]) -> str:
    return "".join(f"\n  {publisher.identity}" for publisher in publishers)


def _finding(code: str, subject: ProofSubject, **values: str) -> Finding:
    return Finding(code=code, subject=subject.filename, values=values)
