"""Lock: requirements to every file of every chosen release, hashed, for the targets asked for.

Versions of the lock that is there already are kept where they may, so that only what was asked for moves.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from trued.config.build_rules import allowed_builds
from trued.core.errors import Refused, UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, replace
from trued.operations.advisory_gate import release_findings
from trued.operations.lock_coverage import coverage_findings
from trued.operations.lock_files import locked
from trued.operations.lock_memo import digest
from trued.operations.lock_publishers import with_publishers
from trued.operations.lock_recall import basis_of
from trued.operations.lock_targets import lock_targets
from trued.operations.lock_text import PYLOCK, read_lock, read_requirements_lock
from trued.operations.resolve import Resolver
from trued.operations.roots import read_roots
from trued.operations.whole_file import write_changed
from trued.policy.level import weigh
from trued.requirements.lock.compare import compare
from trued.requirements.lock.lock_name import is_pylock_name
from trued.requirements.lock.model import Lock
from trued.requirements.lock.pylock import write_pylock
from trued.requirements.lock.requirements_text import unhashed_findings, write_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.version import Version

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.operations.lock_direct import LockedDirect
    from trued.operations.lock_recall import Basis
    from trued.operations.resolve import Resolution
    from trued.operations.roots import Roots
    from trued.operations.session import Session
    from trued.requirements.lock.compare import LockDifference
    from trued.requirements.lock.model import LockedPackage
    from trued.resolution.target import Target

__all__ = ["Locked", "lock", "output_format", "rendered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A lock that was made. ``old`` is what stood at ``output`` (``-``: standard output), if anything.

    ``written`` tells whether the file was changed; ``is_stale`` whether the old one no longer serves.
    ``basis`` is what the answer rests on, where all of that can be looked at again.
    """

    lock: Lock
    old: Lock | None
    difference: LockDifference
    text: str
    output: str
    written: bool
    is_stale: bool
    findings: tuple[Finding, ...]
    basis: Basis | None


def lock(
    session: Session, arguments: Sequence[str], *, nearest: bool = False, pins: Sequence[str] = ()
) -> Locked:
    """Carry out ``trued lock`` with *arguments* beside the settings of *session*.

    *pins* are requirements files whose versions and digests hold. With *nearest* a release of the old lock
    that may not stay is followed by the lowest above it that may.

    Raises: Refused when there is no solution; UsageError when the input cannot be understood;
    OperationalError when the world does not answer. The lock on disk is then as it was.
    """
    settings = session.settings
    output = settings.output or ("-" if settings.lock_format == "requirements" else PYLOCK)
    form = output_format(output, settings.lock_format)
    roots = read_roots(session, arguments, pins=pins)
    before = digest(os.path.join(session.cwd, output)) if output != "-" else ""
    old = _old(session, output, form)
    if old is not None and allowed_builds(settings):
        session.builder.locked = {file.filename: file.digests for one in old.packages for file in one.files}
    kept = Lock() if settings.upgrade or old is None else _without(old, settings.upgrade_packages)
    names = {package.project for package in old.packages} if old else set()
    folder = os.path.dirname(os.path.join(session.cwd, output))
    direct = _direct(session, roots, folder)
    releases = {project: one.release for project, one in direct.items()}
    resolver = Resolver(session, roots, own_names=names, wheels_only=True, direct=releases)
    targets = lock_targets(session, roots.requires_python)
    resolution = resolver.resolve(
        targets, lambda target: resolver.preferred(_versions(kept, target), target, nearest=nearest)
    )
    made, told = locked(session, resolution, roots, folder=folder, direct=direct)
    offered = {
        one.project: resolution.files(one.project, one.version) for one in resolution.solution.packages
    }
    if form == "pylock":
        made, published = with_publishers(session, made, old, offered)
        told += published
        if allowed_builds(session.settings) or any(one.source for one in direct.values()):
            made, told = _with_builds(session, made, old, told, offered, roots, targets, folder, direct)
    else:
        told += unhashed_findings(made)
        if allowed_builds(session.settings):
            from trued.operations.lock_builds import unlocked_builds

            told += unlocked_builds(session, made, offered=offered, targets=targets, shown=output)
    told += coverage_findings(session, resolution)
    told += release_findings(session, map(_release, _with_versions(made, direct)))
    told += _moved_by_advisories(old, made, resolution) if old else ()
    text = rendered(made, form, roots=roots)
    is_same = hashlib.sha256(text.encode()).hexdigest() == before
    difference = _difference(session, old, made, text, form, is_same=is_same)
    excepted = session.exceptions.findings(package.project for package in made.packages)
    weighed = weigh((*roots.findings, *resolution.findings, *told), settings.level, session.exceptions)
    lasting = (*weighed, *excepted)
    findings = (*weighed, *weigh(difference.findings, settings.level, session.exceptions), *excepted)
    if any(finding.level is Level.ERROR for finding in findings):
        raise Refused(*findings)
    is_stale = old is None or _matters(difference) or _is_built_otherwise(old, made)
    writing = not (settings.check or settings.dry_run or output == "-")
    path = os.path.join(session.cwd, output)
    written = writing and write_changed(path, text.encode(), shown=output)
    session.keep_known()
    has_built = "builder" in session.__dict__ and session.builder.has_run
    is_repeatable = not (told or direct or has_built)
    basis = None
    if is_repeatable:
        basis = basis_of(session, roots, resolution, before=before, lasting=lasting)
    return Locked(
        lock=made,
        old=old,
        difference=difference,
        text=text,
        output=output,
        written=written,
        is_stale=is_stale,
        findings=findings,
        basis=basis,
    )


