"""A lock as what a run asks for: for this target one exact file a package, every digest and size bound.

Nothing is resolved. Each file's host must be that of a configured index, or one that the index's own page
names for the file: whoever changes a lock can change URL and digest together, and not that page.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from trued.core.distribution import Distribution
from trued.core.errors import Refused
from trued.core.filenames import parse_wheel_name
from trued.core.finding import Finding, Place
from trued.operations.lock_publishers import publishers_of_files
from trued.operations.lock_text import read_lock
from trued.operations.lock_vouching import direct_findings
from trued.requirements.allowed import Allowed
from trued.requirements.hashmode import HashMode
from trued.requirements.lock.binding import binding_findings
from trued.requirements.lock.model import DirectKind, Lock
from trued.requirements.lock.select import select
from trued.requirements.model import FileOptions, Kind, Requirement
from trued.requirements.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.operations.asked import Asked
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.operations.sources import SourceTrees
    from trued.requirements.lock.model import DirectSource, LockedFile, LockedPackage

    Selected = tuple[LockedPackage, LockedFile | None]

__all__ = ["ask_lock", "ask_packages", "size_findings"]


def ask_lock(session: Session, shown: str, *, markers: Mapping[str, str], tags: Sequence[str]) -> Asked:
    """Read the lock *shown* and return what it asks for on a target with these *markers* and *tags*.

    Raises: Refused when the lock does not serve the target, or takes a file from a host that no index names;
    UsageError when it cannot be understood.
    """
    lock = read_lock(session, shown)
    settings = session.settings
    formats = session.formats(FileOptions())
    selected = select(
        lock,
        marker_environment=markers,
        tags=tags,
        extras=settings.extras,
        groups=(*lock.default_groups, *settings.groups),
        usable=lambda project, file: (
            formats.allows_wheel(project) if file.is_wheel else formats.allows_source(project)
        ),
        file=shown,
    )
    return _asked(session, lock, selected, shown)


def ask_packages(
    session: Session,
    packages: tuple[LockedPackage, ...],
    *,
    markers: Mapping[str, str],
    tags: Sequence[str],
    shown: str,
) -> Asked:
    """Return what *packages*, a part of the lock *shown*, ask for on a target. Raises as :func:`ask_lock`."""
    lock = Lock(packages=packages)
    formats = session.formats(FileOptions())
    selected = select(
        lock,
        marker_environment=markers,
        tags=tags,
        usable=lambda project, file: file.is_wheel or formats.allows_source(project),
        file=shown,
    )
    return _asked(session, lock, selected, shown)


def _asked(session: Session, lock: Lock, selected: Sequence[Selected], shown: str) -> Asked:
    from trued.operations.asked import Asked
    from trued.operations.build_dependencies import BuildPins

    direct = direct_findings(session, (package for package, _ in selected), shown=shown)
    from_folders = _is_from_folders(session)
    binding = () if from_folders else _binding(session, lock, selected, shown)
    findings = (*lock.findings, *direct, *binding)
    if any(finding.level.value == "error" for finding in findings):
        raise Refused(*findings)
    folder = os.path.dirname(os.path.join(session.cwd, shown))
    return Asked(
        wanted=tuple(_wanted(package, file, shown, folder) for package, file in selected),
        options=FileOptions(),
        mode=HashMode(is_on=True, because=Place(shown)),
        findings=findings,
        trees=_trees(session, selected),
        publishers=publishers_of_files(selected),
        builds={
            package.project: BuildPins(packages=package.build, file=shown)
            for package, _ in selected
            if package.build
        },
        offered={
            package.project: (offered,)
            for package, file in selected
            if package.direct is None
            and not (from_folders and file is not None and file.url)
            and (offered := _distribution(package, file, folder)) is not None
        },
    )


def _is_from_folders(session: Session) -> bool:
    """Tell whether files come from this machine's folders alone: then the lock's addresses are of no effect.

    They are chosen and proven by the lock's digests. A page with links is no folder: it could come from
    whoever bent the lock.
    """
    settings = session.settings
    places = settings.find_links
    return settings.no_index and bool(places) and all("://" not in place for place in places)


def _binding(session: Session, lock: Lock, selected: Iterable[Selected], shown: str) -> tuple[Finding, ...]:
    """Compare the hosts of files that have to be fetched, by the indexes' addresses, then by their pages."""
    from trued.operations.indexes import index_urls_of_projects
    from trued.operations.lock_hosts import PageHosts

    packages = _with_fetched(session, selected)
    indexes = index_urls_of_projects(session, FileOptions())
    narrowed = replace(lock, packages=packages)
    findings = binding_findings(narrowed, indexes=indexes, file=shown)
    if not any(finding.level.value == "error" for finding in findings):
        return findings
    return binding_findings(
        narrowed, indexes=indexes, listed=PageHosts(session, packages, indexes), file=shown
    )


