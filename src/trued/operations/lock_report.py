"""What changed in a lock, for a reviewer: versions, age, size, kinds of files, new dependencies."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.policy.cooldown import spelled_age

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.names import ProjectName
    from trued.requirements.lock.compare import LockDifference, ProjectChange
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

__all__ = ["ChangeRow", "change_lines", "change_rows", "file_lines", "size_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One project's change. ``uploaded`` is RFC 3339 of the new release's first file, ``age`` since then.

    ``size`` is in bytes over all files of which it is known. ``publishers`` were verified when the lock was
    made, ``former_publishers`` when the old one was.
    """

    project: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    uploaded: str
    age: str
    wheels: int
    sdists: int
    size: int
    new_dependencies: tuple[str, ...]
    dropped_dependencies: tuple[str, ...]
    publishers: tuple[str, ...] = ()
    former_publishers: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """``add``, ``remove``, ``change`` (of the version) or ``refresh`` (of anything else)."""
        if not self.old:
            return "add"
        if not self.new:
            return "remove"
        return "change" if self.old != self.new else "refresh"


def change_rows(
    difference: LockDifference, new: Lock, *, now: datetime, old: Lock | None = None
) -> tuple[ChangeRow, ...]:
    """Return a row for each project that changed since *old*."""
    return tuple(_row(change, new, old, now) for change in difference.changes)


def _row(change: ProjectChange, new: Lock, old: Lock | None, now: datetime) -> ChangeRow:
    packages = [package for package in new.packages if package.project == change.project]
    files = [file for package in packages for file in package.files]
    uploaded = min((file.upload_time for file in _of_newest(packages) if file.upload_time), default="")
    return ChangeRow(
        project=change.project,
        old=change.old_versions,
        new=change.new_versions,
        uploaded=uploaded,
        age=spelled_age(now - datetime.fromisoformat(uploaded)) if uploaded else "",
        wheels=sum(file.is_wheel for file in files),
        sdists=sum(not file.is_wheel for file in files),
        size=sum(file.size or 0 for file in files),
        new_dependencies=change.added_dependencies,
        dropped_dependencies=change.removed_dependencies,
        publishers=_publishers(new, change.project),
        former_publishers=_publishers(old, change.project),
    )


def _publishers(lock: Lock | None, project: ProjectName) -> tuple[str, ...]:
    """Return the identities that *lock* names for *project*, each on one line."""
    packages = [one for one in lock.packages if one.project == project] if lock is not None else []
    identities = [identity for package in packages for identity in package.attestation_identities]
    if not identities:
        return ()
    from trued.operations.lock_publishers import identities_of

    return tuple(sorted({one.identity for one in identities_of(identities)}))


def _of_newest(packages: list[LockedPackage]) -> Iterable[LockedFile]:
    """Return the files of the highest version: its youth is what a reviewer asks for."""
    from packaging.version import Version

    return max(packages, key=lambda one: Version(one.version or "0")).files if packages else ()


_SIGNS = {"add": "+", "remove": "-", "change": "~", "refresh": "="}


def change_lines(rows: Iterable[ChangeRow]) -> list[str]:
    """Return a line for each row."""
    return [_line(row) for row in rows]


def _line(row: ChangeRow) -> str:
    old, new = ", ".join(row.old), ", ".join(row.new)
    sign = _SIGNS[row.action]
    if row.action == "remove":
        return f"{sign} {row.project} {old}"
    head = f"{sign} {row.project} {old} -> {new}" if row.action == "change" else f"{sign} {row.project} {new}"
    facts = [f"{row.age} old"] if row.age else []
    facts += [_count(row.wheels, "wheel")] if row.wheels else []
    facts += [_count(row.sdists, "sdist")] if row.sdists else []
    facts += [size_text(row.size)] if row.size else []
    text = f"{head} ({', '.join(facts)})" if facts else head
    if row.action == "change" and row.new_dependencies:
        text += f"; now needs {', '.join(row.new_dependencies)}"
    if row.action == "change" and row.dropped_dependencies:
        text += f"; no longer needs {', '.join(row.dropped_dependencies)}"
    return text + _published(row)


def _published(row: ChangeRow) -> str:
    """Say who published it, and who did before where that was somebody else."""
    published = ", ".join(row.publishers)
    former = ", ".join(row.former_publishers)
    if published == former or not former:
        return f"; published by {published}" if published else ""
    return f"; published by {published or 'nobody that is verified'}, before by {former}"


def file_lines(difference: LockDifference) -> list[str]:
    """Return the change file by file, with digests."""
    lines = []
    for change in difference.changes:
        lines += [f"- {_file(file)}" for file in change.removed_files]
        lines += [f"+ {_file(file)}" for file in change.added_files]
        for both in change.changed_files:
            lines.append(f"- {both.filename} {' '.join(map(str, both.old))}")
            lines.append(f"+ {both.filename} {' '.join(map(str, both.new))}")
    return lines


def _file(file: LockedFile) -> str:
    digests = " ".join(map(str, file.digests))
    return digests if file.filename == digests else f"{file.filename} {digests}"


def size_text(size: int) -> str:
    """Return a number of bytes in the unit that fits."""
    if size < 1000:
        return f"{size} B"
    for unit in ("kB", "MB", "GB"):
        size_in_unit = size / 1000
        if size_in_unit < 1000 or unit == "GB":
            return f"{size_in_unit:.3g} {unit}" if size_in_unit < 100 else f"{size_in_unit:.0f} {unit}"
        size //= 1000
    raise AssertionError("unreachable")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
