"""What changed between two locks, as data for a reviewer's eye."""

from __future__ import annotations

from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

    _T = TypeVar("_T")

__all__ = ["FileChange", "LockDifference", "ProjectChange", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that both locks name, with other digests: the index replaced it, or the lock was edited."""

    filename: str
    old: tuple[Digest, ...]
    new: tuple[Digest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChange:
    """What changed for one project; versions are sorted, and empty where the lock does not hold it.

    ``sources`` and ``markers`` are (old, new) where they differ: indexes or direct sources, and markers.
    """

    project: ProjectName
    old_versions: tuple[str, ...]
    new_versions: tuple[str, ...]
    added_files: tuple[LockedFile, ...] = ()
    removed_files: tuple[LockedFile, ...] = ()
    changed_files: tuple[FileChange, ...] = ()
    sources: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    markers: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    added_dependencies: tuple[ProjectName, ...] = ()
    removed_dependencies: tuple[ProjectName, ...] = ()

    @property
    def is_added(self) -> bool:
        """Whether only the new lock holds the project."""
        return not self.old_versions

    @property
    def is_removed(self) -> bool:
        """Whether only the old lock holds the project."""
        return not self.new_versions

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return self.old_versions == self.new_versions and not any(
            (
                self.added_files,
                self.removed_files,
                self.changed_files,
                self.sources,
                self.markers,
                self.added_dependencies,
                self.removed_dependencies,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockDifference:
    """Every project that changed, by name; ``findings`` has one TRU197 a file with another digest.

    ``requires_python`` and ``environments`` are (old, new) where they differ.
    """

    changes: tuple[ProjectChange, ...]
    requires_python: tuple[str | None, str | None] | None = None
    environments: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the locks install the same."""
        return not (self.changes or self.requires_python or self.environments)


def compare(old: Lock, new: Lock) -> LockDifference:
    """Return what *new* has otherwise than *old*; order and comments count for nothing."""
    before, after = _by_project(old), _by_project(new)
    changes = [
        _change(project, before.get(project, ()), after.get(project, ()))
        for project in sorted(before.keys() | after.keys())
    ]
    told = tuple(change for change in changes if not change.is_empty)
    return LockDifference(
        changes=told,
        requires_python=_pair(old.requires_python, new.requires_python),
        environments=_pair(tuple(sorted(old.environments)), tuple(sorted(new.environments))),
        findings=tuple(_findings(told, after)),
    )


def _by_project(lock: Lock) -> dict[ProjectName, tuple[LockedPackage, ...]]:
    found: dict[ProjectName, tuple[LockedPackage, ...]] = {}
    for package in lock.canonical().packages:
        found[package.project] = (*found.get(package.project, ()), package)
    return found


def _change(
    project: ProjectName, old: tuple[LockedPackage, ...], new: tuple[LockedPackage, ...]
) -> ProjectChange:
    before, after = _files(old), _files(new)
    needed, needs = _needed(old), _needed(new)
    both = bool(old and new)
    return ProjectChange(
        project=project,
        old_versions=_versions(old),
        new_versions=_versions(new),
        added_files=tuple(after[name] for name in sorted(after.keys() - before.keys())),
        removed_files=tuple(before[name] for name in sorted(before.keys() - after.keys())),
        changed_files=tuple(_changed(before, after)),
        sources=_pair(_sources(old), _sources(new)) if both else None,
        markers=_pair(_markers(old), _markers(new)) if both else None,
        added_dependencies=tuple(sorted(needs - needed)),
        removed_dependencies=tuple(sorted(needed - needs)),
    )


def _pair(old: _T, new: _T) -> tuple[_T, _T] | None:
    return None if old == new else (old, new)


def _versions(packages: Iterable[LockedPackage]) -> tuple[str, ...]:
    return tuple(package.version or str(package.direct or "?") for package in packages)


def _files(packages: Iterable[LockedPackage]) -> dict[str, LockedFile]:
    return {file.filename: file for package in packages for file in package.files}


def _needed(packages: Iterable[LockedPackage]) -> set[ProjectName]:
    return {edge.project for package in packages for edge in package.dependencies}


def _sources(packages: Iterable[LockedPackage]) -> tuple[str, ...]:
    return tuple(sorted({str(package.direct or package.index or "") for package in packages}))


def _markers(packages: Iterable[LockedPackage]) -> tuple[str, ...]:
    return tuple(sorted(package.marker or "" for package in packages))


def _changed(before: dict[str, LockedFile], after: dict[str, LockedFile]) -> Iterator[FileChange]:
    for name in sorted(before.keys() & after.keys()):
        if not _is_same(before[name], after[name]):
            yield FileChange(filename=name, old=before[name].digests, new=after[name].digests)


def _is_same(old: LockedFile, new: LockedFile) -> bool:
    """Tell whether the digests show one file: some strong algorithm in common, and no contradiction."""
    mine = {digest.algorithm: digest for digest in old.digests}
    common = [digest for digest in new.digests if digest.algorithm in mine]
    return all(mine[digest.algorithm] == digest for digest in common) and any(
        digest.is_strong for digest in common
    )


def _findings(
    changes: Iterable[ProjectChange], after: dict[ProjectName, tuple[LockedPackage, ...]]
) -> Iterator[Finding]:
    for change in changes:
        place = next((package.place for package in after.get(change.project, ())), None)
        for file in change.changed_files:
            values = {
                "filename": file.filename,
                "old": ", ".join(map(str, file.old)),
                "new": ", ".join(map(str, file.new)),
            }
            yield Finding(code="TRU197", subject=str(change.project), place=place, values=values)
