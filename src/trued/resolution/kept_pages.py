"""Page caches for a run that reads hundreds of pages, and for one that may not use the network."""

from __future__ import annotations

from trued.core.errors import OperationalError
from trued.core.record import replace
from trued.index.page_cache import PageCache
from trued.index.url import InvalidUrl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.index.html_page import HtmlPage
    from trued.index.page_cache import CachedPage

__all__ = ["KeptPages", "TranscribedPages"]

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = ("text/html", "application/vnd.pypi.simple.v1+html")


class TranscribedPages(PageCache):
    """A page cache that keeps HTML pages in their JSON form (PEP 691), which is read five times faster.

    What the page says is the same; the server is asked about its own form, by its validators.
    """

    def keep(self, key: str, page: CachedPage, *, digest: str = "") -> CachedPage:
        """Write *page*, as JSON where that can be done, and return that."""
        kept = _transcribed(page)
        return super().keep(key, kept, digest=digest if kept.body is page.body else "")


class KeptPages(TranscribedPages):
    """A page cache in which no page is too old, for a run without network.

    Pages that were got with credentials stay out of reach: they are never used without asking the server.
    """

    def load(self, key: str) -> CachedPage | None:
        """Return the page kept under *key*, whole and as fresh as can be, or ``None``."""
        return self._renewed(super().load(key))

    def head(self, key: str) -> CachedPage | None:
        """Return that page without its body, or ``None``."""
        return self._renewed(super().head(key))

    def _renewed(self, page: CachedPage | None) -> CachedPage | None:
        return replace(page, fetched=self.now(), fresh_seconds=1.0) if page is not None else None


def _transcribed(page: CachedPage) -> CachedPage:
    """Return *page* as JSON; one that is no HTML in UTF-8, or cannot be read, stays as it is."""
    media_type, _, parameters = page.content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip("\"'")
    if media_type.strip().lower() not in _HTML or charset not in {"", "utf-8", "utf8"}:
        return page
    from trued.index.html_page import read_html

    try:
        read = read_html(page.body.decode("utf-8", errors="replace"), url=page.url)
    except (InvalidUrl, OperationalError, AssertionError):  # html.parser asserts on some broken declarations
        return page
    return replace(page, url=read.base, content_type=_JSON, body=_document(read))


def _document(page: HtmlPage) -> bytes:
    import json

    document: dict[str, object] = {
        "meta": {"api-version": page.meta.get("pypi:repository-version", "1.0")},
        "files": page.entries,
    }
    status = page.meta.get("pypi:project-status")
    if status is not None:
        document["project-status"] = {
            "status": status,
            "reason": page.meta.get("pypi:project-status-reason", ""),
        }
    return json.dumps(document).encode()
