"""Sets of versions of one project, as bits of an integer over its sorted listing.

The solver asks for unions, differences and subset tests millions of times; on integers each is one machine
operation a word, however many holes a set has. Bit ``i`` stands for the ``i``-th version of the listing in
rising order; a negative integer is the complement of a finite set, so that "any version" needs no listing.
"""

from __future__ import annotations

__all__ = ["Relation", "VersionSet"]


class Relation:
    """How one set's members sit against another's. Both flags hold together only for an empty set.

    Plain attributes: the solver reads them more often than anything else.
    """

    __slots__ = ("is_disjoint", "is_subset")

    def __init__(self, *, is_subset: bool, is_disjoint: bool) -> None:
        self.is_subset = is_subset
        self.is_disjoint = is_disjoint


_EMPTY = Relation(is_subset=True, is_disjoint=True)
_SUBSET = Relation(is_subset=True, is_disjoint=False)
_DISJOINT = Relation(is_subset=False, is_disjoint=True)
_OVERLAPPING = Relation(is_subset=False, is_disjoint=False)


class VersionSet:
    """An immutable set of listing positions; the ``range_type`` of the solver.

    Positions of one project mean nothing in another; the solver never mixes them.
    """

    __slots__ = ("bits",)

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @classmethod
    def empty(cls) -> VersionSet:
        """Return the set of no version."""
        return cls(0)

    @classmethod
    def full(cls) -> VersionSet:
        """Return the set of every version, listed or not."""
        return cls(-1)

    @classmethod
    def singleton(cls, version: int) -> VersionSet:
        """Return the set of the one version at position *version*."""
        return cls(1 << version)

    @property
    def is_empty(self) -> bool:
        """Whether there is no version in the set."""
        return not self.bits

    def __contains__(self, version: int) -> bool:
        return bool(self.bits >> version & 1)

    def __and__(self, other: object) -> VersionSet:
        if not isinstance(other, VersionSet):
            return NotImplemented
        return VersionSet(self.bits & other.bits)

    def __or__(self, other: object) -> VersionSet:
        if not isinstance(other, VersionSet):
            return NotImplemented
        return VersionSet(self.bits | other.bits)

    def __sub__(self, other: object) -> VersionSet:
        if not isinstance(other, VersionSet):
            return NotImplemented
        return VersionSet(self.bits & ~other.bits)

    def __invert__(self) -> VersionSet:
        return VersionSet(~self.bits)

    def is_subset(self, other: VersionSet) -> bool:
        """Return whether every version of this set is in *other*."""
        return not self.bits & ~other.bits

    def is_superset(self, other: VersionSet) -> bool:
        """Return whether every version of *other* is in this set."""
        return not other.bits & ~self.bits

    def is_disjoint(self, other: VersionSet) -> bool:
        """Return whether the sets share no version."""
        return not self.bits & other.bits

    def relation(self, other: VersionSet) -> Relation:
        """Return how this set's members sit against those of *other*."""
        if not self.bits:
            return _EMPTY
        shared = self.bits & other.bits
        if shared == self.bits:
            return _SUBSET
        return _OVERLAPPING if shared else _DISJOINT

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VersionSet) and self.bits == other.bits

    def __hash__(self) -> int:
        return hash(self.bits)

    def __repr__(self) -> str:
        return f"VersionSet({self.bits:#x})"
