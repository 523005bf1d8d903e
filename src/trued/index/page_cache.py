"""Pages kept on disk, so that a page which has not changed is not fetched again.

One file a page: a line of JSON, then the body. What was got with credentials is marked private and never used
without asking the server again with the credentials of today, whoever runs.
"""

from __future__ import annotations

import hashlib
import os

from trued.core.private_file import identity_of, write_private
from trued.core.record import dataclass, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.private_file import Identity

__all__ = ["CachedPage", "KeptPage", "PageCache"]

_FORMAT = 2
_LONGEST_HEADER = 8192
_NOT_IN_HEADER = frozenset(("body", "digest"))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """Where a page lies that was read or written, which content it was, and how long it is fresh.

    ``since`` and ``until`` are seconds since the epoch; ``sent`` is the sha256 of what the server sent.
    """

    path: str
    identity: Identity
    since: float
    until: float
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPage:
    """A page as fetched: final address, validators, when (seconds since the epoch) and for how long.

    ``sent`` is the sha256 of what the server sent, which ``body`` may say in another form; ``digest`` that of
    ``body`` where it is kept, else empty.
    """

    url: str
    content_type: str
    etag: str
    last_modified: str
    fetched: float
    fresh_seconds: float
    private: bool
    body: bytes
    sent: str
    digest: str = field(default="", compare=False)

    def is_fresh(self, now: float) -> bool:
        """Tell whether the page may be used without asking; a clock that went back makes it stale."""
        return not self.private and 0 <= now - self.fetched < self.fresh_seconds


class PageCache:
    """Keeps pages below *folder*; ``now`` gives seconds since the epoch.

    A cache is a convenience: what cannot be read, is damaged or is of another format counts as absent, and
    what cannot be written is not kept.
    """

    def __init__(self, folder: str, *, now: Callable[[], float]) -> None:
        self._folder = os.path.join(folder, "pages")
        self._kept: dict[str, KeptPage] = {}
        self.now = now

    def load(self, key: str) -> CachedPage | None:
        """Return the page kept under *key*, whole, or ``None``."""
        path = self._path(key)
        try:
            with open(path, "rb") as file:
                identity = identity_of(os.fstat(file.fileno()))
                header, newline, body = file.read().partition(b"\n")
        except OSError:
            return None
        page = _parsed(header, body, key) if newline else None
        if page is not None:
            self._note(key, path, identity, page)
        return page

    def head(self, key: str) -> CachedPage | None:
        """Return what :meth:`load` does, the body unread: for who knows by its digest what it says."""
        path = self._path(key)
        try:
            with open(path, "rb", buffering=0) as file:
                identity = identity_of(os.fstat(file.fileno()))
                header, newline, _ = file.read(_LONGEST_HEADER).partition(b"\n")
        except OSError:
            return None
        page = _parsed(header, None, key) if newline else None
        if page is not None:
            self._note(key, path, identity, page)
        return page

    def keep(self, key: str, page: CachedPage, *, digest: str = "") -> CachedPage:
        """Write *page* under *key*, whole or not at all, for this user only; return it as it is kept.

        *digest* is the sha256 of the body, where the caller knows it.
        """
        import json

        page = replace(page, digest=digest or hashlib.sha256(page.body).hexdigest())
        header = {
            **{name: getattr(page, name) for name in CachedPage.__slots__ if name not in _NOT_IN_HEADER},
            "format": _FORMAT,
            "key": key,
            "sha256": page.digest,
        }
        path = self._path(key)
        identity = write_private(path, (json.dumps(header).encode(), b"\n", page.body))
        if identity is None:
            self._kept.pop(key, None)
            return replace(page, digest="")
        self._note(key, path, identity, page)
        return page

    def kept(self, key: str) -> KeptPage | None:
        """Return what is known of the page that was last read or written under *key* in this run."""
        return self._kept.get(key)

    def _note(self, key: str, path: str, identity: Identity, page: CachedPage) -> None:
        if page.private:
            self._kept.pop(key, None)
            return
        until = page.fetched + page.fresh_seconds
        self._kept[key] = KeptPage(
            path=path, identity=identity, since=page.fetched, until=until, sent=page.sent
        )

    def _path(self, key: str) -> str:
        name = hashlib.sha256(key.encode()).hexdigest()
        return os.path.join(self._folder, name[:1], name[1:])


def _parsed(header: bytes, body: bytes | None, key: str) -> CachedPage | None:
    import json

    try:
        stored = json.loads(header)
        if (stored["format"], stored["key"]) != (_FORMAT, key):
            return None
        if body is not None and stored["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        return CachedPage(
            url=str(stored["url"]),
            content_type=str(stored["content_type"]),
            etag=str(stored["etag"]),
            last_modified=str(stored["last_modified"]),
            fetched=float(stored["fetched"]),
            fresh_seconds=float(stored["fresh_seconds"]),
            private=bool(stored["private"]),
            body=body or b"",
            sent=str(stored["sent"]),
            digest=str(stored["sha256"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
