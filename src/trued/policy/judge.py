"""The verdict on one file: does a proof hold, and does any finding refuse it."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.verdict import Verdict
from trued.policy.level import PolicyLevel, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.evidence import Evidence

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

    *unproven* is the finding to tell when no evidence stands behind the file and nothing else says why; the
    caller knows the lines that would mend it. Without evidence every level but ``permissive`` refuses.
    """
    proofs = tuple(evidence)
    told = tuple(findings)
    if not proofs and not any(finding.level is Level.ERROR for finding in told):
        told += (unproven,)
    weighed = weigh(told, level)
    return Verdict(
        filename=filename,
        admitted=all(finding.level is not Level.ERROR for finding in weighed),
        evidence=proofs,
        findings=weighed,
    )
