"""From a resolution to a lock: every file of every chosen release with its sha256.

The sha256 is the index's own. A file for which it states none is downloaded and hashed, and told. So that the
index's word never stands for a digest that requirements list, a file is also hashed where they list others.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trued.core.digest import Digest
from trued.core.errors import Refused
from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.core.record import replace
from trued.requirements.allowed import NOTHING_STATED
from trued.requirements.lock.model import Lock, LockedDependency, LockedFile, LockedPackage
from trued.requirements.plain_specifier import clauses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.operations.lock_direct import LockedDirect
    from trued.operations.resolve import Resolution
    from trued.operations.roots import Roots
    from trued.operations.session import Session
    from trued.requirements.allowed import Allowed
    from trued.resolution.universal import UniversalPackage

__all__ = ["locked"]


def locked(
    session: Session,
    resolution: Resolution,
    roots: Roots,
    *,
    folder: str,
    direct: Mapping[ProjectName, LockedDirect] | None = None,
) -> tuple[Lock, list[Finding]]:
    """Return the lock of what was chosen, and what is to be told of its files; *direct* has no index.

    Paths of local files are written relative to *folder*, that of the lock.

    Raises: Refused when a release has no file that the listed digests admit (TRU551), or a file without
    sha256 does not match what else its index states (TRU192); OperationalError when it does not arrive.
    """
    packages = resolution.solution.packages
    direct = direct or {}
    files = {
        id(package): _admitted(package, resolution, roots)
        for package in packages
        if package.project not in direct
    }
    undecided = {
        file.url: (file, allowed)
        for package in packages
        for allowed in (roots.allowed.get(package.project, NOTHING_STATED),)
        for file in files.get(id(package), ())
        if not _is_decided(file, allowed)
    }
    computed, findings = _hash_missing(session, undecided)
    files = {
        id(package): _compared(package, files[id(package)], computed, roots)
        for package in packages
        if id(package) in files
    }
    several = {name for name, count in Counter(package.project for package in packages).items() if count > 1}
    made = [
        _package(package, files.get(id(package), ()), computed=computed, several=several, folder=folder)
        for package in packages
    ]
    made = [_from(one, direct[one.project]) if one.project in direct else one for one in made]
    findings += [finding for one in direct.values() for finding in one.findings]
    lock = Lock(
        requires_python=roots.requires_python or None,
        environments=resolution.solution.environments,
        extras=session.settings.extras,
        dependency_groups=session.settings.groups,
        packages=tuple(made),
        tool={"trued": {"roots": sorted({_portable(root.text, direct) for root in roots.roots})}},
    )
    return lock.canonical(), findings


def _from(package: LockedPackage, direct: LockedDirect) -> LockedPackage:
    """Return *package* as one of no index; only an archive's version is certain (PEP 751)."""
    is_archive = direct.file is not None
    return replace(
        package,
        version=package.version if is_archive else None,
        direct=direct.direct,
        files=(direct.file,) if direct.file is not None else (),
    )


def _portable(text: str, direct: Mapping[ProjectName, LockedDirect]) -> str:
    """Return a root as a lock keeps it: without the paths of this machine."""
    if " @ file:" not in text:
        return text
    from packaging.requirements import Requirement

    parsed = Requirement(text)
    found = direct.get(normalize(parsed.name))
    if found is not None and found.direct.path is not None:
        parsed.url = found.direct.path
    return str(parsed)


def _admitted(package: UniversalPackage, resolution: Resolution, roots: Roots) -> tuple[Distribution, ...]:
    """Return the files of a release, but those that the digests listed in requirements exclude."""
    files = resolution.files(package.project, package.version)
    allowed = roots.allowed.get(package.project, NOTHING_STATED)
    kept = tuple(file for file in files if allowed.may_admit(file.digests) is not False)
    if not kept:
        raise _none_listed(package, files, allowed)
    return kept


def _compared(
    package: UniversalPackage,
    files: tuple[Distribution, ...],
    computed: Mapping[str, Mapping[str, str]],
    roots: Roots,
) -> tuple[Distribution, ...]:
    """Return those of *files* that the listed digests admit now that they were *computed* (by URL)."""
    allowed = roots.allowed.get(package.project, NOTHING_STATED)
    if allowed.is_empty:
        return files
    kept = tuple(file for file in files if file.url not in computed or allowed.admits(computed[file.url]))
    if not kept:
        raise _none_listed(package, files, allowed)
    return kept


