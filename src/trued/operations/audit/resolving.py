"""What requirements that leave versions open would bring, by the resolver; nothing is built or run."""

from __future__ import annotations

from trued.advisories.outcome import AuditedFile, AuditedPackage
from trued.core.names import normalize
from trued.operations.audit.audited import Candidate, Inputs
from trued.operations.audit.ways import Ways
from trued.operations.fitting import interpreter_for
from trued.operations.resolve import Resolver, target_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.operations.resolve import Resolution
    from trued.operations.roots import Roots
    from trued.operations.session import Session

__all__ = ["resolved"]


def resolved(session: Session, roots: Roots) -> Inputs:
    """Return the releases that *roots* bring on the interpreter at hand, advisories not looked at.

    Raises: NoSolution, GaveUp, OperationalError as :meth:`trued.operations.resolve.Resolver.resolve`.
    """
    resolver = Resolver(session, roots, dependencies=not session.settings.no_deps, advised=False)
    target = target_of(interpreter_for(session.settings, session.find_interpreter()))
    resolution = resolver.resolve([target], lambda _: {})
    places = _places(roots)
    candidates = []
    for package in resolution.solution.packages:
        files = resolution.files(package.project, package.version)
        candidates.append(
            Candidate(
                package=AuditedPackage(
                    project=package.project,
                    version=str(package.version),
                    places=places.get(package.project, ()),
                    files=tuple(AuditedFile(filename=one.filename, digests=one.digests) for one in files),
                ),
                index=next((one.index for one in files if one.index.startswith("http")), ""),
                is_own=bool(files) and all(one.url.startswith("file:") for one in files),
            )
        )
    return Inputs(
        names=(),
        candidates=tuple(candidates),
        findings=resolution.findings,
        ways=_ways(resolution, places),
    )


def _places(roots: Roots) -> Mapping[ProjectName, tuple[Place, ...]]:
    from packaging.requirements import Requirement

    found: dict[ProjectName, tuple[Place, ...]] = {}
    for root in roots.roots:
        project = normalize(Requirement(root.text).name)
        found[project] = (*found.get(project, ()), root.place)
    return found


def _ways(resolution: Resolution, asked: Collection[ProjectName]) -> Ways:
    versions = {one.project: str(one.version) for one in resolution.solution.packages}
    parents: dict[ProjectName, list[ProjectName]] = {}
    for package in resolution.solution.packages:
        for edge in package.dependencies:
            parents.setdefault(edge.project, []).append(package.project)
    return Ways(versions, parents, asked)
