"""The solver's proof read as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nab_resolver.types import IncompatibilityCause

from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs
from trued.resolution.listing import Exclusion
from trued.resolution.package import Package
from trued.resolution.provider import Demand, PackageProvider, Root
from trued.resolution.version_set import VersionSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nab_resolver.types import RangeProtocol

    from trued.resolution.engine import Clause

__all__ = ["facts_of"]


def facts_of(proof: Clause, provider: PackageProvider) -> list[Fact]:
    """Return the facts at the leaves of *proof*, each once, in the proof's order.

    Where the solver was told that nothing is left of a package, all that closed it follows.
    """
    facts: dict[Fact, None] = {}
    closed: list[Package] = []
    for clause in proof.walk():
        if clause.cause is IncompatibilityCause.NO_VERSIONS and not isinstance(clause.origin, Exclusion):
            closed.extend(term.package for term in clause.terms)
        else:
            facts.update(dict.fromkeys(_facts(clause)))
    seen: set[Package] = set()
    while closed:
        package = closed.pop()
        if package not in seen:
            seen.add(package)
            facts.update(dict.fromkeys(_closing(package, provider)))
            closed.extend(end.needed for end in provider.dead_ends(package))
    return list(facts)


def _closing(package: Package, provider: PackageProvider) -> Iterator[Fact]:
    for demand, bits in provider.asked(package):
        yield Asked(package, bits, demand.root)
    for end in provider.dead_ends(package):
        if not _is_own_base(package, end.needed):
            yield Needs(package, end.positions, end.needed, end.versions)
    excluded: dict[Exclusion, int] = {}
    for position, exclusion in provider.exclusions(package).items():
        excluded[exclusion] = excluded.get(exclusion, 0) | 1 << position
    for exclusion, bits in excluded.items():
        yield Excluded(package, bits, exclusion)
    for demand, bits in provider.forbidden(package.project):
        yield Forbidden(package, bits, demand.root)


def _is_own_base(package: Package, needed: Package) -> bool:
    """Tell whether this is the base that an extra always needs, at its own version."""
    return needed == Package(package.project) != package


def _facts(clause: Clause) -> Iterator[Fact]:
    terms = [(term.package, _bits(term.constraint)) for term in clause.terms]
    if clause.cause is IncompatibilityCause.ROOT and isinstance(clause.origin, Root):
        yield from (Asked(package, bits, clause.origin) for package, bits in terms[1:])
    elif clause.cause is IncompatibilityCause.DEPENDENCY:
        yield from _needs(clause, terms)
    else:
        for package, bits in terms:
            if isinstance(clause.origin, Demand):
                yield Forbidden(package, bits, clause.origin.root)
            elif isinstance(clause.origin, Exclusion):
                yield Excluded(package, bits, clause.origin)


def _needs(clause: Clause, terms: list[tuple[Package, int]]) -> Iterator[Fact]:
    """Yield what releases need, but for the base that an extra always needs at its own version.

    A release that needs another version of itself has a single term, and says the versions beside it.
    """
    package, bits = terms[0]
    if clause.dependency_range is not None:
        yield Needs(package, bits, package, _bits(clause.dependency_range))
    elif len(terms) == 2:
        needed, versions = terms[1]
        if not _is_own_base(package, needed) or bits & ~versions:
            yield Needs(package, bits, needed, versions)


def _bits(versions: RangeProtocol[int]) -> int:
    if not isinstance(versions, VersionSet):
        raise TypeError(f"the solver made a range of its own: {versions!r}")
    return versions.bits
