"""Answers of a service, kept for an hour, so that audits one after the other ask once.

An answer is kept only after it was understood, and never one that took credentials.
"""

from __future__ import annotations

import hashlib
import os

from trued.core.private_file import private_bytes, write_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.advisories.service import ServiceRequest

__all__ = ["KeptAnswers"]

_LIFETIME = 3600.0


class KeptAnswers:
    """Answers in *folder*; *now* is in seconds since 1970. With *fresh* kept ones are not used.

    ``oldest`` is when the oldest answer in use was obtained: *now* when none was kept.
    """

    def __init__(self, folder: str, *, now: float, fresh: bool) -> None:
        self._folder = folder
        self._now = now
        self._fresh = fresh
        self.oldest = now

    def find(self, request: ServiceRequest) -> bytes | None:
        """Return the body that is kept for *request*, with status 200, if it is young enough."""
        if self._fresh:
            return None
        data = private_bytes(self._path(request))
        stamp, found, body = (data or b"").partition(b"\n")
        try:
            moment = float(stamp) if found else 0.0
        except ValueError:
            return None
        if not self._now - _LIFETIME < moment <= self._now:
            return None
        self.oldest = min(self.oldest, moment)
        return body

    def keep(self, request: ServiceRequest, body: bytes) -> None:
        """Keep the answer with status 200 to *request*."""
        write_private(self._path(request), (f"{self._now!r}\n".encode(), body))

    def _path(self, request: ServiceRequest) -> str:
        key = hashlib.sha256(request.url.encode() + b"\0" + (request.body or b"")).hexdigest()
        return os.path.join(self._folder, key[:2], key[2:])
