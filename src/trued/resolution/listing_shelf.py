"""Pages kept in the form in which a resolution reads them, so that a page is parsed once for all runs.

One file a project, beside the pages themselves; it serves the very page that it was made of and no other.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import zlib
from typing import TYPE_CHECKING

from trued.core.private_file import private_bytes, write_private
from trued.index.entry import Source
from trued.index.project_page import ProjectPage
from trued.resolution.packed_page import PackedPage
from trued.resolution.releases import Releases

if TYPE_CHECKING:
    from trued.core.names import ProjectName

__all__ = ["ListedPage", "ListingShelf"]

_FORMAT = 1
_CHECKSUM = 4
_LEAST = 30
"""A page of fewer releases is parsed as fast as its listing is found."""


class ListedPage(ProjectPage):
    """A page of which the files are known as *releases*."""

    __slots__ = ("releases",)

    def __init__(self, project: ProjectName, index: str, kept_as: str, releases: Releases) -> None:
        super().__init__(project=project, index=index, sources=(), kept_as=kept_as)
        self.releases = releases


class ListingShelf:
    """Keeps the releases of pages below *folder*, of those with *least* releases.

    What cannot be read, is damaged, of another format or another user's counts as absent; what cannot be
    written is not kept. Nor is what has more to tell than files: a status, or a newer version of the API.
    """

    def __init__(self, folder: str, *, least: int = _LEAST) -> None:
        self._folder = os.path.join(folder, "listings")
        self._least = least

    def find(self, project: ProjectName, kept_as: str) -> ListedPage | None:
        """Return the page that *kept_as* names, or ``None``."""
        data = private_bytes(self._path(project, kept_as))
        if data is None or zlib.crc32(memoryview(data)[_CHECKSUM:]).to_bytes(4) != data[:_CHECKSUM]:
            return None
        try:
            stored = marshal.loads(memoryview(data)[_CHECKSUM:])  # noqa: S302 - the user's own cache
            form, of_project, of_page, (url, index), packed = stored
            if (form, of_project, of_page) != (_FORMAT, project, kept_as):
                return None
            source = Source(url=url, index=index, entries=())
            read = PackedPage(*packed)
        except (EOFError, ValueError, TypeError):
            return None
        releases = Releases(project, None, (source,), read)
        page = ListedPage(project, index, kept_as, releases)
        releases.page = page
        return page

    def keep(self, releases: Releases) -> None:
        """Write *releases*, whole or not at all, readable by this user only."""
        page = releases.page
        if page is None or not page.kept_as or page.notes or len(releases.sources) != 1:
            return
        if len(releases) < self._least:
            return
        (source,) = releases.sources
        if page.status != "active" or not source.names_project:
            return
        one = releases.packed
        packed = (one.texts, one.finals, one.kinds, one.mixes, one.mix_of, one.rows)
        source_of = (source.url, source.index)
        data = marshal.dumps((_FORMAT, str(releases.project), page.kept_as, source_of, packed))
        path = self._path(releases.project, page.kept_as)
        write_private(path, (zlib.crc32(data).to_bytes(4), data))

    def _path(self, project: ProjectName, kept_as: str) -> str:
        index = kept_as.rpartition(" ")[2]
        name = hashlib.sha256(f"{index} {project}".encode()).hexdigest()
        return os.path.join(self._folder, name[:1], name[1:])
