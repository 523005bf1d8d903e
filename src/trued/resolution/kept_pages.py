"""Pages as they were last seen, for a run that may not use the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trued.index.page_cache import PageCache

if TYPE_CHECKING:
    from trued.index.page_cache import CachedPage

__all__ = ["KeptPages"]


class KeptPages(PageCache):
    """A page cache in which no page is too old.

    Pages that were got with credentials stay out of reach: they are never used without asking the server.
    """

    def load(self, key: str) -> CachedPage | None:
        """Return the page kept under *key*, whole and as fresh as can be, or ``None``."""
        page = super().load(key)
        return replace(page, fetched=self.now(), fresh_seconds=1.0) if page is not None else None
