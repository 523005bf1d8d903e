"""All releases of one project in rising order, and exact PEP 440 questions to them.

Each specifier is turned into a set of positions once, so that the solver never compares versions itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.resolution.specifier_positions import positions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName

__all__ = ["YANKED", "Candidate", "Exclusion", "Listing", "bits_of", "positions"]

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


class Listing:
    """The candidates of one project, rising by version; positions in it are what the solver handles.

    ``all_bits``, ``usable_bits`` (nothing excludes them), ``final_bits`` (no pre-releases) and
    ``yanked_bits`` (excluded for that alone) are sets of positions. No version stands twice. *usable* and
    *yanked* are told by whoever knows them without the candidates' exclusions.
    """

    __slots__ = (
        "_matching", "_positions", "_versions", "all_bits", "candidates", "final_bits", "project",
        "usable_bits", "yanked_bits",
    )  # fmt: skip

    def __init__(
        self,
        project: ProjectName,
        candidates: tuple[Candidate, ...],
        usable: int | None = None,
        yanked: int | None = None,
    ) -> None:
        self.project = project
        self.candidates = candidates
        self._versions = tuple([candidate.version for candidate in candidates])
        self._positions: dict[Version, int] | None = None
        self._matching: dict[str, int] = {}
        self.all_bits = (1 << len(candidates)) - 1
        self.final_bits = bits_of([not version.is_prerelease for version in self._versions])
        if usable is None or yanked is None:
            excluded = [candidate.exclusion for candidate in candidates]
            usable = bits_of([one is None for one in excluded])
            yanked = bits_of([one is not None and one.reason == YANKED for one in excluded])
        self.usable_bits = usable
        self.yanked_bits = yanked

    def version(self, position: int) -> Version:
        """Return the version at *position*."""
        return self._versions[position]

    def position(self, version: Version) -> int | None:
        """Return where *version* stands, or ``None`` when it is not listed."""
        if self._positions is None:
            self._positions = {known: position for position, known in enumerate(self._versions)}
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


def bits_of(flags: Iterable[bool]) -> int:
    """Return the positions of the flags that are set."""
    digits = bytes(flags)[::-1].translate(_DIGITS)
    return int(digits, 2) if digits else 0


_DIGITS = bytes.maketrans(b"\0\1", b"01")