def _with_builds(
    session: Session,
    made: Lock,
    old: Lock | None,
    told: list[Finding],
    offered: Mapping[ProjectName, Sequence[Distribution]],
    roots: Roots,
    targets: Sequence[Target],
    folder: str,
    direct: Mapping[ProjectName, LockedDirect],
) -> tuple[Lock, list[Finding]]:
    """Return *made* with what its projects are built with, and *told* with what is noticed of that."""
    from trued.operations.lock_builds import with_build_dependencies

    session.builder.options = roots.options
    made, found = with_build_dependencies(
        session,
        made,
        old,
        offered=offered,
        options=roots.options,
        targets=targets,
        folder=folder,
        direct={project: one.source for project, one in direct.items() if one.source is not None},
    )
    built = [one for package in made.packages for one in package.build]
    return made, [*told, *found, *release_findings(session, map(_release, built))]


def _is_built_otherwise(old: Lock, made: Lock) -> bool:
    """Tell whether a release that both locks have is built with something else."""
    before = {(one.project, one.version): one.build for one in old.packages}
    return any(
        before.get((one.project, one.version), one.build) != one.build for one in made.canonical().packages
    )


def _moved_by_advisories(old: Lock, made: Lock, resolution: Resolution) -> Iterator[Finding]:
    """Say for which releases of the old lock an advisory is why they gave way."""
    from packaging.version import Version

    versions = {one.project: one.version or "" for one in made.packages}
    for package in old.packages:
        new = versions.get(package.project, package.version)
        if package.version is None or new == package.version or package.direct is not None:
            continue
        exclusion = resolution.exclusion(package.project, Version(package.version))
        if exclusion is not None and exclusion.reason == "advisory":
            values = {"new": new or "none", "reason": exclusion.text}
            yield Finding(code="TRU826", level=Level.NOTE, subject=package.text, values=values)


def _direct(session: Session, roots: Roots, folder: str) -> Mapping[ProjectName, LockedDirect]:
    if not roots.direct:
        return {}
    from trued.operations.lock_direct import lock_direct

    return lock_direct(session, roots, folder=folder)


def _with_versions(made: Lock, direct: Mapping[ProjectName, LockedDirect]) -> Iterator[LockedPackage]:
    """Yield the packages, those without a version in the lock with the one that their metadata says."""
    for package in made.packages:
        found = direct.get(package.project)
        yield replace(package, version=str(found.release.version)) if found else package


