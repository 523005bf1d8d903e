"""All releases of one project in rising order, and exact PEP 440 questions to them.

Each specifier is turned into a set of positions once, so that the solver never compares versions itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from trued.resolution.specifier_positions import positions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName

__all__ = ["YANKED", "Candidate", "Exclusion", "Listing", "positions"]

YANKED = "yanked"
"""The reason of an exclusion that an exact pin lifts (PEP 592)."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why one release cannot be chosen: a stable reason word and what it says, for the explanation.

    ``reason`` groups releases (:data:`YANKED`, ``too-young``, ``requires-python``, ``no-wheel``, …); ``text``
    is the fact itself ("uploaded 2 days ago, min-age is 3 days").
    """

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One release and its files; ``exclusion`` is set when policy or the target rules it out."""

    version: Version
    files: tuple[Distribution, ...]
    exclusion: Exclusion | None = None


@dataclass(eq=False, slots=True)
class Listing:
    """The candidates of one project, rising by version; positions in it are what the solver handles.

    ``all_bits``, ``usable_bits`` (nothing excludes them), ``final_bits`` (no pre-releases) and
    ``yanked_bits`` (excluded for that alone) are sets of positions. No version stands twice.
    """

    project: ProjectName
    candidates: tuple[Candidate, ...]
    all_bits: int = field(init=False)
    usable_bits: int = field(init=False)
    final_bits: int = field(init=False)
    yanked_bits: int = field(init=False)
    _versions: tuple[Version, ...] = field(init=False)
    _positions: dict[Version, int] = field(init=False)
    _matching: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._versions = tuple(candidate.version for candidate in self.candidates)
        self._positions = {version: position for position, version in enumerate(self._versions)}
        numbered = tuple(enumerate(self.candidates))
        self.all_bits = (1 << len(numbered)) - 1
        self.usable_bits = _bits(i for i, one in numbered if one.exclusion is None)
        self.final_bits = _bits(i for i, one in numbered if not one.version.is_prerelease)
        self.yanked_bits = _bits(
            i for i, one in numbered if one.exclusion is not None and one.exclusion.reason == YANKED
        )

    def version(self, position: int) -> Version:
        """Return the version at *position*."""
        return self._versions[position]

    def position(self, version: Version) -> int | None:
        """Return where *version* stands, or ``None`` when it is not listed."""
        return self._positions.get(version)

    def matching(self, specifier: str) -> int:
        """Return the set of listed versions that *specifier* admits (PEP 440), pre-releases included."""
        bits = self._matching.get(specifier)
        if bits is None:
            bits = self._matching[specifier] = self._matched(specifier)
        return bits

    def _matched(self, specifier: str) -> int:
        from packaging.specifiers import SpecifierSet

        bits = self.all_bits
        for clause in SpecifierSet(specifier):
            text = str(clause)
            known = self._matching.get(text)
            if known is None:
                known = self._matching[text] = positions_of(self._versions, clause)
            bits &= known
        return bits


def positions(bits: int) -> Iterator[int]:
    """Yield the positions in *bits* (finite, not negative), rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _bits(numbers: Iterable[int]) -> int:
    return reduce(or_, (1 << number for number in numbers), 0)
