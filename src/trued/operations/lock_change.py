"""How a lock differs from the one that is there, and whether the old one still serves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.operations.lock_text import read_requirements_lock
from trued.requirements.lock.compare import compare
from trued.requirements.lock.model import Lock

if TYPE_CHECKING:
    from trued.operations.session import Session
    from trued.requirements.lock.compare import LockDifference

__all__ = ["difference", "is_stale"]


def is_stale(old: Lock | None, made: Lock, found: LockDifference) -> bool:
    """Tell whether *old*, from which *made* differs as *found* says, no longer serves."""
    return old is None or _matters(found) or _is_built_otherwise(old, made)


def difference(
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


def _is_built_otherwise(old: Lock, made: Lock) -> bool:
    """Tell whether a release that both locks have is built with something else."""
    before = {(one.project, one.version): one.build for one in old.packages}
    return any(
        before.get((one.project, one.version), one.build) != one.build for one in made.canonical().packages
    )
