"""Follows metadata as it arrives, so that a chain of dependencies is fetched without the solver's turn.

The solver asks for the listings of a release's dependencies when it decides for that release; on the way
there each step of the chain would wait for the step before. Here the threads that fetch go on by themselves.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from trued.core.errors import TruedError
from trued.resolution.dependency import unreadable
from trued.resolution.listing import Exclusion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.resolution.dependency import Dependency, DependencyReader
    from trued.resolution.listing import Listing
    from trued.resolution.source import CandidateMetadata

__all__ = ["Follower"]


class _Shelf(Protocol):
    """The part of the catalogue that is needed here."""

    def begin(self, projects: Iterable[ProjectName]) -> None: ...
    def begin_work(self, work: Callable[[], None]) -> None: ...
    def begin_with_page(self, project: ProjectName, work: Callable[[], None]) -> None: ...
    def is_kept(self, file: Distribution) -> bool: ...
    def metadata(self, file: Distribution) -> CandidateMetadata | Exclusion: ...


class _Chooser(Protocol):
    """The part of the source that is needed here; safe to be called from the catalogue's threads."""

    def listing(self, project: ProjectName) -> Listing: ...
    def speaker(self, project: ProjectName, version: Version) -> Distribution | None: ...


class Follower:
    """Goes from a release's metadata to the listings it needs, and from each to its newest fitting release.

    Bounded: each project is followed through one release only, the first that was asked for or is the newest
    that fits its first dependant. Extras that nobody asked a release for are not followed. What goes wrong
    here is found again, and told, by whoever needs the answer.
    """

    def __init__(self, source: _Chooser, shelf: _Shelf, reader: DependencyReader) -> None:
        self._source = source
        self._shelf = shelf
        self._reader = reader
        self._followed: dict[ProjectName, object] = {}
        self._expected: dict[ProjectName, object] = {}

    def follow(self, file: Distribution, extras: Iterable[ProjectName] = ()) -> None:
        """Fetch in the background what *file* will need, unless its project was followed or it is on disk."""
        if not _first(self._followed, file.project) or self._shelf.is_kept(file):
            return
        wanted = ("", *extras)
        self._shelf.begin_work(lambda: self._read(file, wanted))

    def _read(self, file: Distribution, extras: tuple[str, ...]) -> None:
        try:
            metadata = self._shelf.metadata(file)
            if isinstance(metadata, Exclusion):
                return
            parsed = [self._reader.parse(text) for text in metadata.requires_dist]
            needed = [one for one in parsed if any(self._reader.applies(one, extra) for extra in extras)]
        except TruedError:
            return
        except unreadable():
            return
        self._expect(needed)

    def _expect(self, needed: Iterable[Dependency]) -> None:
        fresh = [one for one in needed if one.url is None and _first(self._expected, one.project)]
        self._shelf.begin(one.project for one in fresh)
        for dependency in fresh:
            self._shelf.begin_with_page(dependency.project, partial(self._choose, dependency))

    def _choose(self, dependency: Dependency) -> None:
        if dependency.project in self._followed:
            return
        try:
            listing = self._source.listing(dependency.project)
            fitting = listing.usable_bits & listing.matching(dependency.specifier)
            best = (fitting & listing.final_bits or fitting).bit_length() - 1
            file = self._source.speaker(dependency.project, listing.version(best)) if best >= 0 else None
        except TruedError:
            return
        if file is not None:
            self.follow(file, dependency.extras)


def _first(known: dict[ProjectName, object], project: ProjectName) -> bool:
    """Tell whether *project* is new to *known*, to one thread only."""
    mark = object()
    return known.setdefault(project, mark) is mark
