"""The one root of the errors that a user can cause."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Finding

__all__ = ["OperationalError", "Refused", "TruedError", "UsageError"]


class TruedError(Exception):
    """Something the user is told without a traceback: one or more findings, and the exit status.

    All problems of one input are collected first and raised together.
    """

    exit_status = 2

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "; ".join(
            f"{finding.code} {finding.subject} {dict(finding.values)}" for finding in self.findings
        )


class Refused(TruedError):
    """A file or an environment does not pass: the answer is no. Exit status 1."""

    exit_status = 1


class UsageError(TruedError):
    """The call, a setting or an input file cannot be understood. Exit status 2."""


class OperationalError(TruedError):
    """The world did not answer: network, disk, permissions, a limit. Never a verdict. Exit status 2."""
