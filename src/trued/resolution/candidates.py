"""Releases judged for one target: which may be chosen, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, overload

from trued.policy.candidates import FileFacts, FileJudge, most_telling
from trued.resolution.listing import YANKED, Candidate, Exclusion, Listing, Standing, bits_of
from trued.resolution.standing import standings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.resolution.releases import Release, Releases

__all__ = ["Advice", "OfferedCandidate", "admitted_facts", "judged_listing"]


class Advice(Protocol):
    """Further reasons against releases (advisories, missing attestations), asked once a project."""

    def __call__(
        self, project: ProjectName, candidates: Sequence[Candidate], /
    ) -> Mapping[Version, Exclusion]:
        """Return the releases that may not be chosen, and why."""


class OfferedCandidate(Candidate):
    """A candidate of which ``files`` and ``exclusion`` are worked out when they are asked for.

    ``files`` are those that policy admits, fitting the target or not, so that a lock can name them all.
    """

    __slots__ = ("_admitted", "_against", "_judge", "_release")

    _admitted: tuple[Distribution, ...] | None
    _against: Exclusion | None
    _judge: FileJudge
    _release: Release

    def __init__(self, release: Release, judge: FileJudge, against: Exclusion | None) -> None:
        object.__setattr__(self, "version", release.version)
        object.__setattr__(self, "_release", release)
        object.__setattr__(self, "_judge", judge)
        object.__setattr__(self, "_against", against)
        object.__setattr__(self, "_admitted", None)

    @property
    def files(self) -> tuple[Distribution, ...]:
        """The files of the release that policy admits."""
        if self._admitted is None:
            object.__setattr__(self, "_admitted", admitted_files(self._release, self._judge))
        return self._admitted or ()

    @property
    def exclusion(self) -> Exclusion | None:
        """Why the release cannot be chosen, if so."""
        return self._against or _exclusion(self._release, self._judge)

    def __repr__(self) -> str:
        return f"OfferedCandidate({self.version})"


class _Candidates(Sequence[Candidate]):
    """The candidates of a page, each made when it is looked at."""

    __slots__ = ("_advised", "_against", "_judge", "_known", "_releases")

    def __init__(self, releases: Releases, judge: FileJudge, against: Exclusion | None) -> None:
        self._releases = releases
        self._judge = judge
        self._against = against
        self._advised: dict[int, Exclusion] = {}
        self._known: dict[int, Candidate] = {}

    def __len__(self) -> int:
        return len(self._releases)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...
    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        positions = range(len(self._releases))[index]
        if isinstance(positions, range):
            return tuple([self._made(position) for position in positions])
        return self._made(positions)

    def advised(self, usable: int, advice: Advice) -> int:
        """Rule out what *advice* speaks against, and return what it leaves of the positions *usable*."""
        against = advice(self._releases.project, tuple(self))
        for version, exclusion in against.items():
            position = self._releases.versions.position(version)
            if position is not None and usable >> position & 1:
                self._advised[position] = exclusion
                self._known.pop(position, None)
                usable ^= 1 << position
        return usable

    def _made(self, position: int) -> Candidate:
        known = self._known.get(position)
        if known is None:
            against = self._advised.get(position, self._against)
            made = OfferedCandidate(self._releases.at(position), self._judge, against)
            known = self._known[position] = made
        return known


def judged_listing(
    releases: Releases,
    judge: FileJudge,
    *,
    against: Exclusion | None = None,
    advice: Advice | None = None,
) -> Listing:
    """Return the listing of *releases* for one target; *against* holds for the project as a whole."""
    candidates = _Candidates(releases, judge, against)
    usable, yanked = (0, 0) if against is not None else standings(releases, judge)
    if advice is not None:
        usable = candidates.advised(usable, advice)
    finals = bits_of(map(bool, releases.packed.finals))
    standing = Standing(usable=usable, yanked=yanked, finals=finals)
    return Listing(releases.project, candidates, versions=releases.versions, standing=standing)


def admitted_files(release: Release, judge: FileJudge) -> tuple[Distribution, ...]:
    """Return the files of *release* that policy admits for any target."""
    admitted = {(facts.filename, facts.location) for _, facts in admitted_facts(release, judge)}
    return tuple(file for file in release.files if (file.filename, file.index) in admitted)


def admitted_facts(release: Release, judge: FileJudge) -> list[tuple[int, FileFacts]]:
    """Return position and facts of the files of *release* that policy admits for any target."""
    judged = [
        (position, facts, judge.by_policy(facts, release.version))
        for position, facts in enumerate(release.facts)
    ]
    admitted = [(position, facts) for position, facts, ruling in judged if ruling is None]
    if admitted:
        return admitted
    # A release that only a pin reaches (PEP 592): its files are those that nothing else rules out.
    return [(position, facts) for position, facts, ruling in judged if ruling and ruling.reason == YANKED]


def _exclusion(release: Release, judge: FileJudge) -> Exclusion | None:
    rulings = []
    for facts in release.facts:
        ruling = judge.ruling(facts, release.version)
        if ruling is None:
            return None
        rulings.append(ruling)
    told = most_telling(rulings)
    return Exclusion(told.reason, told.text)
