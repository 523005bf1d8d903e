"""The one door to resolution: requirements and a source in, a checked solution or an explanation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import OperationalError, Refused, UsageError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, field
from trued.resolution.admission import Admission, Admitted
from trued.resolution.check import violations
from trued.resolution.dependency import DependencyReader, unreadable
from trued.resolution.engine import Answer, Impossible, Stopped, search
from trued.resolution.provider import Demand, PackageProvider, Root
from trued.resolution.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.package import Package
    from trued.resolution.source import PackageSource
    from trued.resolution.target import Target

__all__ = ["GaveUp", "NoSolution", "Root", "Solution", "SolverLimits", "solve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverLimits:
    """Bounds on the search; past them the answer is "stopped", never "impossible".

    ``decisions`` counts steps of the solver; ``relaxations`` how many requirements are dropped in trial after
    a conflict, to suggest one, each trial within ``relaxed_decisions``.
    """

    decisions: int = 200_000
    relaxations: int = 6
    relaxed_decisions: int = 2_000


class NoSolution(Refused):
    """No choice of versions satisfies the requirements (TRU360)."""


class GaveUp(OperationalError):
    """The search stopped at a limit; nothing is known about whether a solution exists (TRU361)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """What is to be solved: the demands that hold on the target, and what to keep."""

    source: PackageSource
    reader: DependencyReader
    roots: Sequence[Demand]
    constraints: Sequence[Demand]
    preferences: Mapping[ProjectName, Version] = field(default_factory=dict)
    everything: bool = False
    prereleases: frozenset[ProjectName] = frozenset()

    def without(self, root: Root) -> _Problem:
        """Return the problem with the versions that *root* asks for left open."""
        return _Problem(
            source=self.source,
            reader=self.reader,
            roots=[self._opened(demand) if demand.root == root else demand for demand in self.roots],
            constraints=[demand for demand in self.constraints if demand.root != root],
            preferences=self.preferences,
            everything=self.everything,
        )

    def _opened(self, demand: Demand) -> Demand:
        extras = f"[{','.join(demand.dependency.extras)}]" if demand.dependency.extras else ""
        return Demand(demand.root, self.reader.parse(f"{demand.dependency.project}{extras}"))


def solve(
    roots: Sequence[Root],
    *,
    source: PackageSource,
    target: Target,
    constraints: Sequence[Root] = (),
    preferences: Mapping[ProjectName, Version] | None = None,
    all_prereleases: bool = False,
    prereleases: frozenset[ProjectName] = frozenset(),
    limits: SolverLimits | None = None,
    reader: DependencyReader | None = None,
) -> Solution:
    """Choose one version for each project that *roots* need on *target*.

    *constraints* restrict versions without asking for a project; *preferences* are kept where allowed.
    Pre-releases are candidates where *all_prereleases* says so, of the projects *prereleases*, where a root
    or constraint names one, or where no final version would do (PEP 440); yanked releases where a root or
    constraint pins one (PEP 592). What only a dependency asks for of either kind is admitted when
    there is no solution without. *reader* is that of *target*, where lines were read before.

    Raises:
        NoSolution: there is no solution; says why.
        GaveUp: a limit was reached.
        UsageError: a root or constraint is not a requirement.
        OperationalError: the source could not answer, or the solution did not pass the check.

    """
    limits = limits or SolverLimits()
    reader = reader or DependencyReader(target)
    problem = _Problem(
        source=source,
        reader=reader,
        roots=_demands(reader, roots),
        constraints=_demands(reader, constraints),
        preferences=preferences or {},
        everything=all_prereleases,
        prereleases=prereleases,
    )
    try:
        provider, answer = _found(problem, limits.decisions)
    except _Conflict as conflict:
        raise _no_solution(conflict, problem, target, limits) from conflict
    except Stopped as stopped:
        raise _gave_up(stopped, target, limits) from stopped
    return _checked(provider, problem, _solution(provider, answer, problem), target)


class _Conflict(Exception):
    """The last run's provider and proof."""

    def __init__(self, impossible: Impossible, provider: PackageProvider) -> None:
        super().__init__(str(impossible))
        self.proof = impossible.proof
        self.provider = provider


