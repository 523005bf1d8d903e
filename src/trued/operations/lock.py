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
from trued.operations.lock_change import difference, is_stale
from trued.operations.lock_coverage import coverage_findings
from trued.operations.lock_files import locked
from trued.operations.lock_memo import digest
from trued.operations.lock_pages import LockPages
from trued.operations.lock_publishers import with_publishers
from trued.operations.lock_recall import basis_of
from trued.operations.lock_targets import lock_targets
from trued.operations.lock_text import PYLOCK, read_lock, read_requirements_lock
from trued.operations.resolve import Resolver
from trued.operations.roots import read_roots
from trued.operations.whole_file import write_changed
from trued.policy.level import weigh
from trued.requirements.lock.lock_name import is_pylock_name
from trued.requirements.lock.model import Lock
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is to be locked, and for where; ``old`` is what stands at ``output``, with the digest ``before``.

    ``folder`` is where the lock lies; ``direct`` are the folders, repositories and URLs, made ready.
    """

    output: str
    form: str
    folder: str
    roots: Roots
    targets: Sequence[Target]
    direct: Mapping[ProjectName, LockedDirect]
    old: Lock | None
    before: str


def lock(
    session: Session, arguments: Sequence[str], *, nearest: bool = False, pins: Sequence[str] = ()
) -> Locked:
    """Carry out ``trued lock`` with *arguments* beside the settings of *session*.

    *pins* are requirements files whose versions and digests hold. With *nearest* a release of the old lock
    that may not stay is followed by the lowest above it that may.

    Raises: Refused when there is no solution; UsageError when the input cannot be understood;
    OperationalError when the world does not answer. The lock on disk is then as it was.
    """
    with LockPages(session) as pages:
        question = _question(session, arguments, pins, pages)
        return _locked(session, question, _resolution(session, question, pages, nearest=nearest))


def _locked(session: Session, question: _Question, resolution: Resolution) -> Locked:
    old, roots = question.old, question.roots
    made, told = _answer(session, question, resolution)
    text = rendered(made, question.form, roots=roots)
    is_same = hashlib.sha256(text.encode()).hexdigest() == question.before
    change = difference(session, old, made, text, question.form, is_same=is_same)
    lasting, passing = _weighed(session, made, (*roots.findings, *resolution.findings, *told), change)
    if any(finding.level is Level.ERROR for finding in (*lasting, *passing)):
        raise Refused(*lasting, *passing)
    written = _written(session, question.output, text)
    session.keep_known()
    has_built = "builder" in session.__dict__ and session.builder.has_run
    basis = None
    if not (told or question.direct or has_built):
        basis = basis_of(session, roots, resolution, before=question.before, lasting=lasting)
    return Locked(
        lock=made,
        old=old,
        difference=change,
        text=text,
        output=question.output,
        written=written,
        is_stale=is_stale(old, made, change),
        findings=(*lasting, *passing),
        basis=basis,
    )


def _question(session: Session, arguments: Sequence[str], pins: Sequence[str], pages: LockPages) -> _Question:
    settings = session.settings
    output = settings.output or ("-" if settings.lock_format == "requirements" else PYLOCK)
    form = output_format(output, settings.lock_format)
    roots = read_roots(session, arguments, pins=pins)
    pages.begin(roots)
    path = os.path.join(session.cwd, output)
    before = digest(path) if output != "-" else ""
    old = _old(session, output, form)
    if old is not None and allowed_builds(settings):
        session.builder.locked = {file.filename: file.digests for one in old.packages for file in one.files}
    folder = os.path.dirname(path)
    return _Question(
        output=output,
        form=form,
        folder=folder,
        roots=roots,
        direct=_direct(session, roots, folder),
        targets=lock_targets(session, roots.requires_python),
        old=old,
        before=before,
    )


def _resolution(session: Session, question: _Question, pages: LockPages, *, nearest: bool) -> Resolution:
    """Choose a version of each project, that of the old lock where it may stay and none is to be moved."""
    settings, old = session.settings, question.old
    kept = Lock() if settings.upgrade or old is None else _without(old, settings.upgrade_packages)
    names = {package.project for package in old.packages} if old else set()
    releases = {project: one.release for project, one in question.direct.items()}
    resolver = Resolver(
        session, question.roots, own_names=names, wheels_only=True, direct=releases, pages=pages.process
    )
    return resolver.resolve(
        question.targets, lambda target: resolver.preferred(_versions(kept, target), target, nearest=nearest)
    )


def _answer(session: Session, question: _Question, resolution: Resolution) -> tuple[Lock, list[Finding]]:
    """Write down every file of what was chosen; return the lock, and what is noticed of its releases."""
    direct, old = question.direct, question.old
    made, told = locked(session, resolution, question.roots, folder=question.folder, direct=direct)
    made, found = _with_proofs(session, question, resolution, made)
    told += found
    if not made.packages:
        told.append(_empty(question))
    told += _not_there(session.settings.upgrade_packages, made)
    told += coverage_findings(session, resolution)
    told += release_findings(session, map(_release, _with_versions(made, direct)))
    told += _moved_by_advisories(old, made, resolution) if old else ()
    return made, told


def _with_proofs(
    session: Session, question: _Question, resolution: Resolution, made: Lock
) -> tuple[Lock, list[Finding]]:
    """Return *made* with publishers and builds, as far as its format has room for them."""
    offered = {
        one.project: resolution.files(one.project, one.version) for one in resolution.solution.packages
    }
    if question.form != "pylock":
        told = [*unhashed_findings(made)]
        if allowed_builds(session.settings):
            from trued.operations.lock_builds import unlocked_builds

            told += unlocked_builds(
                session, made, offered=offered, targets=question.targets, shown=question.output
            )
        return made, told
    made, told = with_publishers(session, made, question.old, offered)
    if allowed_builds(session.settings) or any(one.source for one in question.direct.values()):
        made, found = _with_builds(session, question, made, offered)
        told += found
    return made, told


def _not_there(names: Sequence[str], made: Lock) -> Iterator[Finding]:
    """Say which projects that were to be upgraded are not in the lock: most often a name is misspelt."""
    held = {package.project for package in made.packages}
    for name in names:
        if name not in held:
            yield Finding(code="TRU170", level=Level.WARNING, subject=name)


def _empty(question: _Question) -> Finding:
    """Say that a lock holds nothing, and why: seldom is that what somebody wanted."""
    files = dict.fromkeys(name for name, _ in question.roots.sources)
    values = {
        "reason": "none of its requirements holds there" if question.roots.roots else "it asks for none"
    }
    subject = ", ".join(files) or "the command line"
    return Finding(code="TRU574", level=Level.NOTE, subject=subject, values=values)


def _weighed(
    session: Session, made: Lock, told: Sequence[Finding], change: LockDifference
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that hold as long as the lock does, and those of this change of it alone."""
    level, exceptions = session.settings.level, session.exceptions
    excepted = exceptions.findings(package.project for package in made.packages)
    return (*weigh(told, level, exceptions), *excepted), weigh(change.findings, level, exceptions)


