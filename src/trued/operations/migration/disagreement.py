"""Where the files that were left aside pin other versions than the one that was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import TruedError
from trued.core.finding import Finding, Level
from trued.operations.lock_text import read_lock, read_requirements_lock
from trued.operations.migration.sources import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.operations.migration.sources import Chosen, Source
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock

__all__ = ["disagreements"]

_SHOWN = 5


def disagreements(session: Session, chosen: Chosen, lock: Lock) -> Iterator[Finding]:
    """Yield a warning (TRU933) for each file left aside that pins some project otherwise than *lock* does.

    A file that cannot be read pins nothing that anybody could install, so nothing is told of it.
    """
    taken = _pinned(lock)
    for source in chosen.others:
        other = _read(session, source)
        pinned = _pinned(other) if other is not None else {}
        differing = [
            name for name in sorted(pinned) if name in taken and not pinned[name].keys() & taken[name].keys()
        ]
        if differing:
            shown = "\n".join(
                f"  {name}: {_text(pinned[name])} there, {_text(taken[name])} in {chosen.source.name}"
                for name in differing[:_SHOWN]
            )
            more = f"\n  and {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
            values = {
                "taken": chosen.source.name,
                "count": str(len(differing)),
                "projects": f"{shown}{more}",
            }
            yield Finding(code="TRU933", level=Level.WARNING, subject=source.name, values=values)


def _read(session: Session, source: Source) -> Lock | None:
    try:
        if source.kind is SourceKind.LOCK:
            return read_lock(session, source.name)
        if source.kind is SourceKind.REQUIREMENTS:
            return read_requirements_lock(session, source.name)
    except TruedError:
        pass  # it was not asked for, and what is wrong with it is told when it is
    return None


def _pinned(lock: Lock) -> dict[ProjectName, dict[Version, str]]:
    """Return the versions that are pinned of each project, each as it is written."""
    from packaging.version import InvalidVersion, Version

    found: dict[ProjectName, dict[Version, str]] = {}
    for package in lock.packages:
        if package.version is None or package.direct is not None:
            continue
        try:
            found.setdefault(package.project, {})[Version(package.version)] = package.version
        except InvalidVersion:
            continue  # an arbitrary text behind ===, which equals nothing but itself
    return found


def _text(versions: dict[Version, str]) -> str:
    return ", ".join(versions[version] for version in sorted(versions))
