"""What a failure rests on: the facts at the leaves of the solver's proof, and the fewest that still clash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from trued.resolution.package import Package

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.resolution.listing import Exclusion
    from trued.resolution.provider import Root

__all__ = ["Asked", "Excluded", "Fact", "Forbidden", "Needs", "clash", "merged", "minimal"]

_MOST_STEPS = 20_000
"""Steps of a search among facts past which they are taken to fit together, so that none is left out."""

_MOST_GROUPS = 80


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


def merged(facts: Iterable[Fact], domain: Callable[[ProjectName], int]) -> list[Fact]:
    """Return the clashing *facts* with all that one project needs of another told as one, where that will do.

    A thousand releases may each need another range of one project; what matters is mostly that each of them
    needs one of the union. ``domain`` gives all positions of a project.
    """
    kept = list(dict.fromkeys(facts))
    for key in dict.fromkeys(_group(fact) for fact in kept):
        same = [fact for fact in kept if _group(fact) == key]
        if len(same) > 1:
            trial = [fact for fact in kept if _group(fact) != key]
            trial.insert(kept.index(same[0]), _union(same))
            if clash(trial, domain):
                kept = trial
    return kept


def minimal(facts: Sequence[Fact], domain: Callable[[ProjectName], int]) -> list[Fact]:
    """Return clashing *facts* without those that the clash does not need; told in the same order."""
    kept = list(facts)
    groups = list(dict.fromkeys(_group(fact) for fact in reversed(facts)))
    if len(groups) > _MOST_GROUPS:
        return kept
    for key in sorted(groups, key=_first_to_go):
        trial = [fact for fact in kept if _group(fact) != key]
        if clash(trial, domain):
            kept = trial
    return kept


def _group(fact: Fact) -> tuple[str, Hashable]:
    """Facts that one sentence tells."""
    match fact:
        case Asked(root=root):
            return ("asked", root)
        case Forbidden(root=root):
            return ("forbidden", root)
        case Excluded(package=package, exclusion=exclusion):
            return ("excluded", (package, exclusion))
        case Needs(package=package, needed=needed):
            return ("needs", (package, needed))


def _first_to_go(key: tuple[str, Hashable]) -> int:
    return ("asked", "forbidden", "excluded", "needs").index(key[0])


def _union(facts: Sequence[Fact]) -> Fact:
    first = facts[0]
    for fact in facts[1:]:
        first = replace(first, positions=first.positions | fact.positions)
        if isinstance(first, Needs) and isinstance(fact, Needs):
            first = replace(first, versions=first.versions | fact.versions)
    return first


@dataclass(slots=True)
class _State:
    """What is required so far, and the positions that each project is left with."""

    required: set[Package]
    left: dict[ProjectName, int]


def clash(facts: Iterable[Fact], domain: Callable[[ProjectName], int]) -> bool:
    """Tell whether no choice of positions agrees with all *facts* (splitting on one fact after the other)."""
    facts = tuple(facts)
    out: dict[Package, int] = {}
    for fact in facts:
        if isinstance(fact, Excluded | Forbidden):
            out[fact.package] = out.get(fact.package, 0) | fact.positions
    needs = [fact for fact in facts if isinstance(fact, Needs)]
    start = _State(set(), {})
    for fact in facts:
        if isinstance(fact, Asked) and not _require(start, fact.package, fact.positions, out, domain):
            return True
    waiting = [start]
    for _ in range(_MOST_STEPS):
        if not waiting:
            return True
        state = waiting.pop()
        if not _settle(state, needs, out, domain):
            continue
        split = next((fact for fact in needs if _is_open(state, fact)), None)
        if split is None:
            return False
        waiting.extend(_branches(state, split))
    return False


def _require(
    state: _State,
    package: Package,
    positions: int,
    out: Mapping[Package, int],
    domain: Callable[[ProjectName], int],
) -> bool:
    project = package.project
    base = Package(project)
    left = state.left.get(project, domain(project)) & positions & ~out.get(package, 0) & ~out.get(base, 0)
    state.left[project] = left
    state.required |= {package, base}
    return bool(left)


def _settle(
    state: _State,
    needs: Sequence[Needs],
    out: Mapping[Package, int],
    domain: Callable[[ProjectName], int],
) -> bool:
    """Apply every need that holds for all that is left of its package, until nothing changes."""
    changed = True
    while changed:
        changed = False
        for fact in needs:
            if fact.package not in state.required or state.left[fact.package.project] & ~fact.positions:
                continue
            before = state.left.get(fact.needed.project), fact.needed in state.required
            if not _require(state, fact.needed, fact.versions, out, domain):
                return False
            changed |= before != (state.left[fact.needed.project], True)
    return True


def _is_open(state: _State, fact: Needs) -> bool:
    return (
        fact.package in state.required
        and bool(state.left[fact.package.project] & fact.positions)
        and bool(state.left[fact.package.project] & ~fact.positions)
    )


def _branches(state: _State, fact: Needs) -> list[_State]:
    project = fact.package.project
    inside = _State(set(state.required), {**state.left, project: state.left[project] & fact.positions})
    outside = _State(set(state.required), {**state.left, project: state.left[project] & ~fact.positions})
    return [outside, inside]
