"""Exceptions from a rule: which project, which rule, why, and until when.

An exception that has expired no longer holds, and one that nothing needed is a hole kept open for nobody;
both are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from trued.core.finding import Place
    from trued.core.names import ProjectName

__all__ = ["RULES", "ExceptionBook", "PolicyException"]

RULES = ("look-alike", "min-age", "quarantined", "uploaded-prior-to", "yanked")
"""The rules that an exception can be from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """What the user admits against a rule.

    ``rule`` is the reason word of :mod:`trued.policy.candidates` (``yanked``, ``min-age``, …). ``until`` is
    the last day on which it holds; ``None`` for no end.
    """

    project: ProjectName
    rule: str
    reason: str
    until: date | None = None
    place: Place | None = None


class ExceptionBook:
    """The exceptions of one run, and which of them were needed. *today* is the date of the run, in UTC."""

    def __init__(self, exceptions: Iterable[PolicyException] = (), *, today: date) -> None:
        entries = tuple(exceptions)
        self._expired = tuple(one for one in entries if one.until is not None and one.until < today)
        self._holding: dict[tuple[ProjectName, str], PolicyException] = {}
        for one in entries:
            if one not in self._expired:
                self._holding.setdefault((one.project, one.rule), one)
        self._used: set[tuple[ProjectName, str]] = set()

    def admits(self, project: ProjectName, rule: str) -> bool:
        """Tell whether *project* is excepted from *rule*. To be asked only when the rule would refuse."""
        key = (project, rule)
        if key not in self._holding:
            return False
        self._used.add(key)
        return True

    def findings(self) -> tuple[Finding, ...]:
        """Return a warning for each exception that has expired, and for each that nothing needed so far."""
        unused = [one for key, one in self._holding.items() if key not in self._used]
        return (
            *(_finding("TRU650", one) for one in self._expired),
            *(_finding("TRU651", one) for one in unused),
        )


def _finding(code: str, exception: PolicyException) -> Finding:
    return Finding(
        code=code,
        level=Level.WARNING,
        subject=exception.project,
        place=exception.place,
        values={
            "rule": exception.rule,
            "reason": exception.reason,
            "until": exception.until.isoformat() if exception.until is not None else "no end",
        },
    )
