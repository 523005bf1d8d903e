"""Requirements that leave versions open: one version chosen for each, and for all that they need in turn.

What comes out is asked for like pinned lines, so that every file of the whole set has to be proven.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trued.core.finding import Place
from trued.operations.resolve import Resolver, target_of
from trued.operations.roots import Roots, allowed_of, elsewhere, pep508
from trued.policy.level import PolicyLevel
from trued.requirements.model import Kind, Requirement
from trued.requirements.wanted import Wanted
from trued.resolution.provider import Root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.resolve import Resolution
    from trued.operations.session import Session
    from trued.resolution.direct import DirectRelease
    from trued.resolution.universal import UniversalPackage

__all__ = ["with_versions"]


def with_versions(
    session: Session, asked: Asked, interpreter: Interpreter, installed: Iterable[Installed]
) -> Asked:
    """Return *asked* with one version for each named project, and with the dependencies of all of them.

    What is *installed* stays where it may, unless an upgrade is asked for. What the user names by URL, path
    or repository is its project's one release; where its metadata is not known, it is left as it is.

    Raises: NoSolution, GaveUp, OperationalError as :meth:`trued.operations.resolve.Resolver.resolve`.
    """
    direct = _direct(asked)
    named = [one for one in asked.wanted if one.kind is Kind.NAMED or one.project in direct]
    roots = Roots(
        roots=tuple(Root(pep508(line), line.place) for one in named for line in one.lines),
        constraints=tuple(Root(pep508(line), line.place) for line in asked.constraints if line.project),
        options=asked.options,
        allowed=allowed_of((*(line for one in named for line in one.lines), *asked.constraints)),
        elsewhere=elsewhere(asked.constraints, besides=direct),
    )
    installed = tuple(installed)
    resolver = Resolver(
        session,
        roots,
        own_names=[one.project for one in installed],
        wheels_only=True,
        dependencies=not session.settings.no_deps,
        direct=direct,
    )
    kept = _kept(session, installed, {one.project for one in named})
    resolution = resolver.resolve([target_of(interpreter)], lambda _: kept)
    chosen = _asked(asked, resolution)
    if session.settings.level is not PolicyLevel.STRICT:
        return chosen
    from trued.operations.lock_coverage import coverage_findings

    return replace(chosen, findings=(*chosen.findings, *coverage_findings(session, resolution)))


def _direct(asked: Asked) -> Mapping[ProjectName, DirectRelease]:
    if not (asked.sources or asked.ready):
        return {}
    from trued.operations.direct import direct_releases

    return direct_releases(asked)


def _kept(
    session: Session, installed: Iterable[Installed], asked: set[ProjectName | None]
) -> dict[ProjectName, Version]:
    """Return the versions to stay with: pip's ``--upgrade`` moves what is named, ``eager`` everything."""
    from packaging.version import InvalidVersion, Version

    settings = session.settings
    if settings.upgrade and settings.upgrade_strategy == "eager":
        return {}
    kept = {}
    for one in installed:
        if settings.upgrade and one.project in asked:
            continue
        try:
            kept[one.project] = Version(one.version)
        except InvalidVersion:
            continue
    return kept


def _asked(asked: Asked, resolution: Resolution) -> Asked:
    packages = {package.project: package for package in resolution.solution.packages}
    wanted = []
    for one in asked.wanted:
        package = packages.pop(one.project, None) if one.project and one.kind is Kind.NAMED else None
        wanted.append(_pinned(one, package) if package else one)
    direct = {one.project for one in asked.wanted}
    parents = _parents(resolution)
    new = [package for name, package in packages.items() if name not in direct]
    wanted += [_dependency(package, parents, asked.constraints) for package in new]
    return replace(
        asked,
        wanted=tuple(wanted),
        findings=(*asked.findings, *resolution.findings),
        offered={
            package.project: resolution.files(package.project, package.version)
            for package in resolution.solution.packages
            if package.project not in direct or package in _chosen(asked, resolution)
        },
    )


def _chosen(asked: Asked, resolution: Resolution) -> list[UniversalPackage]:
    """Return the packages that a named requirement asks for."""
    named = {one.project for one in asked.wanted if one.kind is Kind.NAMED}
    return [package for package in resolution.solution.packages if package.project in named]


def _pinned(wanted: Wanted, package: UniversalPackage) -> Wanted:
    """Return *wanted* with its lines narrowed to the version of *package*; digests and places stay."""
    if wanted.pinned_version and "," not in wanted.specifier:
        return wanted
    lines = tuple(_narrowed(line, str(package.version)) for line in wanted.lines)
    return Wanted(project=wanted.project, lines=lines, constraints=wanted.constraints)


def _narrowed(line: Requirement, version: str) -> Requirement:
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    return replace(line, text=f"{line.project}{extras}=={version}", specifier=f"=={version}")


def _dependency(
    package: UniversalPackage, parents: Mapping[ProjectName, str], constraints: Iterable[Requirement]
) -> Wanted:
    line = Requirement(
        place=Place(parents.get(package.project, "a dependency")),
        text=f"{package.project}=={package.version}",
        kind=Kind.NAMED,
        project=package.project,
        extras=frozenset(package.extras),
        specifier=f"=={package.version}",
    )
    own = tuple(one for one in constraints if one.project == package.project)
    return Wanted(project=package.project, lines=(line,), constraints=own)


def _parents(resolution: Resolution) -> dict[ProjectName, str]:
    """Return one of those that need each project, as the place of a requirement that nobody wrote."""
    return {
        edge.project: f"needed by {package.project} {package.version}"
        for package in reversed(resolution.solution.packages)
        for edge in package.dependencies
    }