def _with_fetched(session: Session, selected: Iterable[Selected]) -> tuple[LockedPackage, ...]:
    """Return the packages with their files, but for those that the store has: their URLs are of no effect."""
    from trued.store.holdings import held

    named = [
        (package, file)
        for package, file in selected
        if package.direct is None and file is not None and file.url
    ]
    digests = [one.value for _, file in named for one in file.digests if one.algorithm == "sha256"]
    there = held(session.store, digests)
    return tuple(
        replace(package, files=() if any(one.value in there for one in file.digests) else (file,))
        for package, file in named
    )


def _wanted(package: LockedPackage, file: LockedFile | None, shown: str, folder: str) -> Wanted:
    version = _version(package, file)
    line = Requirement(
        place=package.place or Place(shown),
        text=f"{package.project}=={version}" if version else package.text,
        kind=Kind.NAMED,
        project=package.project,
        specifier=f"=={version}" if version else "",
        allowed=Allowed(bound=file.digests if file is not None else ()),
        is_locked=True,
    )
    if package.direct is not None:
        line = _direct(line, package.direct, file, folder)
    return Wanted(project=package.project, lines=(line,))


def _direct(line: Requirement, direct: DirectSource, file: LockedFile | None, folder: str) -> Requirement:
    """Return *line* as one that says where its project comes from."""
    line = replace(line, subdirectory=direct.subdirectory)
    if direct.kind is DirectKind.VCS:
        place = direct.url or f"file://{os.path.normpath(os.path.join(folder, direct.path or ''))}"
        url = f"{direct.vcs}+{place}@{direct.commit_id}"
        return replace(
            line,
            kind=Kind.VCS,
            url=url,
            text=f"{line.project} @ {url}",
            tree_sha256=direct.tree_sha256,
        )
    if direct.kind is DirectKind.DIRECTORY:
        kind = Kind.EDITABLE if direct.editable else Kind.DIRECTORY
        path = os.path.normpath(os.path.join(folder, direct.path or ""))
        return replace(line, kind=kind, path=path, text=f"{line.project} @ {direct.path}")
    if file is not None and not file.url:
        return replace(line, kind=Kind.FILE, path=os.path.normpath(os.path.join(folder, file.path or "")))
    return replace(line, kind=Kind.URL, url=file.url if file is not None else direct.url)


def _trees(session: Session, selected: Iterable[Selected]) -> SourceTrees | None:
    from trued.operations.sources import SourceTrees

    is_needed = any(package.direct is not None for package, _ in selected)
    return SourceTrees(session) if is_needed else None


def _version(package: LockedPackage, file: LockedFile | None) -> str:
    if package.version or file is None:
        return package.version or ""
    name = parse_wheel_name(file.filename)
    return name.version if name else ""


def _distribution(package: LockedPackage, file: LockedFile | None, folder: str) -> Distribution | None:
    """Return where the file is, by the lock; ``None`` where it does not say, so that the index is asked."""
    if file is None or not (file.url or file.path):
        return None
    url = file.url or _file_url(os.path.normpath(os.path.join(folder, file.path or "")))
    return Distribution(
        project=package.project,
        version=_version(package, file),
        filename=file.filename,
        url=url,
        size=file.size,
        upload_time=file.upload_time,
        index=package.index or "",
    )


def _file_url(path: str) -> str:
    from urllib.request import pathname2url

    return f"file://{pathname2url(path)}"


def size_findings(asked: Asked, judged: Iterable[Judged]) -> tuple[Finding, ...]:
    """Tell of files in the store whose size is not the lock's; those that arrive are compared on the way."""
    return tuple(
        Finding(
            code="TRU570",
            subject=one.manifest["filename"],
            place=one.offer.wanted.place,
            values={"stated": str(offered.size), "size": str(one.manifest["archive_bytes"])},
        )
        for one in judged
        if one.manifest is not None
        for offered in asked.offered.get(one.offer.distribution.project, ())
        if one.offer.wanted.allowed.bound
        and offered.size is not None
        and offered.filename == one.manifest["filename"]
        and offered.size != one.manifest["archive_bytes"]
    )
