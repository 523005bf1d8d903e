"""What a failure rests on: the facts at the leaves of the solver's proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from trued.core.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from trued.resolution.listing import Exclusion
    from trued.resolution.package import Package
    from trued.resolution.provider import Root

__all__ = ["Asked", "Excluded", "Fact", "Forbidden", "Needs", "group_of", "joined"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement of the user: *package* at one of ``positions``."""

    package: Package
    positions: int
    root: Root


@dataclass(frozen=True, slots=True)
class Needs:
    """Each of ``positions`` of *package* needs ``needed`` at one of ``versions``."""

    package: Package
    positions: int
    needed: Package
    versions: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """``positions`` of *package* cannot be chosen."""

    package: Package
    positions: int
    exclusion: Exclusion


@dataclass(frozen=True, slots=True)
class Forbidden:
    """``positions`` of *package* are outside of a constraint of the user."""

    package: Package
    positions: int
    root: Root


Fact: TypeAlias = Asked | Needs | Excluded | Forbidden


def joined(facts: Iterable[Fact]) -> list[Fact]:
    """Return *facts* with those of one group made one: any of these releases needs one of those.

    A thousand releases may each need another range of one project; what matters is mostly that each of them
    needs one of the union. The result is true, and may say less.
    """
    groups: dict[Hashable, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(group_of(fact), []).append(fact)
    return [_union(same) for same in groups.values()]


def group_of(fact: Fact) -> tuple[str, Hashable]:
    """Return what the facts that one sentence tells have in common: a kind, and what it is about."""
    match fact:
        case Asked(root=root):
            return ("asked", root)
        case Forbidden(root=root):
            return ("forbidden", root)
        case Excluded(package=package, exclusion=exclusion):
            return ("excluded", (package, exclusion))
        case Needs(package=package, needed=needed):
            return ("needs", (package, needed))


def _union(facts: Sequence[Fact]) -> Fact:
    first = facts[0]
    for fact in facts[1:]:
        first = replace(first, positions=first.positions | fact.positions)
        if isinstance(first, Needs) and isinstance(fact, Needs):
            first = replace(first, versions=first.versions | fact.versions)
    return first
