"""Projects that the user takes from a folder, a repository or a URL: one release each, and no index asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.requirements.requires_python import admits_python
from trued.resolution.listing import Candidate, Exclusion, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.source import CandidateMetadata, PackageSource
    from trued.resolution.target import Target

__all__ = ["DirectRelease", "WithDirect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectRelease:
    """The release that a direct requirement stands for, and what its metadata says."""

    project: ProjectName
    version: Version
    metadata: CandidateMetadata


class WithDirect:
    """A source in which *releases* are the only ones of their projects; everything else is *source*'s.

    Unless *ignore_requires_python*, one that is not for the Python of *target* cannot be chosen. Of a project
    that is to come from *elsewhere* (its URL) nothing can.
    """

    def __init__(
        self,
        source: PackageSource,
        releases: Mapping[ProjectName, DirectRelease],
        *,
        target: Target,
        elsewhere: Mapping[ProjectName, str] | None = None,
        ignore_requires_python: bool = False,
    ) -> None:
        self._source = source
        self._releases = releases
        self._target = target
        self._elsewhere = elsewhere or {}
        self._ignored = ignore_requires_python

    def listing(self, project: ProjectName) -> Listing:
        """Return the releases of *project*."""
        release = self._releases.get(project)
        if release is None:
            url = self._elsewhere.get(project)
            return self._source.listing(project) if url is None else _closed(project, url)
        return Listing(project, [Candidate(release.version, (), self._unfit(release))])

    def metadata(self, project: ProjectName, version: Version) -> CandidateMetadata | Exclusion:
        """Return the metadata of a listed release."""
        release = self._releases.get(project)
        return release.metadata if release is not None else self._source.metadata(project, version)

    def prefetch(self, projects: Iterable[ProjectName]) -> None:
        """Begin to fetch the listings of *projects*."""
        known = (self._releases, self._elsewhere)
        self._source.prefetch([one for one in projects if not any(one in names for names in known)])

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        """Begin to fetch the metadata of the releases *wanted*."""
        self._source.prefetch_metadata([one for one in wanted if one[0] not in self._releases])

    def _unfit(self, release: DirectRelease) -> Exclusion | None:
        stated = release.metadata.requires_python
        if not stated or self._ignored:
            return None
        python = self._target.markers["python_full_version"]
        if admits_python(stated, python):
            return None
        return Exclusion("requires-python", f"it is for Python {stated}, not {python}")


def _closed(project: ProjectName, url: str) -> Listing:
    """Return a listing of which nothing can be chosen: a constraint alone has nothing fetched or built."""
    from packaging.version import Version

    told = f"a constraint takes it from {url}; ask for {project} itself, so that it is taken from there"
    return Listing(project, [Candidate(Version("0"), (), Exclusion("url", told))])
