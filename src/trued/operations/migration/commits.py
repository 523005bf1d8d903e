"""Repositories in another tool's lock: the digest of all files of their commit, which no other tool writes.

A commit is named by a SHA-1 at best; the lock of trued also holds a sha256 over every file of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import TruedError
from trued.core.finding import Level
from trued.core.record import replace
from trued.requirements.lock.model import DirectKind

if TYPE_CHECKING:
    from trued.core.finding import Finding
    from trued.operations.session import Session
    from trued.operations.sources import SourceTrees
    from trued.requirements.lock.model import Lock, LockedPackage
    from trued.requirements.model import Requirement

__all__ = ["with_commit_digests"]


def with_commit_digests(session: Session, lock: Lock, *, shown: str) -> tuple[Lock, list[Finding]]:
    """Return *lock*, to be written to *shown*, with a digest for each commit that can be had.

    Why another one cannot is told: by an error where nothing beside the old lock names its repository, which
    is then not asked, and installing would be refused; else by a warning, and the policy has its say.
    """
    from trued.operations.lock_vouching import direct_findings
    from trued.operations.sources import SourceTrees

    trees = SourceTrees(session)
    packages: list[LockedPackage] = []
    told: list[Finding] = []
    for package in lock.packages:
        if package.direct is not None and package.direct.kind is DirectKind.VCS:
            doubts = direct_findings(session, [package], shown=shown)
            told += doubts
            if not doubts:
                package, noticed = _fetched(session, trees, package)
                told += noticed
        packages.append(package)
    return replace(lock, packages=tuple(packages)), told


def _fetched(
    session: Session, trees: SourceTrees, package: LockedPackage
) -> tuple[LockedPackage, list[Finding]]:
    try:
        tree = trees.tree_of(_requirement(session, package))
    except TruedError as error:
        return package, [replace(one, level=Level.WARNING, place=package.place) for one in error.findings]
    direct = package.direct and replace(package.direct, tree_sha256=tree.content)
    return replace(package, direct=direct), [*tree.findings]


def _requirement(session: Session, package: LockedPackage) -> Requirement:
    """Return the commit as a requirement that somebody could write. Raises: UsageError when nobody could."""
    from trued.requirements.files import read_requirements

    subdirectory = package.direct.subdirectory if package.direct else None
    text = f"{package.project} @ {package.direct}" + (f"#subdirectory={subdirectory}" if subdirectory else "")
    (line,) = read_requirements((), arguments=(text,), environ={}, limits=session.limits).requirements
    return line
