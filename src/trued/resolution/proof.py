"""The solver's proof read as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nab_resolver.types import IncompatibilityCause

from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs
from trued.resolution.listing import Exclusion
from trued.resolution.package import Package
from trued.resolution.provider import Demand, Root
from trued.resolution.version_set import VersionSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nab_resolver.types import RangeProtocol

    from trued.resolution.engine import Clause

__all__ = ["facts_of"]

_NOTHING_FITS = Exclusion("nothing-fits", "nothing that it needs can be chosen with the rest")


def facts_of(proof: Clause) -> list[Fact]:
    """Return the facts at the leaves of *proof*, each once, in the proof's order."""
    return list(dict.fromkeys(fact for clause in proof.walk() for fact in _facts(clause)))


def _facts(clause: Clause) -> Iterator[Fact]:
    terms = [(term.package, _bits(term.constraint)) for term in clause.terms]
    if clause.cause is IncompatibilityCause.ROOT and isinstance(clause.origin, Root):
        yield from (Asked(package, bits, clause.origin) for package, bits in terms[1:])
    elif clause.cause is IncompatibilityCause.DEPENDENCY:
        yield from _needs(clause, terms)
    elif clause.cause in {IncompatibilityCause.NO_VERSIONS, IncompatibilityCause.CONSTRAINT}:
        for package, bits in terms:
            if isinstance(clause.origin, Demand):
                yield Forbidden(package, bits, clause.origin.root)
            else:
                known = isinstance(clause.origin, Exclusion)
                yield Excluded(package, bits, clause.origin if known else _NOTHING_FITS)


def _needs(clause: Clause, terms: list[tuple[Package, int]]) -> Iterator[Fact]:
    """Yield what one release needs, but for the base that an extra always needs at its own version.

    A release that needs another version of itself has a single term, and says the versions beside it.
    """
    package, bits = terms[0]
    if clause.dependency_range is not None:
        yield Needs(package, bits, package, _bits(clause.dependency_range))
    elif len(terms) == 2:
        needed, versions = terms[1]
        if needed != Package(package.project) or bits & ~versions:
            yield Needs(package, bits, needed, versions)


def _bits(versions: RangeProtocol[int]) -> int:
    if not isinstance(versions, VersionSet):
        raise TypeError(f"the solver made a range of its own: {versions!r}")
    return versions.bits
