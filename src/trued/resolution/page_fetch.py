"""One project's releases, from whichever location has it, by way of the listings that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import OperationalError
from trued.resolution.listing_shelf import ListedPage
from trued.resolution.releases import read_releases

if TYPE_CHECKING:
    from trued.core.names import ProjectName
    from trued.index.client import IndexClient
    from trued.resolution.listing_shelf import ListingShelf
    from trued.resolution.releases import Releases

__all__ = ["fetched_releases"]


def fetched_releases(client: IndexClient, project: ProjectName, shelf: ListingShelf | None) -> Releases:
    """Return the releases of *project*, none when no location has it. Raises OperationalError."""
    page = None
    for _, outcome in client.iter_pages([project], shelf=shelf):
        if isinstance(outcome, OperationalError):
            raise outcome
        page = outcome
    return page.releases if isinstance(page, ListedPage) else read_releases(project, page)
