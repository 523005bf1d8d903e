"""The fetcher that the library asks, over trued's port: many files at a time, within one budget of a run.

To be imported once :func:`trued.proof.tuf.library.load_tuf` has run.
"""

from __future__ import annotations

import time

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    SlowRetrievalError,
)
from tuf.ngclient.fetcher import FetcherInterface

from trued.proof.tuf.port import Answer, Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trued.core.finding import Finding
    from trued.core.limits import Limits
    from trued.proof.tuf.port import Fetch

__all__ = ["FetchFailed", "Fetcher", "NotYet"]


class NotYet(DownloadError):
    """The file is not here; it was noted, to be fetched together with others."""


class FetchFailed(DownloadError):
    """The transport could not bring the file, for the reasons in ``findings``."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("not fetched")
        self.findings = findings


class Fetcher(FetcherInterface):
    """Answers the library's calls from what has arrived, else fetches; or, while it ``gathers``, notes them.

    ``last`` is the name and body of the file that was handed out last.
    """

    def __init__(
        self, fetch: Fetch, *, base: str, limits: Limits, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.gathers = False
        self.last: tuple[str, bytes] = ("", b"")
        self._fetch_port = fetch
        self._base = base
        self._monotonic = monotonic
        self._deadline = monotonic() + limits.tuf_seconds
        self._bytes_left = limits.tuf_bytes
        self._noted: dict[str, Wanted] = {}
        self._arrived: dict[str, Answer] = {}

    def _fetch(self, url: str) -> Iterator[bytes]:
        raise DownloadError(f"{url} is no metadata")  # targets come by the transport itself

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Return a metadata file. Raises: DownloadError, and NotYet while it gathers."""
        wanted = Wanted(name=url.removeprefix(self._base), max_bytes=max_length)
        if wanted.name not in self._arrived:
            if self.gathers:
                self._noted[wanted.name] = wanted
                raise NotYet(wanted.name)
            self._bring([wanted])
        self.last = (wanted.name, b"")
        body = self._body(self._arrived.pop(wanted.name), wanted)
        self.last = (wanted.name, body)
        return body

    def bring_noted(self) -> bool:
        """Fetch all that was noted, at the same time; tell whether there was anything."""
        noted, self._noted = list(self._noted.values()), {}
        if noted:
            self._bring(noted)
        return bool(noted)

    def _bring(self, wanted: list[Wanted]) -> None:
        left = self._deadline - self._monotonic()
        if left <= 0:
            self.last = (wanted[0].name, b"")
            raise SlowRetrievalError("the time for metadata is over")
        most = max(0, self._bytes_left)
        bounded = [Wanted(name=one.name, max_bytes=min(one.max_bytes, most)) for one in wanted]
        answers = self._fetch_port(bounded, left)
        self._arrived |= answers
        self._bytes_left -= sum(len(answer.body) for answer in answers.values())

    def _body(self, answer: Answer, wanted: Wanted) -> bytes:
        if answer.is_absent:
            raise DownloadHTTPError("absent", 404)
        if answer.is_slow:
            raise SlowRetrievalError("too slow")
        if answer.is_endless or len(answer.body) > wanted.max_bytes or self._bytes_left < 0:
            raise DownloadLengthMismatchError("too long")
        if answer.findings:
            raise FetchFailed(answer.findings)
        return answer.body