def _written(session: Session, output: str, text: str) -> bool:
    """Write the lock where that is wanted and anything changed; tell whether the file is another one now."""
    if session.settings.check or session.settings.dry_run or output == "-":
        return False
    return write_changed(os.path.join(session.cwd, output), text.encode(), shown=output)


def _with_builds(
    session: Session,
    question: _Question,
    made: Lock,
    offered: Mapping[ProjectName, Sequence[Distribution]],
) -> tuple[Lock, list[Finding]]:
    """Return *made* with what its projects are built with, and what is noticed of that."""
    from trued.operations.lock_builds import with_build_dependencies

    session.builder.options = question.roots.options
    made, found = with_build_dependencies(
        session,
        made,
        question.old,
        offered=offered,
        options=question.roots.options,
        targets=question.targets,
        folder=question.folder,
        direct={project: one.source for project, one in question.direct.items() if one.source is not None},
    )
    built = [one for package in made.packages for one in package.build]
    return made, [*found, *release_findings(session, map(_release, built))]


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
        from trued.requirements.lock.pylock import write_pylock

        return write_pylock(made).decode()
    return write_requirements(
        made,
        extras=made.extras,
        groups=(*made.dependency_groups, *made.default_groups),
        origins=_origins(roots) if roots else None,
    )


def _origins(roots: Roots) -> dict[ProjectName, list[str]]:
    """Return which of the user's files ask for each project."""
    from trued.core.names import normalize
    from trued.requirements.plain_dependency import read_plain

    origins: dict[ProjectName, list[str]] = {}
    for root in roots.roots:
        plain = read_plain(root.text)
        if plain is not None:
            project = plain.project
        else:
            from packaging.requirements import Requirement

            project = normalize(Requirement(root.text).name)
        asked = origins.setdefault(project, [])
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


def stale(output: str) -> Refused:
    """Return the refusal that ``--check`` ends with."""
    return Refused(Finding(code="TRU576", subject=output, place=Place(output)))
