"""All releases of one project in rising order, and exact PEP 440 questions to them.

Each specifier is turned into a set of positions once, so that the solver never compares versions itself.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.requirements.plain_specifier import clauses
from trued.resolution.specifier_positions import plain_positions, positions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName

__all__ = ["YANKED", "Candidate", "Exclusion", "Listing", "Standing", "bits_of", "positions"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Sets of positions: nothing excludes them; excluded for a yank alone; no pre-releases."""

    usable: int
    yanked: int
    finals: int


class Listing:
    """The candidates of one project, rising by version; positions in it are what the solver handles.

    ``all_bits``, ``usable_bits`` (nothing excludes them), ``final_bits`` (no pre-releases) and
    ``yanked_bits`` (excluded for that alone) are sets of positions. No version stands twice. *versions* and
    *standing* are told by whoever knows them without each candidate.
    """

    __slots__ = (
        "_matching", "_versions", "all_bits", "candidates", "final_bits", "project", "usable_bits",
        "yanked_bits",
    )  # fmt: skip

    def __init__(
        self,
        project: ProjectName,
        candidates: Sequence[Candidate],
        *,
        versions: Sequence[Version] | None = None,
        standing: Standing | None = None,
    ) -> None:
        self.project = project
        self.candidates = candidates
        self._versions = versions or tuple([candidate.version for candidate in candidates])
        self._matching: dict[str, int] = {}
        self.all_bits = (1 << len(candidates)) - 1
        known = standing or _standing(candidates)
        self.final_bits = known.finals
        self.usable_bits = known.usable
        self.yanked_bits = known.yanked

    def version(self, position: int) -> Version:
        """Return the version at *position*."""
        return self._versions[position]

    def position(self, version: Version) -> int | None:
        """Return where *version* stands, or ``None`` when it is not listed."""
        position = bisect_left(self._versions, version)
        is_there = position < len(self._versions) and self._versions[position] == version
        return position if is_there else None

    def matching(self, specifier: str) -> int:
        """Return the set of listed versions that *specifier* admits (PEP 440), pre-releases included."""
        bits = self._matching.get(specifier)
        if bits is None:
            bits = self._matching[specifier] = self._matched(specifier)
        return bits

    def _matched(self, specifier: str) -> int:
        bits = self.all_bits
        plain = clauses(specifier)
        if plain is not None:
            for text in plain:
                known = self._matching.get(text)
                if known is None:
                    known = self._matching[text] = plain_positions(self._versions, text)
                bits &= known
            return bits
        from packaging.specifiers import SpecifierSet

        for clause in SpecifierSet(specifier):
            text = str(clause)
            known = self._matching.get(text)
            if known is None:
                known = self._matching[text] = positions_of(self._versions, clause)
            bits &= known
        return bits


def _standing(candidates: Sequence[Candidate]) -> Standing:
    excluded = [candidate.exclusion for candidate in candidates]
    return Standing(
        usable=bits_of([one is None for one in excluded]),
        yanked=bits_of([one is not None and one.reason == YANKED for one in excluded]),
        finals=bits_of([not candidate.version.is_prerelease for candidate in candidates]),
    )


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
