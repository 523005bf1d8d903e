"""Bytes to the store: download, compare digests, read strictly, unpack, judge. Several files at a time.

This process fetches and compares digests; the workers of a crew read and unpack what was admitted. Nothing
parses a file before its digests were compared, and a file that fails is deleted unread.
"""

from __future__ import annotations

import os

from trued.core.errors import Refused
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.operations.offer import Judged, Offer
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trued.core.distribution import Distribution
    from trued.core.evidence import Evidence
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.core.verdict import Verdict
    from trued.index.curl import CurlTransport
    from trued.index.transport import Transport
    from trued.operations.building import Builder
    from trued.operations.joined import Joined
    from trued.operations.prover import Prover
    from trued.policy.exceptions import ExceptionBook
    from trued.store.manifest import Manifest

__all__ = ["Acquirer", "Admission", "Compared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquirer:
    """Takes offers to verdicts, and wheels to the store.

    ``unproven`` makes the finding for a file with no proof, from its offer and computed sha256. ``now_ns`` is
    in ns since 1970. ``workers`` is how many unpack. Without ``builder`` no source is built. ``network`` is
    what files are begun on before all are chosen, which nothing is asked about but their digests.
    """

    store: str
    transport: Callable[[], Transport]
    network: Callable[[], CurlTransport]
    limits: Limits
    level: PolicyLevel
    exceptions: ExceptionBook
    unproven: Callable[[Offer, str], Finding]
    prover: Prover
    hooks_allowed: frozenset[ProjectName]
    now_ns: int
    workers: int = 2
    keep_archives: str = ""
    builder: Callable[[], Builder] | None = None

    def compare(self, offer: Offer, digests: Mapping[str, str], path: str = "") -> Compared:
        """Compare a file with all that is said of it; it is not parsed before that is admitted.

        *path* is the archive, where it is in hand.
        """
        return self._compared(self.prover.prove(offer, digests, path))

    def compare_again(self, compared: Compared) -> Compared:
        """Return what *compared* comes to after the user was asked about files that nothing proves."""
        return self._compared(self.prover.accepted(compared.joined))

    def _compared(self, joined: Joined) -> Compared:
        proof, digests = joined.proof, joined.subject.digests
        verdict = self._verdict(joined.offer, digests, proof.evidence, proof.findings)
        return Compared(
            judged=Judged(offer=joined.offer, verdict=verdict, digests=digests),
            joined=joined,
            evidence=proof.evidence,
            findings=proof.findings,
        )

    def judge_content(self, compared: Compared, admission: Admission) -> Judged:
        """Judge a file whose digests were admitted, by what the strict reader and the store said of it."""
        from trued.store.manifest import load

        judged = compared.judged
        manifest = load(admission.entry) if admission.entry else None
        hooks = self._hook_findings(manifest) if manifest else ()
        findings = (*compared.findings, *admission.findings, *hooks)
        verdict = self._verdict(judged.offer, judged.digests, compared.evidence, findings)
        return replace(judged, verdict=verdict, entry=admission.entry, manifest=manifest)

    def judge_stored(self, compared: Compared, entry: str, manifest: Manifest) -> Judged:
        """Judge a wheel that the store has: its digest was compared, its content verified when it came."""
        judged = compared.judged
        findings = (*compared.findings, *self._hook_findings(manifest))
        if self.level is PolicyLevel.STRICT:
            findings = (*findings, *_tag_findings(entry, manifest))
        verdict = self._verdict(judged.offer, judged.digests, compared.evidence, findings)
        return replace(judged, verdict=verdict, entry=entry, manifest=manifest, from_store=True)

    def put_away(self, path: str, sha256: str) -> None:
        """Delete an archive that is judged, or keep it where that is wanted."""
        if self.keep_archives:
            os.replace(path, os.path.join(self.keep_archives, sha256))
        else:
            os.unlink(path)

    def _verdict(
        self,
        offer: Offer,
        digests: Mapping[str, str],
        evidence: Iterable[Evidence],
        findings: Sequence[Finding],
    ) -> Verdict:
        from trued.policy.judge import judge

        return judge(
            offer.distribution.filename,
            evidence=evidence,
            findings=findings,
            unproven=lambda: self.unproven(offer, digests["sha256"]),
            level=self.level,
            exceptions=self.exceptions,
        )

    def admit(self, distribution: Distribution, path: str, sha256: str) -> Admission:
        """Read and unpack the archive at *path*, whose digests were admitted, into the store.

        A wheel that is not well formed has the faults as findings, and no entry. Raises: StoreUnusable.
        """
        from trued.store.admit import admit
        from trued.store.source import remember_source
        from trued.wheel.file import mapped
        from trued.wheel.reader import open_wheel

        with mapped(path) as data:
            try:
                wheel = open_wheel(data, filename=distribution.filename, limits=self.limits)
                findings = (*wheel.warnings, *_metadata_findings(distribution, wheel.metadata.raw))
                if any(finding.level is Level.ERROR for finding in findings):
                    return Admission(entry="", findings=findings)  # the store is not asked about it again
                entry = admit(self.store, wheel, sha256=sha256, now_ns=self.now_ns)
            except Refused as refused:
                return Admission(entry="", findings=refused.findings)
        remember_source(entry, url=distribution.url, index=distribution.index)
        return Admission(entry=entry, findings=findings)

    def _hook_findings(self, manifest: Manifest) -> tuple[Finding, ...]:
        from trued.core.names import normalize
        from trued.wheel.hooks import hook_findings
        from trued.wheel.model import StartupHook

        hooks = [
            StartupHook(path=path, sha256=sha256, kind=kind, known=known)
            for path, sha256, kind, known in manifest["hooks"]
        ]
        return hook_findings(
            hooks,
            filename=manifest["filename"],
            project=normalize(manifest["project"]),
            allowed_projects=self.hooks_allowed,
        )


def _metadata_findings(distribution: Distribution, metadata: bytes) -> tuple[Finding, ...]:
    """Compare METADATA with the digest that the index states of its copy (PEP 658)."""
    from hashlib import new

    wrong = [
        claim
        for claim in distribution.metadata or ()
        if new(claim.algorithm, metadata, usedforsecurity=False).hexdigest() != claim.value
    ]
    subject = distribution.filename
    return tuple(Finding(code="TRU554", subject=subject, values={"stated": str(one)}) for one in wrong)


def _tag_findings(entry: str, manifest: Manifest) -> tuple[Finding, ...]:
    """Read WHEEL again: what another level let pass with a warning is in the store too.

    The content is what was verified, or else it is not linked.
    """
    from trued.store.layout import tree_path
    from trued.wheel.faults import Faults
    from trued.wheel.wheel_file import read_wheel_file, tag_warning

    filename = manifest["filename"]
    try:
        with open(os.path.join(tree_path(entry), manifest["dist_info"], "WHEEL"), "rb") as file:
            wheel_file = read_wheel_file(file.read(), faults=Faults(filename))
    except OSError:  # found to be missing when it is linked
        return ()
    return tag_warning(wheel_file, tags=tuple(manifest["tags"]), filename=filename) if wheel_file else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A file whose digests were compared: the verdict so far, and what it is made of."""

    judged: Judged
    joined: Joined
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the strict reader and the store say of an archive; ``entry`` is empty when it was refused."""

    entry: str
    findings: tuple[Finding, ...]
