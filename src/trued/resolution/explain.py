"""Why there is no solution, as a short chain of sentences about the user's lines and the listed releases."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.resolution.clash import Clashes
from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs, joined
from trued.resolution.proof import facts_of
from trued.resolution.sentence import Teller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.resolution.engine import Clause
    from trued.resolution.provider import PackageProvider, Root

__all__ = ["Explanation", "explanation"]

_MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Explanation:
    """Sentences, one a line, the last ones conclusion and advice; ``place`` is the first line they name."""

    lines: tuple[str, ...]
    place: Place | None


def explanation(
    proof: Clause, provider: PackageProvider, solvable_without: Callable[[Root], bool], *, relaxations: int
) -> Explanation:
    """Tell *proof* in the fewest facts that still clash.

    ``solvable_without`` answers whether there is a solution with one requirement's versions left open; it is
    asked at most *relaxations* times, for the advice.
    """

    def domain(project: ProjectName) -> int:
        return provider.listing(project).all_bits

    clashes = Clashes(domain)
    facts = _in_order(joined(clashes.minimal(clashes.simplified(facts_of(proof, provider)))))
    teller = Teller(provider)
    told = list(dict.fromkeys(sentence for fact in facts if (sentence := teller.sentence(fact, facts))))
    lines = [*_shortened(told), _conclusion(facts, provider), *_advice(facts, solvable_without, relaxations)]
    roots = [fact.root for fact in facts if isinstance(fact, Asked | Forbidden)]
    return Explanation(tuple(lines), roots[0].place if roots else None)


def _in_order(facts: Sequence[Fact]) -> list[Fact]:
    """Order facts as a chain: a root, what it needs, why that cannot be; roots others lead to come last."""
    led_to = {fact.needed.project for fact in facts if isinstance(fact, Needs)}
    roots = [fact for fact in facts if isinstance(fact, Asked)]
    roots.sort(key=lambda fact: (fact.package.project in led_to, fact.root.place.file, fact.root.place.line))
    ordered: dict[Fact, None] = {}
    for fact in roots:
        ordered[fact] = None
        _follow(fact.package.project, facts, ordered, set())
    return [*ordered, *(fact for fact in facts if fact not in ordered)]


def _follow(
    project: ProjectName, facts: Sequence[Fact], ordered: dict[Fact, None], seen: set[ProjectName]
) -> None:
    if project in seen:
        return
    seen.add(project)
    out = [fact for fact in facts if isinstance(fact, Excluded | Forbidden)]
    for bar in sorted(out, key=lambda one: (isinstance(one, Forbidden), one.positions)):
        if bar.package.project == project:
            ordered[bar] = None
    for fact in facts:
        if isinstance(fact, Needs) and fact.package.project == project and fact not in ordered:
            ordered[fact] = None
            _follow(fact.needed.project, facts, ordered, seen)


def _shortened(told: Sequence[str]) -> list[str]:
    most = _MOST_LINES - 2
    if len(told) <= most:
        return list(told)
    half = most // 2
    left_out = len(told) - 2 * half + 1
    return [*told[:half], f"({left_out} more steps of this kind)", *told[-half + 1 :]]


def _conclusion(facts: Sequence[Fact], provider: PackageProvider) -> str:
    met = Counter(project for project, _ in {_pressure(fact) for fact in facts})
    for fact in facts:
        if isinstance(fact, Asked | Needs):
            wanted = fact.package if isinstance(fact, Asked) else fact.needed
            if not provider.listing(wanted.project).candidates:
                return f"so nothing that needs {wanted.project} can be chosen"
    contested = [project for project, count in met.items() if count > 1]
    if len(contested) == 1:
        return f"so no release of {contested[0]} fits"
    asked = [fact.root for fact in facts if isinstance(fact, Asked)]
    if len(asked) == 1:
        return f"so {asked[0].text} cannot be met"
    return "so these requirements cannot be met together"


def _pressure(fact: Fact) -> tuple[ProjectName, object]:
    """Return which project *fact* bears on; the lines of one requirement, extras and all, count once."""
    match fact:
        case Needs():
            return fact.needed.project, fact
        case Asked() | Forbidden():
            return fact.package.project, fact.root
        case Excluded():
            return fact.package.project, fact


def _advice(facts: Sequence[Fact], solvable_without: Callable[[Root], bool], relaxations: int) -> list[str]:
    """Name the one requirement that stands in the way of all others, where there is just one."""
    roots = list(dict.fromkeys(fact.root for fact in facts if isinstance(fact, Asked | Forbidden)))
    if len(facts) == 1 or len(roots) > relaxations:
        return []
    decisive = [root for root in roots if solvable_without(root)]
    if len(decisive) != 1:
        return []
    return [f"{decisive[0].place} alone decides: with its versions left open there is a solution"]
