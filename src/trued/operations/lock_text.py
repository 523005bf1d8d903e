"""Lock files on disk, read by what their names say they are."""

from __future__ import annotations

import os

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.names import normalize
from trued.requirements.lock.lock_name import PIPFILE_LOCK, is_read_as_lock
from trued.requirements.lock.model import Lock, LockedFile, LockedPackage
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.requirements.model import Requirement

__all__ = ["PYLOCK", "read_bytes", "read_lock", "read_requirements_lock"]

PYLOCK = "pylock.toml"
_MOST_BYTES = 256 * 1024 * 1024


def read_lock(session: Session, shown: str) -> Lock:
    """Read the lock *shown* (relative to the working folder) in whichever format its name tells.

    What is no lock by its name is read as a requirements file, whose packages have digests and no file names.

    Raises: UsageError with every fault; TRU575 when it cannot be read.
    """
    path = os.path.join(session.cwd, shown)
    if not is_read_as_lock(path):
        return read_requirements_lock(session, shown)
    return _reader(os.path.basename(path))(read_bytes(path, shown=shown), file=shown)


def _reader(name: str) -> Callable[..., Lock]:
    if name == "uv.lock":
        from trued.requirements.lock.uv_lock import read_uv_lock

        return read_uv_lock
    if name == "poetry.lock":
        from trued.requirements.lock.poetry_lock import read_poetry_lock

        return read_poetry_lock
    if name == PIPFILE_LOCK:
        from trued.requirements.lock.pipfile_lock import read_pipfile_lock

        return read_pipfile_lock
    if name == "pdm.lock":
        from trued.requirements.lock.pdm_lock import read_pdm_lock

        return read_pdm_lock
    from trued.requirements.lock.pylock import read_pylock

    return read_pylock


def read_bytes(path: str, *, shown: str) -> bytes:
    """Return the content of *path*, which may be a pipe.

    Raises: UsageError TRU575, also for a link to a device, as a cloned repository may have: it has no end.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
        reason = f"it has more than {_MOST_BYTES} bytes" if len(data) > _MOST_BYTES else ""
    except OSError as error:
        data, reason = b"", error.strerror or "the system does not say why"
    if reason:
        raise UsageError(Finding(code="TRU575", subject=shown, place=Place(shown), values={"reason": reason}))
    return data


def read_requirements_lock(session: Session, shown: str) -> Lock:
    """Read a requirements file as a lock: what it pins; each digest stands for a file without a name."""
    from trued.requirements.files import read_requirements

    read = read_requirements(
        [shown],
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
    )
    folder = os.path.dirname(os.path.join(session.cwd, shown))
    packages = [package for line in read.requirements if (package := _package(line, folder)) is not None]
    return Lock(packages=tuple(packages))


def _package(line: Requirement, folder: str) -> LockedPackage | None:
    """Return what a line pins; ``None`` where it pins nothing, or does not tell the project."""
    if line.kind is Kind.NAMED:
        direct = None
    else:
        from trued.operations.sources import direct_of

        direct = direct_of(line, folder)
    project = line.project or _stated_project(line)
    if project is None or not (direct or line.pinned_version):
        return None
    return LockedPackage(
        project=project,
        version=line.pinned_version if direct is None or direct.is_one_file else None,
        marker=line.marker,
        files=tuple(_nameless(digest) for digest in line.allowed.digests),
        extras=tuple(sorted(line.extras)),
        direct=direct,
        place=line.place,
    )


def _stated_project(line: Requirement) -> ProjectName | None:
    from trued.operations.sources import stated_name

    name = stated_name(os.path.join(line.path, line.subdirectory or "")) if line.path else ""
    return normalize(name) if name else None


def _nameless(digest: Digest) -> LockedFile:
    return LockedFile(filename=str(digest), digests=(digest,))
