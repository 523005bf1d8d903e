"""An independent look at every answer: each requirement held against one version, each edge once.

A version is compared as ``packaging`` does, or by it. Shares nothing with the solver but the parsed
requirements, so that a fault of the solver, or of the sets it works on, ends in an error and never in a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.requirements.plain_specifier import admits, clauses
from trued.resolution.listing import YANKED, Exclusion
from trued.resolution.specifier_positions import plain_positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.core.names import ProjectName
    from trued.resolution.dependency import Dependency
    from trued.resolution.provider import Demand, PackageProvider
    from trued.resolution.solution import Solution

__all__ = ["violations"]


def violations(
    solution: Solution, roots: Sequence[Demand], constraints: Sequence[Demand], provider: PackageProvider
) -> list[str]:
    """Return what is wrong with *solution*, a line each; nothing when it holds."""
    reached, wrong = _walked(solution, roots, provider)
    for demand in constraints:
        if demand.dependency.project in solution.pins and not _admits(demand.dependency, solution):
            wrong.append(f"{_pin(solution, demand.dependency.project)} breaks {demand.dependency.text}")
    for project in solution.pins:
        wrong.extend(_unlisted(solution, project, provider))
    wrong.extend(
        f"{_pin(solution, project)} is needed by nothing" for project in solution.pins.keys() - reached
    )
    return sorted(wrong)


def _walked(
    solution: Solution, roots: Sequence[Demand], provider: PackageProvider
) -> tuple[set[ProjectName], list[str]]:
    """Follow every requirement from the roots; return the projects met, and what did not hold."""
    wrong: list[str] = []
    seen: set[tuple[ProjectName, str]] = set()
    waiting = [demand.dependency for demand in roots]
    while waiting:
        dependency = waiting.pop()
        project = dependency.project
        if project not in solution.pins:
            wrong.append(f"{dependency.text} is not met: {project} is not chosen")
            continue
        if not _admits(dependency, solution):
            wrong.append(f"{dependency.text} is not met by {_pin(solution, project)}")
        for extra in ("", *dependency.extras):
            if extra and extra not in solution.extras.get(project, ()):
                wrong.append(f"the extra {extra} of {_pin(solution, project)} is missing")
            if (project, extra) not in seen:
                seen.add((project, extra))
                waiting.extend(_needs(solution, project, extra, provider))
    return {project for project, _ in seen}, wrong


def _needs(
    solution: Solution, project: ProjectName, extra: str, provider: PackageProvider
) -> list[Dependency]:
    answer = provider.applicable(solution.metadata[project], extra)
    return [] if isinstance(answer, Exclusion) else answer


def _admits(dependency: Dependency, solution: Solution) -> bool:
    version = solution.pins[dependency.project]
    plain = admits(dependency.specifier, str(version))
    if plain is not None:
        return plain
    parts = clauses(dependency.specifier)
    if parts is not None:
        return all(plain_positions([version], clause) for clause in parts)
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(dependency.specifier).contains(version, prereleases=True)


def _unlisted(solution: Solution, project: ProjectName, provider: PackageProvider) -> Iterator[str]:
    """Yield a line unless the pin is a listed release that nothing but a yank excludes."""
    listing = provider.source.listing(project)
    position = listing.position(solution.pins[project])
    found = listing.candidates[position] if position is not None else None
    if found is None or found.version != solution.pins[project]:
        yield f"{_pin(solution, project)} is not listed"
    elif found.exclusion is not None and found.exclusion.reason != YANKED:
        yield f"{_pin(solution, project)} is excluded: {found.exclusion.text}"


def _pin(solution: Solution, project: ProjectName) -> str:
    return f"{project} {solution.pins[project]}"
