"""Where pip's configuration files are (pip 26.3 ``configuration.py``). A LEAN module."""

from __future__ import annotations

import os
import sys

from trued.config.directories import config_directories, config_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["pip_file_paths"]


def pip_file_paths(environ: Mapping[str, str], *, isolated: bool, etc: str = "/etc") -> list[str]:
    """Return the paths that pip would read, the weakest first, whether they exist or not."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    basename = "pip.ini" if os.name == "nt" else "pip.conf"
    folders = _system_folders(environ, etc)
    if not isolated and not (named and os.path.exists(named)):
        folders += _user_folders(environ)
    if environ.get("VIRTUAL_ENV"):
        folders.append(environ["VIRTUAL_ENV"])
    return [os.path.join(folder, basename) for folder in folders] + ([named] if named else [])


def _system_folders(environ: Mapping[str, str], etc: str) -> list[str]:
    folders = config_directories(environ, "pip")
    if folders is not None:
        return [*folders, etc]
    import platformdirs

    if sys.platform == "darwin":
        return platformdirs.site_data_dir("pip", appauthor=False, multipath=True).split(os.pathsep)
    return [platformdirs.site_config_dir("pip", appauthor=False)]


def _user_folders(environ: Mapping[str, str]) -> list[str]:
    home = environ.get("HOME") or os.path.expanduser("~")
    legacy = os.path.join(home, "pip" if os.name == "nt" else ".pip")
    folder = config_directory(environ, "pip")
    if folder is not None:
        return [legacy, folder]
    import platformdirs

    if sys.platform == "darwin":
        data = platformdirs.user_data_dir("pip", appauthor=False)
        return [legacy, data if os.path.isdir(data) else os.path.join(home, ".config", "pip")]
    return [legacy, platformdirs.user_config_dir("pip", appauthor=False, roaming=True)]
