"""The user's folders and the folders above the current one, without a heavy import.

A LEAN module: it serves the warm road, which has no time for ``platformdirs``. On Linux the answers are
those of ``platformdirs`` (XDG Base Directory Specification); elsewhere they are ``None``, and the full road
asks it.
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "KNOWN_FILES",
    "advisories_path",
    "cache_directory",
    "config_directories",
    "config_directory",
    "data_directory",
    "folders_upward",
    "known_files_path",
]

KNOWN_FILES = "known.sqlite3"


def cache_directory(environ: Mapping[str, str]) -> str | None:
    """Return the default folder of cache and store, or ``None`` where only ``platformdirs`` knows it."""
    base = _base(environ, "XDG_CACHE_HOME", ".cache")
    return os.path.join(base, "trued") if base else None


def data_directory(environ: Mapping[str, str]) -> str | None:
    """Return the folder of what is kept for the user, or ``None`` where only ``platformdirs`` knows it."""
    base = _base(environ, "XDG_DATA_HOME", ".local/share")
    return os.path.join(base, "trued") if base else None


def known_files_path(environ: Mapping[str, str]) -> str | None:
    """Return where the database of known files is unless somebody says otherwise, or ``None`` as above."""
    folder = data_directory(environ)
    return os.path.join(folder, KNOWN_FILES) if folder else None


def advisories_path(cache: str) -> str:
    """Return where the local database of advisories is, of the cache in the folder *cache*."""
    return os.path.join(cache, "advisories", "pypi.sqlite3")


def config_directory(environ: Mapping[str, str], name: str) -> str | None:
    """Return the user's configuration folder of the program *name*, or ``None`` as above."""
    base = _base(environ, "XDG_CONFIG_HOME", ".config")
    return os.path.join(base, name) if base else None


def config_directories(environ: Mapping[str, str], name: str) -> list[str] | None:
    """Return the system's configuration folders of the program *name*, the strongest first, or ``None``."""
    if not sys.platform.startswith("linux"):
        return None
    paths = [path for path in environ.get("XDG_CONFIG_DIRS", "").split(":") if path.startswith("/")]
    return [os.path.join(path, name) for path in paths or ["/etc/xdg"]]


def folders_upward(cwd: str) -> Iterator[str]:
    """Yield *cwd* and the folders above it, up to the first that everybody may write to.

    Whoever may write to ``/tmp`` must not be able to configure what runs in ``/tmp/work``.
    """
    yield cwd
    folder = os.path.dirname(cwd)
    while folder != cwd and not _everybody_writes(folder):
        yield folder
        cwd, folder = folder, os.path.dirname(folder)


def _base(environ: Mapping[str, str], variable: str, below_home: str) -> str | None:
    if not sys.platform.startswith("linux"):
        return None
    base = environ.get(variable, "")
    if base.startswith("/"):
        return base
    home = environ.get("HOME", "")
    return f"{home.rstrip('/')}/{below_home}" if home.startswith("/") else None


def _everybody_writes(folder: str) -> bool:
    if os.name == "nt":
        return False
    try:
        return bool(os.stat(folder).st_mode & stat.S_IWOTH)
    except OSError:
        return True
