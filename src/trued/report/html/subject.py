"""What the page is made of: the inventory, and what was found about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trued.advisories.ignoring import IgnoreRule
    from trued.advisories.outcome import AuditOutcome
    from trued.core.finding import Finding
    from trued.policy.exceptions import PolicyException
    from trued.report.inventory import Inventory

__all__ = ["Advisories", "Comparison", "PageSubject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisories:
    """What the local database says; without an ``outcome`` the ``reason`` tells why.

    ``is_old`` where an audit would not rely on it any more.
    """

    outcome: AuditOutcome | None = None
    reason: str = ""
    mend: str = ""
    is_old: bool = False

    @property
    def lack(self) -> str:
        """Why nothing found is not yet nothing there, as an audit fails for it; else empty."""
        outcome = self.outcome
        if outcome is None:
            return "not looked up"
        if outcome.unreadable or any(outcome.is_fatal(one) for one in outcome.skipped):
            return "not all could be looked up"
        return "the data is too old to rely on" if self.is_old else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the comparison of the files on disk found: counts of what was compared, and what differs.

    ``proven`` counts packages whose files were compared with a proven wheel, and not only with RECORD.
    """

    packages: int
    proven: int
    files: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSubject:
    """Everything that the page tells. ``comparison`` is missing for a lock, which has no files on disk."""

    inventory: Inventory
    level: str
    advisories: Advisories
    comparison: Comparison | None = None
    judged: tuple[Finding, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    ignored: tuple[IgnoreRule, ...] = ()
