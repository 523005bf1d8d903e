"""Verdicts: policy's answer for one file."""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.evidence import Evidence

__all__ = ["Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Admit or refuse one file, with the evidence and the findings that led to it."""

    filename: str
    admitted: bool
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that refuse."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)
