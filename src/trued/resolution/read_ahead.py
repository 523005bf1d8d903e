"""Which metadata to ask for before the solver needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.listing import Listing
    from trued.resolution.source import PackageSource

__all__ = ["ReadAhead"]

_WIDEST = 32
"""Most releases of one project that are asked for beyond the one being tried."""


@dataclass(eq=False, slots=True)
class _Window:
    """What was asked of one project and what was tried, as positions; ``lowest`` is the furthest asked."""

    asked: int = 0
    tried: int = 0
    tries: int = 0
    lowest: int = -1


@dataclass(eq=False, slots=True)
class ReadAhead:
    """Asks a source for metadata ahead: once for each release, further the more of a project is rejected."""

    source: PackageSource
    _windows: dict[ProjectName, _Window] = field(default_factory=dict)

    def wanted(self, releases: Iterable[tuple[Listing, int]]) -> None:
        """Ask for the releases at these positions, where not asked for before."""
        fresh: list[tuple[ProjectName, Version]] = []
        for listing, position in releases:
            window = self._windows.setdefault(listing.project, _Window())
            if not window.asked >> position & 1:
                window.asked |= 1 << position
                fresh.append((listing.project, listing.version(position)))
        if fresh:
            self.source.prefetch_metadata(fresh)

    def tries(self, project: ProjectName) -> int:
        """Return how many releases of *project* were tried."""
        window = self._windows.get(project)
        return window.tries if window is not None else 0

    def trying(self, listing: Listing, bits: int, position: int, *, others: int = 0) -> None:
        """Note that *position* is tried, of the candidates *bits*; ask for twice as many as last time.

        Nothing is asked at the first try, which mostly holds, nor while half the width is still ahead. Of a
        project that is tried again and again with few candidates each time, *others* are asked for too:
        another project's releases go through its releases in step.
        """
        window = self._windows.setdefault(listing.project, _Window())
        if window.tried >> position & 1:
            return
        window.tried |= 1 << position
        window.tries += 1
        width = min(1 << (window.tries - 1), _WIDEST)
        if width == 1 or (0 <= window.lowest < position - width // 2):
            return
        lower = (1 << position) - 1
        few = width == _WIDEST and (bits & lower).bit_count() < width
        self._extend(listing, (bits | others if few else bits) & lower, window, width)

    def _extend(self, listing: Listing, below: int, window: _Window, width: int) -> None:
        fresh = []
        for _ in range(width):
            if not below:
                break
            window.lowest = below.bit_length() - 1
            below ^= 1 << window.lowest
            if not window.asked >> window.lowest & 1:
                window.asked |= 1 << window.lowest
                fresh.append((listing.project, listing.version(window.lowest)))
        if fresh:
            self.source.prefetch_metadata(fresh)
