"""The border to the solver: one search by nab-resolver (PubGrub), with its types kept on this side.

Only this module and ``proof`` know nab-resolver, so that another engine can take its place; why this one was
chosen stands in ``docs/decisions/0006-resolver-nab.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nab_resolver.errors import ResolutionError, ResolutionTerminatedError
from nab_resolver.resolver import BaseProvider, Resolver, ResolverObserver
from nab_resolver.types import Incompatibility, IncompatibilityCause, RootRequirement, Term

from trued.core.record import dataclass
from trued.resolution.package import Package, packages_of
from trued.resolution.version_set import VersionSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nab_resolver.types import RangeProtocol

    from trued.core.names import ProjectName
    from trued.resolution.listing import Exclusion
    from trued.resolution.provider import Demand, PackageProvider

__all__ = ["Answer", "Clause", "Impossible", "Stopped", "search"]

Clause = Incompatibility[Package, int]


class Impossible(Exception):
    """There is no answer; ``proof`` is the root of the solver's derivation."""

    def __init__(self, proof: Clause) -> None:
        super().__init__("no versions satisfy the requirements")
        self.proof = proof


class Stopped(Exception):
    """The search ended without knowing whether there is an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One position for each package that the roots reach, and who needs whom."""

    pins: Mapping[Package, int]
    edges: Sequence[tuple[Package, Package]]
    roots: Sequence[Package]


def search(provider: PackageProvider, roots: Sequence[Demand], *, decisions: int) -> Answer:
    """Find a position for each package that *roots* reach, in at most *decisions* steps.

    Raises:
        Impossible: there is none; carries the proof.
        Stopped: the limit was reached first, or the solver found itself in a state it does not understand.

    """
    decided = _Decided()
    provider.begin(roots)
    required = [
        RootRequirement(package, VersionSet(provider.matching(demand.dependency)), demand.root)
        for demand in roots
        for package in packages_of(demand.dependency)
    ]
    resolver: Resolver[Package, int] = Resolver(
        _Adapter(provider, decided),
        observer=decided,
        max_iterations=decisions,
        range_type=VersionSet,
        root_version=0,
    )
    try:
        answer = resolver.solve(required)
    except ResolutionTerminatedError as stopped:
        raise Stopped(str(stopped)) from stopped
    except ResolutionError as failed:
        if failed.incompatibility is None:
            raise Stopped("the solver failed without a proof") from failed
        raise Impossible(failed.incompatibility) from failed
    return Answer(answer.pins, answer.edges, answer.roots)


class _Decided(ResolverObserver[Package, int]):
    """The decisions as they stand, so that an extra can follow its base and the other extras.

    Some of the solver's ways back are not told; what stands here is then wrong for one choice, which costs a
    rejected candidate and never an answer.
    """

    def __init__(self) -> None:
        self._positions: dict[ProjectName, list[int]] = {}
        self._order: list[tuple[int, ProjectName]] = []

    def position(self, project: ProjectName) -> int | None:
        """Return where *project*, or an extra of it, was decided to stand."""
        decided = self._positions.get(project)
        return decided[-1] if decided else None

    def on_decision(self, package: Package, version: int, level: int) -> None:
        self.on_backjump(level, level - 1)
        self._positions.setdefault(package.project, []).append(version)
        self._order.append((level, package.project))

    def on_backjump(self, from_level: int, to_level: int) -> None:
        del from_level
        while self._order and self._order[-1][0] > to_level:
            self._positions[self._order.pop()[1]].pop()


class _Adapter(BaseProvider[Package, int]):
    """The provider in the solver's own terms; its ranges are always :class:`VersionSet`."""

    def __init__(self, provider: PackageProvider, decided: _Decided) -> None:
        self._provider = provider
        self._decided = decided
        self._told: dict[tuple[Package, Exclusion | Demand], int] = {}
        self._pending: list[Clause] = []

    def choose_version(self, package: Package, version_range: RangeProtocol[int]) -> int | None:
        decided = self._decided.position(package.project)
        position = self._provider.choose(package, _bits(version_range), decided)
        for end in self._provider.take_dead_ends():
            needs = [Term(end.package, VersionSet(end.positions))]
            needs.append(Term(end.needed, VersionSet(end.versions), positive=False))
            self._pending.append(Incompatibility(needs, IncompatibilityCause.DEPENDENCY))
            self._tell_why(end.needed)
        if position is None:
            self._tell_why(package)
        return position

    def has_satisfying_version(self, package: Package, version_range: RangeProtocol[int]) -> bool:
        return self._provider.choose(package, _bits(version_range), None) is not None

    def get_dependencies(self, package: Package, version: int) -> Mapping[Package, RangeProtocol[int]]:
        return self._provider.dependencies(package, version)

    def widen_decision(self, package: Package, version: int) -> VersionSet:
        return VersionSet(self._provider.alike(package, version))

    def prioritize(
        self,
        package: Package,
        version_range: RangeProtocol[int],
        conflict_counts: Mapping[Package, int],
        culprit_counts: Mapping[Package, int] | None = None,
    ) -> tuple[int, int, int, int]:
        del culprit_counts
        return self._provider.priority(package, _bits(version_range), conflict_counts.get(package, 0))

    def consume_pending_clauses(self) -> list[Clause]:
        pending, self._pending = self._pending, []
        return pending

    def _tell_why(self, package: Package) -> None:
        """Queue clauses that hold always: each reason's releases are out, as is what a constraint forbids."""
        excluded: dict[Exclusion, int] = {}
        for position, exclusion in self._provider.exclusions(package).items():
            excluded[exclusion] = excluded.get(exclusion, 0) | 1 << position
        for exclusion, bits in excluded.items():
            self._forbid(package, bits, IncompatibilityCause.NO_VERSIONS, exclusion)
        for demand, bits in self._provider.forbidden(package.project):
            self._forbid(package, bits, IncompatibilityCause.CONSTRAINT, demand)

    def _forbid(
        self, package: Package, bits: int, cause: IncompatibilityCause, origin: Exclusion | Demand
    ) -> None:
        if bits and self._told.get((package, origin)) != bits:
            self._told[package, origin] = bits
            self._pending.append(Incompatibility([Term(package, VersionSet(bits))], cause, origin=origin))


def _bits(versions: RangeProtocol[int]) -> int:
    if not isinstance(versions, VersionSet):
        raise TypeError(f"the solver made a range of its own: {versions!r}")
    return versions.bits
