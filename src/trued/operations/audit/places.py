"""Environments, locks and folders of wheels as input."""

from __future__ import annotations

import os

from trued.advisories.outcome import AuditedFile, AuditedPackage, Skipped, SkipReason
from trued.core.digest import Digest, InvalidDigest
from trued.core.errors import OperationalError
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding, Place
from trued.core.names import is_valid_name, normalize
from trued.operations.audit.audited import Candidate, Inputs, joined
from trued.requirements.lock.model import DirectKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.operations.session import Session
    from trued.operations.tree import Graph
    from trued.requirements.lock.model import Lock, LockedPackage

__all__ = ["of_environment", "of_library", "of_lock", "of_wheels", "wheels_in"]

_SDIST = ".tar.gz"


def of_environment(session: Session) -> Inputs:
    """Gather what is installed in the environment of *session*, and with it what it sees of the system."""
    from trued.environment.installed import visible_distributions

    target = session.find_target(writing=False)
    folders = target.libraries if session.settings.local else target.visible
    installed = visible_distributions(folders)
    inputs = _of_installed(session, installed, shown=target.prefix)

    def graph() -> Graph:
        from trued.operations.tree import graph_of_installed

        return graph_of_installed(installed, target.facts["markers"], source=target.prefix)

    return _with_graph(inputs, graph)


def of_library(session: Session, folder: str) -> Inputs:
    """Gather what is installed in *folder* (pip-audit's ``--path``). Raises: UsageError TRU817."""
    from trued.environment.installed import installed_distributions

    path = os.path.join(session.cwd, folder)
    return _of_installed(session, installed_distributions([path]), shown=folder)


def _of_installed(session: Session, installed: Sequence[Installed], *, shown: str) -> Inputs:
    candidates: list[Candidate] = []
    skipped: list[Skipped] = []
    for one in installed:
        place = Place(one.folder)
        if not is_valid_name(one.name) or not one.version:
            detail = "it states no name or no version"
            skipped.append(
                Skipped(
                    name=one.name or os.path.basename(one.folder),
                    reason=SkipReason.UNREADABLE,
                    detail=detail,
                    place=place,
                )
            )
            continue
        digests = _digest_of(one)
        package = AuditedPackage(
            project=one.project,
            version=one.version,
            places=(place,),
            files=(AuditedFile(filename="", digests=digests),) if digests else (),
        )
        candidate = Candidate(
            package=package, index=_index_of(one), is_own=one.is_editable or one.direct_url is not None
        )
        if one.is_editable and session.settings.skip_editable:
            skipped.append(candidate.skipped(SkipReason.EDITABLE, "--skip-editable leaves it out"))
        else:
            candidates.append(candidate)
    return joined([Inputs(names=(shown,), candidates=tuple(candidates), skipped=tuple(skipped))])


def _digest_of(one: Installed) -> tuple[Digest, ...]:
    if one.sha256 is None:
        return ()
    try:
        return (Digest.checked("sha256", one.sha256),)
    except InvalidDigest:
        return ()


def _index_of(one: Installed) -> str:
    source = (one.receipt or {}).get("source")
    index = source.get("index") if isinstance(source, dict) else None
    return index if isinstance(index, str) else ""


def of_lock(lock: Lock, *, shown: str, skip_editable: bool) -> Inputs:
    """Gather what *lock* holds, for every environment that it is for."""
    candidates: list[Candidate] = []
    skipped: list[Skipped] = []
    for package in lock.packages:
        if package.direct is not None and package.direct.path in (".", "./"):
            continue  # the project that the lock is of, and nothing that it depends on
        found = _of_package(package, shown, skip_editable=skip_editable)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            skipped.append(found)
    inputs = joined([Inputs(names=(shown,), candidates=tuple(candidates), skipped=tuple(skipped))])

    def graph() -> Graph:
        from trued.operations.tree import graph_of_lock

        return graph_of_lock(lock, shown)

    return _with_graph(inputs, graph)


def _of_package(package: LockedPackage, shown: str, *, skip_editable: bool) -> Candidate | Skipped:
    place = package.place or Place(shown)
    direct = package.direct
    name, version = str(package.project), package.version or ""
    if direct is not None and direct.editable and skip_editable:
        detail = "--skip-editable leaves it out"
        return Skipped(name=name, version=version, reason=SkipReason.EDITABLE, detail=detail, place=place)
    if not version:
        is_direct = direct is not None
        reason = SkipReason.DIRECT if is_direct else SkipReason.NO_VERSION
        detail = f"it comes from {direct}" if is_direct else "the lock names no version"
        return Skipped(name=name, reason=reason, detail=detail, place=place)
    if direct is not None and direct.kind is DirectKind.DIRECTORY:
        detail = f"it is the folder {direct}, not a release"
        return Skipped(name=name, version=version, reason=SkipReason.DIRECT, detail=detail, place=place)
    files = tuple(AuditedFile(filename=file.filename, digests=file.digests) for file in package.files)
    audited = AuditedPackage(project=package.project, version=version, places=(place,), files=files)
    return Candidate(package=audited, index=package.index or "", is_own=direct is not None)


def wheels_in(folder: str) -> list[str]:
    """Return the names of the distribution files in *folder*."""
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith((".whl", _SDIST)))
    except OSError:
        return []


def of_wheels(session: Session, folder: str, names: Iterable[str]) -> Inputs:
    """Gather the distribution files *names* of *folder*, each with its sha256. Raises OperationalError."""
    found = [_of_file(os.path.join(session.cwd, folder, name), os.path.join(folder, name)) for name in names]
    return joined([
        Inputs(
            names=(folder,),
            candidates=tuple(one for one in found if isinstance(one, Candidate)),
            skipped=tuple(one for one in found if isinstance(one, Skipped)),
        )
    ])  # fmt: skip


def _of_file(path: str, shown: str) -> Candidate | Skipped:
    name = os.path.basename(path)
    release = _release_of(name)
    if release is None:
        detail = "its name is none of a wheel or a source distribution"
        return Skipped(name=name, reason=SkipReason.UNREADABLE, detail=detail, place=Place(shown))
    digest = Digest("sha256", _sha256(path, shown))
    package = AuditedPackage(
        project=release[0],
        version=release[1],
        places=(Place(shown),),
        files=(AuditedFile(filename=name, digests=(digest,)),),
    )
    return Candidate(package=package)


def _release_of(name: str) -> tuple[ProjectName, str] | None:
    wheel = parse_wheel_name(name)
    if wheel is not None:
        return wheel.project, wheel.version
    stem, dash, version = name.removesuffix(_SDIST).rpartition("-")
    if not name.endswith(_SDIST) or not dash or not is_valid_name(stem) or not version:
        return None
    return normalize(stem), version


def _sha256(path: str, shown: str) -> str:
    import hashlib

    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        values = {"reason": error.strerror or "the system does not say why"}
        raise OperationalError(Finding(code="TRU817", subject=shown, values=values)) from error


def _with_graph(inputs: Inputs, graph: Callable[[], Graph]) -> Inputs:
    """Return *inputs* with the ways of *graph*, which is made when it is first asked."""
    from functools import cache

    from trued.core.record import replace

    made = cache(graph)

    def found(project: ProjectName, version: str) -> Iterator[tuple[str, ...]]:
        from trued.operations.tree import ways

        for way in ways(made(), project):
            # What only an extra would ask for need not be why it is installed.
            if way[-1].node.version == version and not any("extra" in edge.marker for edge in way):
                yield tuple(str(edge.node) for edge in way)

    return replace(inputs, ways=lambda project, version: tuple(found(project, version)))
