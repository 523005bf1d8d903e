"""Requests to an advisory service, sent in parallel, and its answers kept for a while."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, cast

from trued.advisories.outcome import AuditSource
from trued.core.errors import OperationalError
from trued.index.transport import Request
from trued.operations.audit.answers import KeptAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.advisories.service import ServiceRequest
    from trued.operations.session import Session

__all__ = ["ServiceExchange", "Taker"]


class Taker(Protocol):
    """Takes an answer; raises OperationalError for one that cannot be believed."""

    def __call__(self, request: ServiceRequest, /, *, status: int, body: bytes) -> None:
        """Take the answer to *request*."""


class ServiceExchange:
    """The exchange of one audit, over the transport of *session*."""

    def __init__(self, session: Session) -> None:
        self._session = session
        folder = os.path.join(session.cwd, session.cache, "advisories", "answers")
        now = session.started.timestamp()
        self._kept = KeptAnswers(folder, now=now, fresh=session.settings.disable_cache)

    def send(self, requests: Sequence[ServiceRequest], take: Taker) -> None:
        """Give the answer to each of *requests* to *take*. Raises OperationalError with every failure."""
        waiting = []
        for one in requests:
            body = self._kept.find(one)
            if body is not None:
                take(one, status=200, body=body)
            else:
                waiting.append(self._request(one))
        failures: list[OperationalError] = []
        for request, answer in self._session.transport.fetch_all(waiting):
            try:
                if isinstance(answer, OperationalError):
                    raise answer
                one = cast("ServiceRequest", request.token)
                take(one, status=answer.status, body=answer.body)
            except OperationalError as error:
                failures.append(error)
                continue
            if answer.status == 200 and not answer.authenticated:
                self._kept.keep(one, answer.body)
        if failures:
            raise OperationalError(*(finding for failure in failures for finding in failure.findings))

    def source(self, service: str, address: str) -> AuditSource:
        """Return what the answers are from, and how old the oldest of them is."""
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(self._kept.oldest, UTC).replace(microsecond=0)
        age = int(self._session.started.timestamp() - self._kept.oldest)
        return AuditSource(
            service=service, address=address, as_of=moment.isoformat(), age_seconds=max(age, 0)
        )

    def _request(self, one: ServiceRequest) -> Request:
        return Request(
            url=one.url,
            max_bytes=self._session.limits.advisory_answer_bytes,
            subject=one.url,
            headers=one.headers,
            expected=one.expected,
            body=one.body,
            token=one,
        )
