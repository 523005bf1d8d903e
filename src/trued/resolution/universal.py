"""One answer for several targets: each resolved on its own, then merged with markers that tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.finding import Finding
from trued.core.record import dataclass, field
from trued.resolution.marker_text import environment_marker, marker_for
from trued.resolution.package import Package, packages_of
from trued.resolution.solve import NoSolution, Root, Solution, SolverLimits, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.dependency import DependencyReader
    from trued.resolution.source import PackageSource
    from trued.resolution.target import Target

__all__ = ["Case", "UniversalDependency", "UniversalPackage", "UniversalSolution", "solve_universal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One target, the source that knows what is excluded there, and the versions to keep there.

    ``reader`` is that of the source, if there is one.
    """

    target: Target
    source: PackageSource
    preferences: Mapping[ProjectName, Version] = field(default_factory=dict)
    reader: DependencyReader | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UniversalDependency:
    """One edge of the merged graph; ``marker`` is ``None`` where it holds wherever the package does."""

    project: ProjectName
    version: Version
    marker: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UniversalPackage:
    """One release of the answer. ``marker`` is ``None`` where it is needed on all targets, unasked.

    ``targets`` names those that it is needed on; ``extras`` are those in use on any of them.
    """

    project: ProjectName
    version: Version
    marker: str | None
    extras: tuple[str, ...]
    dependencies: tuple[UniversalDependency, ...]
    requires_python: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UniversalSolution:
    """The merged answer, sorted by project and version, and the answer for each target by its name.

    ``environments`` are the markers of the declared targets, one each (PEP 751 ``environments``).
    """

    packages: tuple[UniversalPackage, ...]
    environments: tuple[str, ...]
    solutions: Mapping[str, Solution]
    findings: tuple[Finding, ...]


def solve_universal(
    roots: Sequence[Root],
    cases: Sequence[Case],
    *,
    constraints: Sequence[Root] = (),
    all_prereleases: bool = False,
    prereleases: frozenset[ProjectName] = frozenset(),
    limits: SolverLimits | None = None,
) -> UniversalSolution:
    """Resolve *roots* on the target of each case, in order, and merge the answers.

    A target keeps its own preferences first, then the versions chosen for the targets before it, so that
    versions differ between targets only where they must.

    Raises:
        NoSolution: on some targets there is no solution; one finding for each reason.
        GaveUp: a limit was reached on some target.
        UsageError, OperationalError: as :func:`~trued.resolution.solve.solve`.

    """
    solutions: dict[str, Solution] = {}
    chosen: dict[ProjectName, Version] = {}
    failures: list[Finding] = []
    for case in cases:
        try:
            solution = solve(
                roots,
                source=case.source,
                target=case.target,
                constraints=constraints,
                preferences={**chosen, **case.preferences},
                all_prereleases=all_prereleases,
                prereleases=prereleases,
                limits=limits,
                reader=case.reader,
            )
        except NoSolution as refused:
            failures.extend(refused.findings)
            continue
        solutions[case.target.name] = solution
        for project, version in solution.pins.items():
            chosen.setdefault(project, version)
    if failures:
        raise NoSolution(*_joined(failures))
    return _merged([case.target for case in cases], solutions)


def _joined(failures: Iterable[Finding]) -> list[Finding]:
    """Tell what fails alike on several targets once."""
    alike: dict[str, list[Finding]] = {}
    for finding in failures:
        alike.setdefault(finding.values["explanation"], []).append(finding)
    return [
        Finding(
            code=same[0].code,
            subject=", ".join(finding.subject for finding in same),
            place=same[0].place,
            values=same[0].values,
        )
        for same in alike.values()
    ]


@dataclass(slots=True)
class _Found:
    """Where one release is needed: on which targets under which scope, and by which edges."""

    scopes: dict[str, list[Target]] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    extras: set[str] = field(default_factory=set)
    edges: dict[tuple[ProjectName, Version], list[Target]] = field(default_factory=dict)
    requires_python: str = ""


def _merged(targets: Sequence[Target], solutions: Mapping[str, Solution]) -> UniversalSolution:
    found: dict[tuple[ProjectName, Version], _Found] = {}
    for target in targets:
        _collect(target, solutions[target.name], found)
    return UniversalSolution(
        packages=tuple(_package(key, found[key], targets) for key in sorted(found)),
        environments=tuple(environment_marker(target, targets) for target in targets),
        solutions=solutions,
        findings=_distinct(solutions.values()),
    )


def _distinct(solutions: Iterable[Solution]) -> tuple[Finding, ...]:
    findings: list[Finding] = []
    for solution in solutions:
        findings.extend(finding for finding in solution.findings if finding not in findings)
    return tuple(findings)


def _collect(target: Target, solution: Solution, found: dict[tuple[ProjectName, Version], _Found]) -> None:
    for project, version in solution.pins.items():
        one = found.setdefault((project, version), _Found())
        one.targets.append(target)
        one.extras |= solution.extras.get(project, frozenset())
        one.requires_python = solution.metadata[project].requires_python
        for child in solution.needs[project]:
            one.edges.setdefault((child, solution.pins[child]), []).append(target)
    for scope in dict.fromkeys(demand.root.scope for demand in solution.demands):
        for project in _reached(solution, scope):
            found[project, solution.pins[project]].scopes.setdefault(scope, []).append(target)


def _reached(solution: Solution, scope: str) -> list[ProjectName]:
    """Return the projects that the roots of *scope* alone lead to."""
    waiting: list[Package] = []
    for demand in solution.demands:
        if demand.root.scope == scope:
            waiting.extend(packages_of(demand.dependency))
    seen: dict[Package, None] = {}
    while waiting:
        package = waiting.pop()
        if package not in seen:
            seen[package] = None
            waiting.extend(solution.edges.get(package, ()))
    return sorted({package.project for package in seen})


def _package(key: tuple[ProjectName, Version], found: _Found, declared: Sequence[Target]) -> UniversalPackage:
    project, version = key
    return UniversalPackage(
        project=project,
        version=version,
        marker=_scoped_marker(found.scopes, declared),
        extras=tuple(sorted(found.extras)),
        dependencies=tuple(
            UniversalDependency(project=child, version=at, marker=marker_for(where, found.targets))
            for (child, at), where in sorted(found.edges.items(), key=lambda edge: edge[0])
        ),
        requires_python=found.requires_python,
        targets=tuple(target.name for target in found.targets),
    )


def _scoped_marker(scopes: Mapping[str, Sequence[Target]], declared: Sequence[Target]) -> str | None:
    """Join what holds unasked with what holds where an extra or a group is asked for."""
    always = scopes.get("", ())
    if len(always) == len(declared):
        return None
    parts = [marker for marker in (marker_for(always, declared),) if marker] if always else []
    alike: dict[str, list[str]] = {}
    for scope, targets in sorted(scopes.items()):
        if scope and any(target not in always for target in targets):
            alike.setdefault(marker_for(targets, declared) or "", []).append(scope)
    for marker, names in alike.items():
        asked = " or ".join(names)
        if not marker:
            parts.append(asked)
            continue
        asked = f"({asked})" if len(names) > 1 or " or " in asked else asked
        parts.append(f"{asked} and ({marker})" if " or " in marker else f"{asked} and {marker}")
    if len(parts) == 1:
        return parts[0]
    return " or ".join(f"({part})" if " and " in part else part for part in parts)
