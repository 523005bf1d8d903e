"""Folders, repositories and URLs on their way into a lock: what they are, and what they need.

A URL's file is fetched once and hashed. What a wheel or a source archive requires is read without running it
where that can be; else its backend is asked, in the sandbox, since the user named this very file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.digest import Digest
from trued.core.distribution import is_wheel_name
from trued.core.errors import Refused, TruedError, UsageError
from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace
from trued.operations.direct import is_source, metadata_of, raise_together, refuse_unopened, release_of
from trued.operations.sources import inside, source_of
from trued.operations.stored import own_url
from trued.requirements.lock.model import DirectKind, DirectSource, LockedFile
from trued.requirements.url import filename_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.names import ProjectName
    from trued.index.transport import Downloaded
    from trued.operations.building import Source
    from trued.operations.roots import Roots
    from trued.operations.session import Session
    from trued.requirements.model import Requirement
    from trued.resolution.direct import DirectRelease

__all__ = ["LockedDirect", "lock_direct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedDirect:
    """One direct requirement as a lock holds it; paths are relative to the lock's folder.

    ``file`` is an archive's. ``source`` is what has to be built, whose build dependencies are locked too.
    """

    release: DirectRelease
    direct: DirectSource
    file: LockedFile | None = None
    source: Source | None = None
    findings: tuple[Finding, ...] = ()


def lock_direct(session: Session, roots: Roots, *, folder: str) -> dict[ProjectName, LockedDirect]:
    """Return what the direct requirements of *roots* stand for, for a lock in *folder*.

    Raises: Refused, UsageError or OperationalError with everything that keeps one from being locked.
    """
    session.builder.options = roots.options
    _refuse_several(roots.direct)
    problems: list[TruedError] = []
    found = {}
    for line in roots.direct:
        if line.project is None or line.project in found:
            continue
        try:
            if is_source(line):
                found[line.project] = _tree(session, line, roots, folder)
            else:
                found[line.project] = _archive(session, line, folder)
        except TruedError as error:
            problems.append(error)
    raise_together(problems)
    return found


def _refuse_several(lines: Iterable[Requirement]) -> None:
    """Refuse two places for one project, and digests beside what is no single file."""
    first: dict[ProjectName | None, Requirement] = {}
    findings = []
    for line in lines:
        other = first.setdefault(line.project, line)
        if (other.url, other.path, other.subdirectory) != (line.url, line.path, line.subdirectory):
            values = {"here": line.text, "other": other.text, "above": str(other.place)}
            findings.append(
                Finding(code="TRU168", subject=str(line.project), place=line.place, values=values)
            )
        if is_source(line) and not line.allowed.is_empty:
            code = "TRU162" if line.url else "TRU163"
            findings.append(
                Finding(code=code, subject=line.text, place=line.place, values={"because": str(line.place)})
            )
    if findings:
        raise UsageError(*findings)


def _tree(session: Session, line: Requirement, roots: Roots, folder: str) -> LockedDirect:
    if roots.trees is None:
        raise LookupError(line.text)
    refuse_unopened(session, line)
    tree = roots.trees.tree_of(line)
    source = source_of(line, tree, config_settings=line.config_settings)
    known = session.builder.kept(source)
    metadata = metadata_of(session, known) if known is not None else session.builder.metadata(source)
    direct = tree.direct
    if direct.path is not None:
        direct = replace(direct, path=_relative(direct.path, folder), tree_sha256=None)
    return LockedDirect(
        release=release_of(metadata, line), direct=direct, source=source, findings=tree.findings
    )


def _archive(session: Session, line: Requirement, folder: str) -> LockedDirect:
    from tempfile import mkdtemp

    url = own_url(line)
    filename = os.path.basename(line.path) if line.path else filename_of(url)
    if line.credentials is not None:
        session.remember_credentials(url, line.credentials)
    path = os.path.join(mkdtemp(prefix="direct-", dir=session.builder.scratch), "file")
    arrived = _fetched(session, line, url, path)
    file = LockedFile(
        filename=filename,
        url=line.url,
        path=_relative(line.path, folder) if line.path else None,
        size=arrived.size,
        digests=(Digest("sha256", arrived.digests["sha256"]),),
    )
    release, source = _release(session, line, filename, path, arrived.digests["sha256"])
    direct = DirectSource(
        kind=DirectKind.ARCHIVE, url=file.url, path=file.path, subdirectory=line.subdirectory
    )
    return LockedDirect(release=release, direct=direct, file=file, source=source)


def _fetched(session: Session, line: Requirement, url: str, path: str) -> Downloaded:
    """Fetch the archive to *path*, and compare it with what its requirement states."""
    from trued.index.transport import Download, DownloadFailed
    from trued.proof.pin import prove

    download = Download(
        url=url,
        path=path,
        max_bytes=session.limits.file_bytes,
        algorithms=frozenset(("sha256", *line.allowed.algorithms)),
        subject=line.text,
    )
    (outcome,) = session.transport.download_all([download])
    if isinstance(outcome, DownloadFailed):
        raise outcome
    if not line.allowed.is_empty:
        _, findings = prove(
            filename=filename_of(url),
            computed=outcome.digests,
            allowed=line.allowed,
            claimed=(),
            place=line.place,
            time=session.now,
        )
        if any(finding.level is Level.ERROR for finding in findings):
            raise Refused(*findings)
    return outcome


def _release(
    session: Session, line: Requirement, filename: str, path: str, sha256: str
) -> tuple[DirectRelease, Source | None]:
    """Return what the archive's metadata says; of source also what is to be built."""
    if is_wheel_name(filename):
        from trued.wheel.file import metadata_at

        return release_of(metadata_at(path, filename=filename, limits=session.limits), line), None
    from trued.operations.building import Source
    from trued.operations.sdist_name import parse_sdist_name
    from trued.operations.source_distribution import archive_identity, unpacked

    named, version = parse_sdist_name(filename) or (None, "")
    source = Source(
        project=line.project,
        version=version if version and named == line.project else None,
        tree=inside(unpacked(session.builder, path, filename), line),
        shown=line.text,
        place=line.place,
        identity=archive_identity(sha256, line),
        config_settings=line.config_settings,
        is_users_own=not line.constraint,
        names_itself=line.names_itself,
    )
    return release_of(session.builder.metadata(source), line), source


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")
