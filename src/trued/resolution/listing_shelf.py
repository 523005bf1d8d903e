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

__all__ = ["ListedPage", "ListingShelf", "listed", "releases_of"]

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
        found = releases_of(memoryview(data)[_CHECKSUM:], project)
        page = found.page if found is not None else None
        return page if isinstance(page, ListedPage) and page.kept_as == kept_as else None

    def keep(self, releases: Releases) -> None:
        """Write *releases*, whole or not at all, readable by this user only."""
        content = listed(releases) if len(releases) >= self._least else None
        if content is not None:
            self.write(releases, content)

    def write(self, releases: Releases, content: bytes) -> None:
        """Write the *content* that :func:`listed` gives for *releases*, where that is to be kept."""
        page = releases.page
        if page is not None and page.kept_as and len(releases) >= self._least:
            path = self._path(releases.project, page.kept_as)
            write_private(path, (zlib.crc32(content).to_bytes(4), content))

    def _path(self, project: ProjectName, kept_as: str) -> str:
        index = kept_as.rpartition(" ")[2]
        name = hashlib.sha256(f"{index} {project}".encode()).hexdigest()
        return os.path.join(self._folder, name[:1], name[1:])


def listed(releases: Releases) -> bytes | None:
    """Return *releases* as bytes; ``None`` where the page tells more than the files of one place."""
    page = releases.page
    if page is None or page.notes or len(releases.sources) != 1:
        return None
    (source,) = releases.sources
    if page.status != "active" or not source.names_project:
        return None
    one = releases.packed
    packed = (one.texts, one.finals, one.kinds, one.mixes, one.mix_of, one.rows)
    return marshal.dumps((_FORMAT, str(releases.project), page.kept_as, (source.url, source.index), packed))


def releases_of(content: bytes | memoryview, project: ProjectName) -> Releases | None:
    """Return what :func:`listed` gave *content* for, when that was of *project* and this version of trued."""
    try:
        stored = marshal.loads(content)  # noqa: S302 - the user's own cache, or a process that this one forked
        form, of_project, kept_as, (url, index), packed = stored
        if (form, of_project) != (_FORMAT, project):
            return None
        source = Source(url=url, index=index, entries=())
        read = PackedPage(*packed)
    except (EOFError, ValueError, TypeError):
        return None
    releases = Releases(project, None, (source,), read)
    releases.page = ListedPage(project, index, kept_as, releases)
    return releases
