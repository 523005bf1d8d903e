"""Which listed versions a requirement lets in: pre-releases and yanked releases need to be asked for.

A pre-release is let in where the user asks for it, or where no final version would do (PEP 440). A yanked
release is let in by an exact pin (PEP 592). What only a dependency asks for is left out at first and
remembered, so that a run that fails without it can be tried again with it: the user then gets a pre-release
or a yanked release only where nothing else solves the requirements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.names import ProjectName
    from trued.resolution.dependency import Dependency
    from trued.resolution.listing import Listing

__all__ = ["Admission", "Admitted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """What one run lets in beside final releases that are not yanked.

    ``prereleases``: projects whose pre-releases are candidates like any other. ``tolerated``: projects whose
    pre-releases come after all finals. ``pins``: (project, specifier) of exact pins that reach yanked
    releases.
    """

    everything: bool = False
    prereleases: frozenset[ProjectName] = frozenset()
    tolerated: frozenset[ProjectName] = frozenset()
    pins: frozenset[tuple[ProjectName, str]] = frozenset()

    @classmethod
    def by_user(
        cls,
        asked: Iterable[Dependency],
        *,
        everything: bool,
        prereleases: frozenset[ProjectName] = frozenset(),
    ) -> Admitted:
        """Return what the user's own requirements and constraints let in beside *prereleases*."""
        asked = tuple(asked)
        return cls(
            everything=everything,
            prereleases=prereleases | {one.project for one in asked if one.names_prerelease},
            pins=frozenset((one.project, one.specifier) for one in asked if one.exact),
        )

    def prefers_final(self, project: ProjectName) -> bool:
        """Whether a final version of *project* goes before a newer pre-release."""
        return not self.everything and project not in self.prereleases


@dataclass(eq=False, slots=True)
class Admission:
    """Answers requirements with sets of listed versions for one run, and remembers what was left out."""

    admitted: Admitted
    _left_prereleases: set[ProjectName] = field(default_factory=set)
    _left_pins: set[tuple[ProjectName, str]] = field(default_factory=set)

    def usable(self, listing: Listing) -> int:
        """Return the positions that may be chosen at all: none excluded, but for yanked ones pinned."""
        pinned = 0
        for project, specifier in self.admitted.pins:
            if project == listing.project:
                pinned |= listing.matching(specifier)
        return listing.usable_bits | (pinned & listing.yanked_bits)

    def matching(self, listing: Listing, dependency: Dependency, usable: int) -> int:
        """Return the positions of *listing* that *dependency* admits; *usable* are those to choose from."""
        bits = listing.matching(dependency.specifier)
        project = listing.project
        if dependency.exact and bits & listing.yanked_bits & ~usable:
            self._left_pins.add((project, dependency.specifier))
        if not self.admitted.prefers_final(project) or project in self.admitted.tolerated:
            return bits
        finals = bits & listing.final_bits
        if finals == bits:
            return bits
        if dependency.names_prerelease or not finals & usable:
            self._left_prereleases.add(project)
        return finals if finals & usable else bits

    def next(self) -> Admitted | None:
        """Return what to let in at the next try, or ``None`` when nothing more was asked for."""
        tolerated = self.admitted.tolerated | self._left_prereleases
        pins = self.admitted.pins | self._left_pins
        if (tolerated, pins) == (self.admitted.tolerated, self.admitted.pins):
            return None
        return Admitted(
            everything=self.admitted.everything,
            prereleases=self.admitted.prereleases,
            tolerated=tolerated,
            pins=pins,
        )
