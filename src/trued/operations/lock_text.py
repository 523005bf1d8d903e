"""Lock files on disk, read by what their names say they are."""

from __future__ import annotations

import os

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.requirements.lock.lock_name import is_lock_name
from trued.requirements.lock.model import Lock, LockedFile, LockedPackage
from trued.requirements.lock.pylock import read_pylock
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.digest import Digest
    from trued.operations.session import Session

__all__ = ["PIPFILE_LOCK", "PYLOCK", "read_bytes", "read_lock", "read_requirements_lock"]

PYLOCK = "pylock.toml"
PIPFILE_LOCK = "Pipfile.lock"
"""Read where locks are looked into, but for ``install -r``: pip takes such a file for requirements."""


def read_lock(session: Session, shown: str) -> Lock:
    """Read the lock *shown* (relative to the working folder) in whichever format its name tells.

    What is no lock by its name is read as a requirements file, whose packages have digests and no file names.

    Raises: UsageError with every fault; TRU575 when it cannot be read.
    """
    path = os.path.join(session.cwd, shown)
    if os.path.basename(path) == PIPFILE_LOCK:
        from trued.requirements.lock.pipfile_lock import read_pipfile_lock

        return read_pipfile_lock(read_bytes(path, shown=shown), file=shown)
    if not is_lock_name(path):
        return read_requirements_lock(session, shown)
    return _reader(os.path.basename(path))(read_bytes(path, shown=shown), file=shown)


def _reader(name: str) -> Callable[..., Lock]:
    if name == "uv.lock":
        from trued.requirements.lock.uv_lock import read_uv_lock

        return read_uv_lock
    if name == "poetry.lock":
        from trued.requirements.lock.poetry_lock import read_poetry_lock

        return read_poetry_lock
    if name == "pdm.lock":
        from trued.requirements.lock.pdm_lock import read_pdm_lock

        return read_pdm_lock
    return read_pylock


def read_bytes(path: str, *, shown: str) -> bytes:
    """Return the content of *path*. Raises: UsageError TRU575."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or "the system does not say why"
        raise UsageError(
            Finding(code="TRU575", subject=shown, place=Place(shown), values={"reason": reason})
        ) from error


def read_requirements_lock(session: Session, shown: str) -> Lock:
    """Read a requirements file as a lock: what it pins; each digest stands for a file without a name."""
    from trued.requirements.files import read_requirements

    read = read_requirements(
        [shown],
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
    )
    packages = [
        LockedPackage(
            project=line.project,
            version=line.pinned_version,
            marker=line.marker,
            files=tuple(_nameless(digest) for digest in line.allowed.digests),
            extras=tuple(sorted(line.extras)),
            place=line.place,
        )
        for line in read.requirements
        if line.project is not None and line.kind is Kind.NAMED and line.pinned_version
    ]
    return Lock(packages=tuple(packages))


def _nameless(digest: Digest) -> LockedFile:
    return LockedFile(filename=str(digest), digests=(digest,))
