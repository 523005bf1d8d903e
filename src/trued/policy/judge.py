"""The verdict on one file: does a proof hold, and does any finding refuse it."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.verdict import Verdict
from trued.policy.level import PolicyLevel, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trued.core.evidence import Evidence
    from trued.policy.exceptions import ExceptionBook

__all__ = ["judge"]


def judge(
    filename: str,
    *,
    evidence: Iterable[Evidence],
    findings: Iterable[Finding],
    unproven: Callable[[], Finding],
    level: PolicyLevel,
    exceptions: ExceptionBook | None = None,
) -> Verdict:
    """Return policy's answer for one file.

    *unproven* makes the finding to tell when no evidence stands behind the file and nothing else says why;
    the caller knows the lines that would mend it. Without evidence every level but ``permissive`` refuses,
    unless one of *exceptions* says otherwise of this project.
    """
    proofs = tuple(evidence)
    weighed = weigh(findings, level, exceptions)
    if not proofs and not any(finding.level is Level.ERROR for finding in weighed):
        weighed += weigh((unproven(),), level, exceptions)
    return Verdict(
        filename=filename,
        admitted=all(finding.level is not Level.ERROR for finding in weighed),
        evidence=proofs,
        findings=weighed,
    )
