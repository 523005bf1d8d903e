"""The verdict on one file: does a proof hold, and does any finding refuse it."""

from __future__ import annotations

from collections.abc import Iterable

from trued.core.evidence import Evidence
from trued.core.finding import Finding, Level
from trued.core.verdict import Verdict
from trued.policy.level import PolicyLevel, weigh

__all__ = ["judge"]


def judge(
    filename: str,
    *,
    evidence: Iterable[Evidence],
    findings: Iterable[Finding],
    unproven: Finding,
    level: PolicyLevel,
) -> Verdict:
    """Return policy's answer for one file.

    *unproven* is the finding to tell when no evidence stands behind the file; the caller knows the lines
    that would mend it. Without evidence every level but ``permissive`` refuses.
    """
    proofs = tuple(evidence)
    told = tuple(findings) if proofs else (*findings, unproven)
    weighed = weigh(told, level)
    return Verdict(
        filename=filename,
        admitted=all(finding.level is not Level.ERROR for finding in weighed),
        evidence=proofs,
        findings=weighed,
    )
