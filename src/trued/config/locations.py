"""Where the configuration files of one run are."""

from __future__ import annotations

import os

from trued.config.directories import (
    KNOWN_FILES,
    cache_directory,
    config_directories,
    config_directory,
    folders_upward,
    known_files_path,
)
from trued.config.policy_file import has_endless_line, read_policy_file
from trued.config.variables import CONFIG_FILE
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FILE_NAME",
    "PYPROJECT",
    "Locations",
    "default_cache_directory",
    "default_known_files",
    "locate",
    "mentions_trued",
]

FILE_NAME = "trued.toml"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations:
    """Paths of trued's files, whether they exist or not; ``None`` where a source is switched off.

    ``project`` is the nearest file that exists, ``shadowed`` a ``pyproject.toml`` beside it that says
    something too. ``named`` tells that ``TRUED_CONFIG_FILE`` names the user's file, so that it has to exist.
    """

    project: str | None
    shadowed: str | None
    user: str | None
    named: bool
    system: tuple[str, ...]


def locate(environ: Mapping[str, str], cwd: str, *, isolated: bool) -> Locations:
    """Return where the files of a run in *cwd* are.

    The null device in ``TRUED_CONFIG_FILE`` switches all of them off, as ``PIP_CONFIG_FILE`` does for pip's.
    """
    named = "" if isolated else environ.get(CONFIG_FILE, "")
    if named == os.devnull:
        return Locations(project=None, shadowed=None, user=None, named=False, system=())
    user = None if isolated else os.path.join(cwd, named) if named else user_file(environ)
    system = system_files(environ)
    project, shadowed = _project_file(cwd, (user, *system))
    return Locations(project=project, shadowed=shadowed, user=user, named=bool(named), system=system)


def user_file(environ: Mapping[str, str]) -> str:
    """Return the path of the user's file."""
    folder = config_directory(environ, "trued")
    if folder is None:
        import platformdirs

        folder = platformdirs.user_config_dir("trued", appauthor=False)
    return os.path.join(folder, FILE_NAME)


def system_files(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths of the system's files, the strongest first."""
    folders = config_directories(environ, "trued")
    if folders is None:
        import platformdirs

        folders = platformdirs.site_config_dir("trued", appauthor=False, multipath=True).split(os.pathsep)
    return tuple(os.path.join(folder, FILE_NAME) for folder in folders)


def default_cache_directory(environ: Mapping[str, str]) -> str:
    """Return the folder of cache and store where nobody sets another."""
    folder = cache_directory(environ)
    if folder is None:
        import platformdirs

        folder = platformdirs.user_cache_dir("trued", appauthor=False)
    return folder


def default_known_files(environ: Mapping[str, str]) -> str:
    """Return the path of the database of known files where nobody sets another."""
    path = known_files_path(environ)
    if path is None:
        import platformdirs

        path = os.path.join(platformdirs.user_data_dir("trued", appauthor=False), KNOWN_FILES)
    return path


def mentions_trued(path: str) -> bool:
    """Tell whether a ``pyproject.toml`` may have a ``[tool.trued]`` table, without reading TOML."""
    try:
        return b"trued" in read_policy_file(path)[0]
    except OSError:
        return False


def _project_file(cwd: str, others: tuple[str | None, ...]) -> tuple[str | None, str | None]:
    """Return the nearest project file, and the ``pyproject.toml`` beside it when that says something too."""
    for folder in folders_upward(cwd):
        own = os.path.join(folder, FILE_NAME)
        pyproject = os.path.join(folder, PYPROJECT)
        says_something = _has_table(pyproject)
        if os.path.exists(own) and own not in others:
            return own, pyproject if says_something else None
        if says_something:
            return pyproject, None
    return None, None


def _has_table(pyproject: str) -> bool:
    """Tell whether the file has ``[tool.trued]``; one that cannot be read as TOML is left for its reader."""
    if not mentions_trued(pyproject):
        return False
    import tomllib

    try:
        data = read_policy_file(pyproject)[0]
        document = {} if has_endless_line(data) else tomllib.loads(data.decode())
    except (OSError, ValueError, RecursionError):
        return True
    if not document:
        return True
    tool = document.get("tool")
    return isinstance(tool, dict) and "trued" in tool