def _demands(reader: DependencyReader, roots: Sequence[Root]) -> list[Demand]:
    demands, findings = [], []
    for root in roots:
        try:
            dependency = reader.parse(root.text)
            applies = reader.applies(dependency, "")
        except unreadable() as error:
            why = str(error).partition("\n")[0]
            findings.append(Finding(code="TRU365", subject=root.text, place=root.place, values={"why": why}))
            continue
        if applies:
            demands.append(Demand(root, dependency))
    if findings:
        raise UsageError(*findings)
    return demands


def _found(problem: _Problem, decisions: int) -> tuple[PackageProvider, Answer]:
    """Search, and again with what dependencies alone ask for, as long as that lets in something more."""
    asked = (demand.dependency for demand in (*problem.roots, *problem.constraints))
    admitted = Admitted.by_user(asked, everything=problem.everything, prereleases=problem.prereleases)
    while True:
        provider = _provider(problem, Admission(admitted))
        problem.source.prefetch(problem.preferences)
        try:
            return provider, search(provider, problem.roots, decisions=decisions)
        except Impossible as impossible:
            more = provider.admission.next()
            if more is None:
                raise _Conflict(impossible, provider) from impossible
            admitted = more


def _provider(problem: _Problem, admission: Admission) -> PackageProvider:
    return PackageProvider(
        source=problem.source,
        reader=problem.reader,
        admission=admission,
        constraints=problem.constraints,
        preferences=problem.preferences,
        order=_order(problem.roots),
        urls={
            demand.dependency.project: demand.dependency.url
            for demand in (*problem.constraints, *problem.roots)
            if demand.dependency.url is not None
        },
    )


def _order(roots: Iterable[Demand]) -> dict[ProjectName, int]:
    order: dict[ProjectName, int] = {}
    for demand in roots:
        order.setdefault(demand.dependency.project, len(order))
    return order


def _solution(provider: PackageProvider, answer: Answer, problem: _Problem) -> Solution:
    versions: dict[ProjectName, Version] = {}
    extras: dict[ProjectName, set[str]] = {}
    for package, position in sorted(answer.pins.items()):
        versions[package.project] = provider.listing(package.project).version(position)
        if package.extra:
            extras.setdefault(package.project, set()).add(package.extra)
    needs: dict[ProjectName, set[ProjectName]] = {project: set() for project in versions}
    edges: dict[Package, set[Package]] = {package: set() for package in answer.pins}
    for parent, child in answer.edges:
        edges[parent].add(child)
        if parent.project != child.project:
            needs[parent.project].add(child.project)
    metadata = {project: provider.known_metadata(project, version) for project, version in versions.items()}
    return Solution(
        pins=versions,
        extras={project: frozenset(names) for project, names in extras.items()},
        needs={project: tuple(sorted(children)) for project, children in needs.items()},
        metadata=metadata,
        edges={package: tuple(sorted(children)) for package, children in sorted(edges.items())},
        roots=tuple(dict.fromkeys(demand.dependency.project for demand in problem.roots)),
        demands=tuple(problem.roots),
        findings=tuple(
            Finding(
                code="TRU363",
                level=Level.WARNING,
                subject=project,
                values={"extra": extra, "version": str(versions[project])},
            )
            for project in sorted(extras)
            for extra in sorted(extras[project] - metadata[project].provides_extra)
        ),
    )


def _checked(provider: PackageProvider, problem: _Problem, solution: Solution, target: Target) -> Solution:
    wrong = violations(solution, problem.roots, problem.constraints, provider)
    if wrong:
        values = {"violations": "\n".join(wrong)}
        raise OperationalError(Finding(code="TRU362", subject=target.name, values=values))
    return solution


def _no_solution(conflict: _Conflict, problem: _Problem, target: Target, limits: SolverLimits) -> NoSolution:
    def solvable_without(root: Root) -> bool:
        """Tell it for the advice only, which an index that does not answer must not replace."""
        if not problem.reader.parse(root.text).specifier:
            return False
        try:
            _found(problem.without(root), limits.relaxed_decisions)
        except (_Conflict, Stopped, OperationalError):
            return False
        return True

    from trued.resolution.explain import explanation

    told = explanation(conflict.proof, conflict.provider, solvable_without, relaxations=limits.relaxations)
    return NoSolution(
        Finding(
            code="TRU360",
            subject=target.name,
            place=told.place,
            values={"explanation": "\n".join(told.lines)},
        )
    )


def _gave_up(stopped: Stopped, target: Target, limits: SolverLimits) -> GaveUp:
    values = {"why": str(stopped), "limit": str(limits.decisions)}
    return GaveUp(Finding(code="TRU361", subject=target.name, values=values))
