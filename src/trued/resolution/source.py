"""Where the solver's facts come from: a port, so that it solves without knowing what an index is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trued.core.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.listing import Exclusion, Listing

__all__ = ["CandidateMetadata", "PackageSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateMetadata:
    """What a release says of itself (core metadata): raw ``Requires-Dist`` lines and the extras it offers.

    ``source`` tells where it was read: ``pep658``, ``range``, ``wheel`` or ``sdist``.
    """

    requires_dist: tuple[str, ...] = ()
    provides_extra: frozenset[str] = frozenset()
    requires_python: str = ""
    source: str = ""


class PackageSource(Protocol):
    """Listings and metadata, fetched ahead where told, waited for where asked."""

    def listing(self, project: ProjectName) -> Listing:
        """Return the releases of *project*; empty when no index has it. Raises OperationalError."""

    def metadata(self, project: ProjectName, version: Version) -> CandidateMetadata | Exclusion:
        """Return the metadata of a listed release, or why it cannot be had without running its code."""

    def prefetch(self, projects: Iterable[ProjectName]) -> None:
        """Begin to fetch the listings of *projects*."""

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        """Begin to fetch the metadata of the releases *wanted*."""
