"""Findings of the operator's commands, made in one line each."""

from __future__ import annotations

from trued.core.errors import OperationalError, Refused, UsageError
from trued.core.finding import Finding, Level

__all__ = ["failed", "fault", "misused", "note", "refused", "warning"]


def fault(code: str, subject: str, **values: object) -> Finding:
    """Return the finding, an error, with its values as text."""
    return Finding(code=code, level=Level.ERROR, subject=subject, values=_told(values))


def warning(code: str, subject: str, **values: object) -> Finding:
    """Return the finding as a warning."""
    return Finding(code=code, level=Level.WARNING, subject=subject, values=_told(values))


def note(code: str, subject: str, **values: object) -> Finding:
    """Return the finding as a note."""
    return Finding(code=code, level=Level.NOTE, subject=subject, values=_told(values))


def refused(code: str, subject: str, **values: object) -> Refused:
    """Return the error that says no, exit status 1."""
    return Refused(fault(code, subject, **values))


def failed(code: str, subject: str, **values: object) -> OperationalError:
    """Return the error of something that cannot be done, exit status 2."""
    return OperationalError(fault(code, subject, **values))


def misused(code: str, subject: str, **values: object) -> UsageError:
    """Return the error of a call that cannot be meant so, exit status 2."""
    return UsageError(fault(code, subject, **values))


def _told(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
