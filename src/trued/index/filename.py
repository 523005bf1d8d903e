"""File names as an index states them: fit to be a name on disk, and the version they claim."""

from __future__ import annotations

from trued.core.distribution import is_sdist_name, is_wheel_name
from trued.core.names import ProjectName, normalize

__all__ = ["is_safe_filename", "version_in_filename"]

_SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+!~"
_SDIST_ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip")
_LONGEST = 255


def is_safe_filename(name: str) -> bool:
    """Tell whether *name* can be one file's name: no separator, no drive, no control character, not hidden.

    Wheel and sdist names need only these characters (binary distribution format; PEP 625), so that nothing an
    index states can lead out of a folder, neither on POSIX nor on Windows.
    """
    return 0 < len(name) <= _LONGEST and not name.strip(_SAFE) and name[0] not in ".-"


def version_in_filename(filename: str, project: ProjectName) -> str | None:
    """Return the version that *filename* states, as written, or ``None`` when it is no file of *project*.

    An old sdist may have dashes in its name, so its end is found by the project's own name, as pip does.
    """
    if is_wheel_name(filename):
        parts = filename[:-4].split("-")
        if len(parts) not in (5, 6) or not all(parts) or normalize(parts[0]) != project:
            return None
        return parts[1].replace("_", "-")
    if is_sdist_name(filename):
        return _sdist_version(filename, project)
    return None


def _sdist_version(filename: str, project: ProjectName) -> str | None:
    stem = next(filename.removesuffix(ending) for ending in _SDIST_ENDINGS if filename.endswith(ending))
    dash = stem.find("-")
    while dash != -1:
        if normalize(stem[:dash]) == project and dash + 1 < len(stem):
            return stem[dash + 1 :]
        dash = stem.find("-", dash + 1)
    return None