def _release(package: LockedPackage) -> tuple[ProjectName, str, list[str]]:
    digests = [digest for file in package.files for digest in file.digests]
    sha256s = [one.value for one in digests if one.algorithm == "sha256"]
    return package.project, package.version or "", sha256s


def output_format(output: str, stated: str | None) -> str:
    """Return ``pylock`` or ``requirements``: what is *stated*, else what the file's name says.

    Raises: UsageError TRU590 for a ``pylock``, or any TOML, under a name that PEP 751 does not give to locks.
    """
    is_pylock = is_pylock_name(os.path.basename(output))
    form = stated or ("pylock" if output == "-" or output.endswith(".toml") else "requirements")
    if output != "-" and (form == "pylock") is not is_pylock:
        raise UsageError(Finding(code="TRU590", subject=output, values={"format": form}))
    return form


def rendered(made: Lock, form: str, *, roots: Roots | None = None) -> str:
    """Return *made* as text; a requirements file has all extras and groups of the lock in it."""
    if form == "pylock":
        return write_pylock(made).decode()
    return write_requirements(
        made,
        extras=made.extras,
        groups=(*made.dependency_groups, *made.default_groups),
        origins=_origins(roots) if roots else None,
    )


def _origins(roots: Roots) -> dict[ProjectName, list[str]]:
    """Return which of the user's files ask for each project."""
    from packaging.requirements import Requirement

    from trued.core.names import normalize

    origins: dict[ProjectName, list[str]] = {}
    for root in roots.roots:
        asked = origins.setdefault(normalize(Requirement(root.text).name), [])
        file = os.path.basename(root.place.file)
        if file not in asked:
            asked.append(file)
    return origins


def _old(session: Session, output: str, form: str) -> Lock | None:
    """Return the lock that is there. With ``--upgrade`` one that cannot be read counts as none."""
    if output == "-" or not os.path.exists(os.path.join(session.cwd, output)):
        return None
    try:
        return read_lock(session, output) if form == "pylock" else read_requirements_lock(session, output)
    except UsageError:
        if session.settings.upgrade:
            return None
        raise


def _without(old: Lock, projects: Sequence[str]) -> Lock:
    return replace(old, packages=tuple(one for one in old.packages if one.project not in projects))


def _versions(kept: Lock, target: Target) -> dict[ProjectName, Version]:
    """Return the version that *kept* has of each project on *target*, whatever extras or groups need it."""
    from packaging.version import Version

    versions: dict[ProjectName, Version] = {}
    for package in kept.packages:
        if package.version is not None and _applies(kept, package.marker, target.markers):
            versions.setdefault(package.project, Version(package.version))
    return versions


def _applies(kept: Lock, marker: str | None, markers: Mapping[str, str]) -> bool:
    from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

    if marker is None:
        return True
    environment: dict[str, str | frozenset[str]] = {
        **markers,
        "extras": frozenset(kept.extras),
        "dependency_groups": frozenset((*kept.dependency_groups, *kept.default_groups)),
    }
    try:
        return Marker(marker).evaluate(environment, context="lock_file")
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def _difference(
    session: Session, old: Lock | None, made: Lock, text: str, form: str, *, is_same: bool
) -> LockDifference:
    """Compare with the old lock. Two requirements files are compared by what such a file can say."""
    if form == "pylock" or old is None:
        return compare(old or Lock(), made)
    if is_same:
        return compare(old, old)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="trued-lock-") as folder:
        path = os.path.join(folder, "requirements.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return compare(old, read_requirements_lock(session, path))


def _matters(difference: LockDifference) -> bool:
    """Tell whether more changed than that a release got further files."""
    return bool(
        difference.requires_python
        or difference.environments
        or any(
            change.old_versions != change.new_versions
            or change.removed_files
            or change.changed_files
            or change.sources
            or change.markers
            or change.added_dependencies
            or change.removed_dependencies
            for change in difference.changes
        )
    )


def stale(output: str) -> Refused:
    """Return the refusal that ``--check`` ends with."""
    return Refused(Finding(code="TRU576", subject=output, place=Place(output)))