def _none_listed(package: UniversalPackage, files: Iterable[Distribution], allowed: Allowed) -> Refused:
    values = {
        "listed": "\n".join(f"  {digest}" for digest in allowed.digests),
        "offered": "\n".join(f"  {file.filename}" for file in files),
    }
    return Refused(Finding(code="TRU551", subject=f"{package.project} {package.version}", values=values))


def _is_decided(file: Distribution, allowed: Allowed) -> bool:
    """Tell whether the index states a sha256, and requirements list it or list nothing."""
    stated = _sha256(file)
    return stated is not None and (allowed.is_empty or allowed.admits({"sha256": stated.value}))


def _package(
    package: UniversalPackage,
    files: Sequence[Distribution],
    *,
    computed: Mapping[str, Mapping[str, str]],
    several: set[ProjectName],
    folder: str,
) -> LockedPackage:
    index = next((file.index for file in files if file.index.startswith(("http://", "https://"))), None)
    return LockedPackage(
        project=package.project,
        version=str(package.version),
        marker=package.marker,
        requires_python=_pythons(package.requires_python),
        index=index,
        files=tuple(_file(file, computed, folder) for file in files),
        dependencies=tuple(
            LockedDependency(
                project=edge.project,
                version=str(edge.version) if edge.project in several else None,
                marker=edge.marker,
            )
            for edge in package.dependencies
        ),
        extras=package.extras,
    )


def _pythons(text: str) -> str | None:
    """Return *text*, a release's ``Requires-Python``, where it is a set of versions.

    Another is of no effect, as when it is installed (TRU186); no lock could hold it.
    """
    if not text or clauses(text) is not None:
        return text or None
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return None
    return text


def _file(file: Distribution, computed: Mapping[str, Mapping[str, str]], folder: str) -> LockedFile:
    path = _local_path(file.url)
    digest = _sha256(file) or Digest("sha256", computed[file.url]["sha256"])
    return LockedFile(
        filename=file.filename,
        url=None if path else file.url,
        path=os.path.relpath(path, folder).replace(os.sep, "/") if path else None,
        size=file.size,
        digests=(digest,),
        upload_time=_utc(file.upload_time),
    )


def _local_path(url: str) -> str | None:
    if not url.startswith("file:"):
        return None
    from trued.index.url import file_url_path

    return file_url_path(url)


def _utc(stated: str | None) -> str | None:
    """Return an upload time as the lock writes it: UTC, without fractions that are zero."""
    if not stated:
        return None
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sha256(file: Distribution) -> Digest | None:
    return next((digest for digest in file.digests if digest.algorithm == "sha256"), None)


def _hash_missing(
    session: Session, missing: Mapping[str, tuple[Distribution, Allowed]]
) -> tuple[dict[str, Mapping[str, str]], list[Finding]]:
    """Download the files whose stated sha256 does not decide; return their digests by URL, and say so."""
    if not missing:
        return {}, []
    import tempfile

    from trued.index.transport import Download, DownloadFailed

    found: dict[str, Mapping[str, str]] = {}
    told: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="trued-hash-") as folder:
        downloads = [
            Download(
                url=file.url,
                path=os.path.join(folder, str(number)),
                max_bytes=session.limits.file_bytes,
                algorithms=allowed.algorithms.union(digest.algorithm for digest in file.digests),
                expected=file.size,
                subject=file.filename,
                token=file,
            )
            for number, (file, allowed) in enumerate(missing.values())
        ]
        for outcome in session.transport.download_all(downloads):
            if isinstance(outcome, DownloadFailed):
                raise outcome
            file, _ = missing[outcome.download.url]
            told += _told(file, outcome.digests)
            found[file.url] = outcome.digests
    if any(finding.level is Level.ERROR for finding in told):
        raise Refused(*told)
    return found, sorted(told, key=lambda finding: finding.subject)


def _told(file: Distribution, computed: Mapping[str, str]) -> Iterator[Finding]:
    for claim in file.digests:
        if computed.get(claim.algorithm) != claim.value:
            values = {"stated": str(claim), "computed": f"{claim.algorithm}:{computed.get(claim.algorithm)}"}
            yield Finding(code="TRU589", subject=file.filename, values=values)
            return
    if _sha256(file) is None:
        values = {"index": file.index or "its location", "sha256": computed["sha256"]}
        yield Finding(code="TRU573", level=Level.NOTE, subject=file.filename, values=values)
