"""One check of ``trued doctor`` and what came of it."""

from __future__ import annotations

from enum import Enum

from trued.core.finding import Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.core.finding import Finding

__all__ = ["Check", "Status", "fine", "skipped", "told"]


class Status(Enum):
    """What came of a check. Only a fault keeps trued from doing its work, or from doing it safely."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """``name`` is stable (``store.space``). ``detail`` are facts, or why it was skipped.

    ``finding`` is what a warning or a fault tells, with its mend.
    """

    name: str
    status: Status
    detail: str = ""
    finding: Finding | None = None


def fine(name: str, detail: str = "") -> Check:
    """Return a check that found all in order; *detail* are the facts that show it."""
    return Check(name=name, status=Status.OK, detail=detail)


def skipped(name: str, why: str) -> Check:
    """Return a check that was not made."""
    return Check(name=name, status=Status.SKIPPED, detail=why)


def told(name: str, findings: Iterable[Finding]) -> Iterator[Check]:
    """Yield a check for each of *findings*: an error is a fault, all else a warning."""
    for finding in findings:
        status = Status.FAULT if finding.level is Level.ERROR else Status.WARNING
        yield Check(name=name, status=status, finding=finding)
