"""Which hosts the indexes' own pages send clients to, asked for as few projects as will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.policy.level import PolicyLevel
from trued.requirements.model import FileOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trued.core.names import ProjectName
    from trued.index.page import ProjectPage
    from trued.operations.session import Session
    from trued.requirements.lock.model import LockedPackage

__all__ = ["PageHosts"]


class PageHosts:
    """The addresses that pages give for files of *packages*: ``hosts(project, filename)``.

    Indexes keep their files at one host or two, so the page of one project vouches for the host of the other
    files from the same index, of projects that may come from the same *indexes*. For a file elsewhere every
    page is asked for its own files, all at once; ``strict`` begins with that.
    """

    def __init__(
        self,
        session: Session,
        packages: Sequence[LockedPackage],
        indexes: Callable[[ProjectName], tuple[str, ...]],
    ) -> None:
        self._session = session
        self._indexes = indexes
        self._packages = {package.project: package for package in packages}
        self._pages: dict[ProjectName, ProjectPage] = {}
        self._vouched: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def __call__(self, project: ProjectName, filename: str) -> list[str]:
        """Return the addresses that may stand for *filename*. Raises: OperationalError without a page."""
        package = self._packages[project]
        vouched = self._vouched.setdefault((package.index or "", self._indexes(project)), [])
        if project not in self._pages and any(_origin_of(one) in vouched for one in _urls(package)):
            return _urls(package)
        urls = self._listed(package, filename)
        if self._session.settings.level is not PolicyLevel.STRICT:
            vouched += map(_origin_of, urls)
        return urls

    def _listed(self, package: LockedPackage, filename: str) -> list[str]:
        if package.project not in self._pages:
            is_first = not self._pages and self._session.settings.level is not PolicyLevel.STRICT
            asked: Iterable[ProjectName] = (package.project,) if is_first else self._packages
            self._pages |= self._session.client(FileOptions()).pages(asked)
        page = self._pages.get(package.project)
        if page is None:
            return []
        files = page.release(package.version).files if package.version else page.files
        return [one.url for one in files if one.filename == filename]


def _urls(package: LockedPackage) -> list[str]:
    return [file.url for file in package.files if file.url]


def _origin_of(url: str) -> str:
    """Return scheme, host and port, as they are written: another spelling has its own page asked."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
