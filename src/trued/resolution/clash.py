"""Which facts of a failure clash by themselves: the fewest that are worth telling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass, field
from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs, group_of, joined
from trued.resolution.package import Package

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from trued.core.names import ProjectName

__all__ = ["Clashes"]

_EFFORT = 600_000
"""Facts looked at in all, about a second; past it facts are taken to fit, so that none is left out."""


@dataclass(slots=True)
class Clashes:
    """Tells whether facts clash, and leaves out those that a clash does not need, with bounded effort.

    ``domain`` gives all positions of a project.
    """

    domain: Callable[[ProjectName], int]
    effort: int = field(default=_EFFORT)

    def simplified(self, facts: Iterable[Fact]) -> list[Fact]:
        """Return clashing *facts* with each group joined where they still clash then."""
        kept = list(facts)
        everything = joined(kept)
        if self.clash(everything):
            return everything
        for key in dict.fromkeys(map(group_of, kept)):
            same = [fact for fact in kept if group_of(fact) == key]
            if len(same) > 1:
                trial = [fact for fact in kept if group_of(fact) != key]
                trial[kept.index(same[0]) : 0] = joined(same)
                if self.clash(trial):
                    kept = trial
        return kept

    def minimal(self, facts: Iterable[Fact]) -> list[Fact]:
        """Return clashing *facts* without the groups that the clash does not need, in the same order."""
        kept = list(facts)
        for key in sorted(dict.fromkeys(group_of(fact) for fact in reversed(kept)), key=_first_to_go):
            trial = [fact for fact in kept if group_of(fact) != key]
            if self.clash(trial):
                kept = trial
        return kept

    def clash(self, facts: Iterable[Fact]) -> bool:
        """Tell whether no choice of positions agrees with all *facts*, splitting on one after the other."""
        facts = tuple(facts)
        search = _Search(facts, self.domain)
        waiting = [start] if (start := search.start(facts)) is not None else []
        while waiting:
            if self.effort <= 0:
                return False
            state = waiting.pop()
            settled = search.settle(state)
            self.effort -= state.looked_at
            state.looked_at = 0
            if not settled:
                continue
            split = next((fact for fact in search.needs if _is_open(state, fact)), None)
            if split is None:
                return False
            waiting.extend(_branches(state, split))
        return True


def _first_to_go(key: tuple[str, Hashable]) -> int:
    return ("asked", "forbidden", "excluded", "needs").index(key[0])


@dataclass(slots=True)
class _State:
    """What is required so far, and the positions that each project is left with."""

    required: set[Package]
    left: dict[ProjectName, int]
    looked_at: int = 0


class _Search:
    """The needs among some facts, and what is out for each package."""

    def __init__(self, facts: Iterable[Fact], domain: Callable[[ProjectName], int]) -> None:
        self.needs: Sequence[Needs] = [fact for fact in facts if isinstance(fact, Needs)]
        self._domain = domain
        self._out: dict[Package, int] = {}
        for fact in facts:
            if isinstance(fact, Excluded | Forbidden):
                self._out[fact.package] = self._out.get(fact.package, 0) | fact.positions

    def start(self, facts: Iterable[Fact]) -> _State | None:
        """Return the state that the roots lead to, or ``None`` where they clash at once."""
        state = _State(set(), {})
        for fact in facts:
            if isinstance(fact, Asked) and not self._require(state, fact.package, fact.positions):
                return None
        return state

    def settle(self, state: _State) -> bool:
        """Apply every need that holds for all that is left of its package, until nothing changes."""
        changed = True
        while changed:
            changed = False
            state.looked_at += len(self.needs) + 1
            for fact in self.needs:
                if fact.package not in state.required or state.left[fact.package.project] & ~fact.positions:
                    continue
                before = state.left.get(fact.needed.project), fact.needed in state.required
                if not self._require(state, fact.needed, fact.versions):
                    return False
                changed |= before != (state.left[fact.needed.project], True)
        return True

    def _require(self, state: _State, package: Package, positions: int) -> bool:
        project, base = package.project, Package(package.project)
        left = state.left[project] if project in state.left else self._domain(project)
        left &= positions & ~self._out.get(package, 0) & ~self._out.get(base, 0)
        state.left[project] = left
        state.required |= {package, base}
        return bool(left)


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
