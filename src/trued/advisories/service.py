"""One request to an advisory service, as data: whoever has a transport sends it and hands the answer back."""

from __future__ import annotations

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.record import dataclass

__all__ = ["ServiceRequest", "parsed_object"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """What to ask. ``body`` is JSON for a POST, ``None`` for a GET; ``expected``: statuses to hand back."""

    url: str
    body: bytes | None = None
    expected: frozenset[int] = frozenset({200})

    @property
    def method(self) -> str:
        """``GET`` or ``POST``."""
        return "GET" if self.body is None else "POST"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that belong to it."""
        accept = ("Accept", "application/json")
        return (accept,) if self.body is None else (accept, ("Content-Type", "application/json"))


def parsed_object(body: bytes, *, code: str, subject: str) -> dict[str, object]:
    """Return the JSON object of an answer. Raises :class:`OperationalError` with *code* for anything else."""
    import json

    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        finding = Finding(code=code, subject=subject, values={"detail": "it is no JSON, or was cut off"})
        raise OperationalError(finding) from error
    if not isinstance(value, dict):
        raise OperationalError(Finding(code=code, subject=subject, values={"detail": "it is no object"}))
    return value
