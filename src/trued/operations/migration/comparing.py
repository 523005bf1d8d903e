"""A lock of another tool held against the index: each digest compared, each file given its address.

The digest of the old lock is what the project trusts already, so it is kept. Where the index states another
one for the same file, one of the two is wrong, and nothing is written.
"""

from __future__ import annotations

from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.core.digest import Digest
    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.index.project_page import ProjectPage
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

__all__ = ["Compared", "compare_with_index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The lock with the place of every file, and what is told; errors among it forbid to write the lock."""

    lock: Lock
    findings: tuple[Finding, ...]


def compare_with_index(lock: Lock, pages: Mapping[ProjectName, ProjectPage], *, shown: str) -> Compared:
    """Return *lock*, read from *shown*, with what the index's *pages* tell of its files."""
    comparison = _Comparison(shown)
    packages = tuple(comparison.package(one, pages.get(one.project)) for one in lock.packages)
    return Compared(lock=replace(lock, packages=packages), findings=tuple(comparison.findings))


class _Comparison:
    """Goes over the packages and gathers what differs."""

    def __init__(self, shown: str) -> None:
        self.findings: list[Finding] = []
        self._shown = shown

    def package(self, package: LockedPackage, page: ProjectPage | None) -> LockedPackage:
        if package.direct is not None or not package.files:
            return package
        offered = page.release(package.version).files if page and package.version else ()
        by_name = {one.filename: one for one in offered}
        kept, missing = [], []
        for file in package.files:
            found = by_name.get(file.filename) or _by_digest(file, offered)
            if found is None and _is_reachable(file):
                kept.append(file)
                missing.append(file)
            elif found is None:
                missing.append(file)
            elif _contradicts(file, found):
                self._differs(package, file, found)
                kept.append(file)
            else:
                kept.append(_placed(file, found))
        self._tell_missing(package, kept, missing)
        index = package.index or next((one.index for one in offered if one.index.startswith("http")), None)
        return replace(package, files=tuple(kept), index=index)

    def _differs(self, package: LockedPackage, file: LockedFile, found: Distribution) -> None:
        values = {
            "filename": file.filename,
            "locked": ", ".join(map(str, file.digests)),
            "offered": ", ".join(map(str, found.digests)),
        }
        self._tell("TRU928", Level.ERROR, package, values)

    def _tell_missing(
        self, package: LockedPackage, kept: list[LockedFile], missing: list[LockedFile]
    ) -> None:
        if not missing:
            return
        names = ", ".join(file.filename for file in missing[:3]) + (", ..." if len(missing) > 3 else "")
        values = {"count": str(len(missing)), "of": str(len(package.files)), "files": names}
        if not kept:
            self._tell("TRU929", Level.ERROR, package, values)
        else:
            self._tell("TRU930", Level.WARNING, package, values)

    def _tell(self, code: str, level: Level, package: LockedPackage, values: Mapping[str, str]) -> None:
        place = package.place or Place(self._shown)
        self.findings.append(
            Finding(code=code, level=level, subject=package.text, place=place, values=values)
        )


def _by_digest(file: LockedFile, offered: tuple[Distribution, ...]) -> Distribution | None:
    """Return the offered file with a digest of *file*, which may have no name in its lock."""
    return next((one for one in offered if set(_strong(file.digests)) & set(one.digests)), None)


def _is_reachable(file: LockedFile) -> bool:
    return bool(file.url or file.path)


def _contradicts(file: LockedFile, found: Distribution) -> bool:
    """Tell whether both state a digest by one algorithm, and not the same."""
    stated = {digest.algorithm: digest for digest in found.digests}
    return any(stated.get(digest.algorithm, digest) != digest for digest in file.digests)


def _strong(digests: tuple[Digest, ...]) -> Iterator[Digest]:
    return (digest for digest in digests if digest.is_strong)


def _placed(file: LockedFile, found: Distribution) -> LockedFile:
    return replace(
        file,
        filename=found.filename,
        url=file.url or (None if file.path else found.url),
        size=file.size if file.size is not None else found.size,
        upload_time=file.upload_time or found.upload_time,
    )
