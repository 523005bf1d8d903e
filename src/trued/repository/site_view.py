"""The site as a client sees it: python-tuf's Updater, reading the folder in place of a server."""

from __future__ import annotations

import os
from urllib.parse import unquote

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from trued.core.tuf_paths import METADATA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuf.ngclient import Updater

    from trued.repository.site import Site

__all__ = ["SiteFetcher", "client_of"]

_BASE = "https://index.example.org/"
"""Never asked: the fetcher reads the folder."""


class SiteFetcher(FetcherInterface):
    """Gives what a static web server would give of the folder."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = unquote(url.removeprefix(_BASE))
        try:
            with open(self._site.place(path), "rb") as file:
                return iter((file.read(),))
        except OSError as error:
            raise DownloadHTTPError(f"{path}: {error.strerror}", 404) from error


def client_of(site: Site, *, root: bytes, folder: str) -> Updater:
    """Return a client that begins with *root* and keeps its state in *folder*, as a user's would."""
    from tuf.ngclient import Updater

    targets = os.path.join(folder, "targets")
    os.makedirs(targets, exist_ok=True)
    return Updater(
        metadata_dir=os.path.join(folder, "metadata"),
        metadata_base_url=f"{_BASE}{METADATA}/",
        target_dir=targets,
        target_base_url=_BASE,
        fetcher=SiteFetcher(site),
        bootstrap=root,
    )
