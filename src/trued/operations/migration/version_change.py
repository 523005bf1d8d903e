"""Which projects of a new lock have other versions than were pinned before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.core.names import ProjectName
    from trued.requirements.lock.model import Lock, LockedPackage

__all__ = ["VersionChange", "version_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One project whose versions are not those that were pinned; empty where it was or is not there.

    ``is_conditional`` tells that it was pinned under a marker, so that another platform may need it.
    """

    project: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    is_conditional: bool = False


def version_changes(old: Lock, made: Lock) -> Iterator[VersionChange]:
    """Yield what changed. Of several pinned versions a lock for one target has those that apply there."""
    before, after = _by_project(old), _by_project(made)
    for project in sorted(before.keys() | after.keys()):
        was, now = before.get(project, []), after.get(project, [])
        if not now or not _keys(now) <= _keys(was):
            yield VersionChange(
                project=project,
                old=_versions(was),
                new=_versions(now),
                is_conditional=any(package.marker is not None for package in was),
            )


def _by_project(lock: Lock) -> dict[ProjectName, list[LockedPackage]]:
    found: dict[ProjectName, list[LockedPackage]] = {}
    for package in lock.packages:
        found.setdefault(package.project, []).append(package)
    return found


def _keys(packages: list[LockedPackage]) -> set[str]:
    from packaging.utils import canonicalize_version

    return {canonicalize_version(text) for text in _versions(packages)}


def _versions(packages: list[LockedPackage]) -> tuple[str, ...]:
    return tuple(sorted({package.version or str(package.direct or "?") for package in packages}))
