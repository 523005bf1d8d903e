"""What locked projects are built with: resolved and hashed as the projects are, and written beside them.

Only for projects that may be built and have, for one of the targets at least, no wheel that fits. The table
of the project's file says what is needed, and what its backend adds is asked of it, in the sandbox.
"""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.operations.build_dependencies import build_roots
from trued.operations.build_session import build_session
from trued.operations.built_metadata import fetched_source
from trued.operations.lock_files import locked
from trued.operations.resolve import Resolver
from trued.operations.roots import Roots, pep508
from trued.requirements.allowed import Allowed
from trued.requirements.hashmode import HashMode
from trued.resolution.provider import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.operations.building import Source
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock, LockedPackage
    from trued.requirements.model import FileOptions
    from trued.resolution.target import Target

__all__ = ["unlocked_builds", "with_build_dependencies"]


def with_build_dependencies(
    session: Session,
    lock: Lock,
    old: Lock | None,
    *,
    offered: Mapping[ProjectName, Sequence[Distribution]],
    options: FileOptions,
    targets: Sequence[Target],
    folder: str,
    direct: Mapping[ProjectName, Source] | None = None,
) -> tuple[Lock, list[Finding]]:
    """Return *lock* with the build dependencies of what it has to build, and what is to be told of them.

    *offered* are the files of the chosen releases, *direct* what no index offers. Versions that *old* has
    stay where they may. Paths are written relative to *folder*.

    Raises: Refused, OperationalError as a build and a resolution do.
    """
    told: list[Finding] = []
    packages = []
    before = {(one.project, one.version): one.build for one in old.packages} if old is not None else {}
    for package in lock.packages:
        source = (direct or {}).get(package.project) if package.direct is not None else None
        file = _to_build(session, package, offered.get(package.project, ()), targets)
        if source is None and file is None:
            packages.append(package)
            continue
        requires = _requires(session, source, file, package)
        upgrades = session.settings.upgrade
        kept = () if upgrades else before.get((package.project, package.version), ())
        child = build_session(session, options)
        try:
            build, found = _locked_build(
                child, requires, kept, shown=package.text, options=options, targets=targets, folder=folder
            )
        finally:
            child.builder.close()  # where a build dependency is source itself, its backend was asked
        packages.append(replace(package, build=build))
        told += found
    return replace(lock, packages=tuple(packages)), [*session.builder.take_told(), *told]


def unlocked_builds(
    session: Session,
    lock: Lock,
    *,
    offered: Mapping[ProjectName, Sequence[Distribution]],
    targets: Sequence[Target],
    shown: str,
) -> list[Finding]:
    """Return a note of what a requirements file cannot say: what projects are built with."""
    built = [
        str(one.project)
        for one in lock.packages
        if _to_build(session, one, offered.get(one.project, ()), targets) is not None
    ]
    if not built:
        return []
    values = {"names": ", ".join(built)}
    return [Finding(code="TRU467", level=Level.NOTE, subject=shown, values=values)]


def _to_build(
    session: Session, package: LockedPackage, offered: Sequence[Distribution], targets: Sequence[Target]
) -> Distribution | None:
    """Return the source distribution that *package* is built of for one of *targets*, if for any."""
    builder = session.builder
    if package.direct is not None or builder.may(package.project) is not None:
        return None
    locked_names = {file.filename for file in package.files}
    sources = [one for one in offered if not one.is_wheel and one.filename in locked_names]
    if not sources:
        return None
    allows_wheel = session.formats(builder.options).allows_wheel(package.project)
    wheels = [one for one in offered if one.is_wheel and allows_wheel]
    is_built = any(not any(_fits(wheel, target) for wheel in wheels) for target in targets)
    return sources[0] if is_built else None


def _fits(wheel: Distribution, target: Target) -> bool:
    from trued.core.filenames import parse_wheel_name

    name = parse_wheel_name(wheel.filename)
    return name is not None and not set(name.tags).isdisjoint(target.tags)


def _locked_build(
    child: Session,
    requires: Sequence[str],
    kept: Sequence[LockedPackage],
    *,
    shown: str,
    options: FileOptions,
    targets: Sequence[Target],
    folder: str,
) -> tuple[tuple[LockedPackage, ...], list[Finding]]:
    asked = build_roots(child, requires, shown=shown, mode=HashMode(is_on=False), options=options)
    roots = Roots(
        roots=tuple(Root(text, asked.place) for text in requires),
        constraints=tuple(Root(pep508(line), line.place) for line in asked.constraints),
        options=options,
        allowed={line.project: asked.allowed(line.project) for line in asked.constraints if line.project},
    )
    resolver = Resolver(child, roots, wheels_only=True)
    resolution = resolver.resolve(targets, lambda _: _versions(kept))
    made, told = locked(child, resolution, roots, folder=folder)
    return made.packages, [*resolution.findings, *told]


def _requires(
    session: Session, source: Source | None, file: Distribution | None, package: LockedPackage
) -> tuple[str, ...]:
    """Return what the build of *source* or *file* asks for; its backend may have told it before.

    Nothing of the file runs that is not the one which the lock of *package* names.
    """
    digests = file.digests if file is not None and source is None else ()
    stated = next((one.value for one in digests if one.algorithm == "sha256"), "")
    known = session.builder.known_requires(stated) if stated else None
    if known is not None:
        return known
    if source is None and file is not None:
        locked_digests = next((one.digests for one in package.files if one.filename == file.filename), ())
        source = fetched_source(session, file, Allowed(bound=locked_digests))
    return session.builder.requires(source) if source is not None else ()


def _versions(kept: Sequence[LockedPackage]) -> dict[ProjectName, Version]:
    from packaging.version import Version

    return {one.project: Version(one.version) for one in kept if one.version is not None}
