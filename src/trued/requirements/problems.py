"""The findings of one reading, collected so that all of them are told together."""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Problems"]


class Problems:
    """Collects findings in the order in which they are met."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    def error(self, code: str, place: Place | None, subject: str = "", **values: str) -> None:
        """Add what makes the input unusable."""
        self._findings.append(Finding(code=code, subject=subject, place=place, values=values))

    def warning(self, code: str, place: Place | None, subject: str = "", **values: str) -> None:
        """Add what is told, and does not stop the run."""
        self._findings.append(
            Finding(code=code, level=Level.WARNING, subject=subject, place=place, values=values)
        )

    def note(self, code: str, place: Place | None, subject: str = "", **values: str) -> None:
        """Add what may be of interest."""
        self._findings.append(
            Finding(code=code, level=Level.NOTE, subject=subject, place=place, values=values)
        )

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings made elsewhere."""
        self._findings.extend(findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything collected."""
        return tuple(self._findings)

    def raise_if_errors(self) -> None:
        """Raise :class:`UsageError` with everything collected when an error is among it."""
        if any(finding.level is Level.ERROR for finding in self._findings):
            raise UsageError(*self._findings)
