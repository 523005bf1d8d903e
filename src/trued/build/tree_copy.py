"""A private copy of a user's folder, so that a build writes nothing beside the user's files."""

from __future__ import annotations

import errno
import os
import stat

from trued.build.history_config import kept_config
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SKIPPED", "copy_tree", "twin_of"]

_ANOTHER_TIME = 1_000_000_000

SKIPPED = frozenset((".nox", ".tox", ".venv", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"))
"""Folders that no build needs; a folder with a ``pyvenv.cfg`` is skipped by whatever name."""

_HISTORY = frozenset(
    os.path.join(".git", name)
    for name in ("HEAD", "index", "info", "objects", "packed-refs", "refs", "reftable", "shallow")
)
"""What versions are made from. Configuration, logs and remotes may hold tokens, hooks are programs."""
_CONFIG = os.path.join(".git", "config")
_CONFIG_BYTES = 1024 * 1024
_BYTES = 32 * 1024**3
_ENTRIES = 4_000_000
"""As many as a build may make (:class:`trued.build.limits.BuildLimits`)."""


def copy_tree(
    folder: str,
    into: str,
    *,
    with_history: bool = True,
    most_bytes: int = _BYTES,
    most_entries: int = _ENTRIES,
) -> str:
    """Copy *folder* to the new folder *into* and return it.

    Links stay links; pipes, sockets and devices are left out, and so is what :data:`SKIPPED` names.
    ``.git`` comes along (version numbers are often made from it), but for what may hold tokens and run
    programs; not at all with *with_history* false. That of a repository further down, a submodule or a clone,
    is left out.

    Raises: OSError, also where the folder holds more than *most_bytes* or *most_entries*.
    """
    os.mkdir(into, 0o700)
    left = most_bytes
    for count, (source, target) in enumerate(_pairs(folder, into, with_history=with_history)):
        status = os.lstat(source)
        left -= status.st_size if stat.S_ISREG(status.st_mode) else 0
        if left < 0 or count >= most_entries:  # a folder of a lock may be any of this machine
            raise OSError(errno.EFBIG, f"it holds more than {most_entries} entries or {most_bytes} bytes")
        if stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(source), target)
        elif stat.S_ISDIR(status.st_mode):
            os.mkdir(target, 0o755)
        elif stat.S_ISREG(status.st_mode):
            _copy(source, target, status)
    if with_history:
        _keep_config(folder, into)
    return into


def _keep_config(folder: str, into: str) -> None:
    """Write into the copy how its repository is kept, if that is said."""
    if not os.path.isdir(os.path.join(into, ".git")):
        return
    try:
        with open_regular(os.path.join(folder, _CONFIG)) as file:
            kept = kept_config(file.read(_CONFIG_BYTES))
    except OSError:
        return  # without one, git takes what it takes for an older repository
    if kept:
        with open(os.path.join(into, _CONFIG), "xb") as made:
            made.write(kept)


def twin_of(folder: str, into: str, *, shown: str) -> str:
    """Copy *folder* below the folder *into*, under another name and with other times; return the copy.

    Raises: OperationalError TRU490 where a hook that ran before left what cannot be copied.
    """
    try:
        tree = copy_tree(folder, os.path.join(into, "another-name-of-the-folder"))
    except OSError as error:
        values = {"path": folder, "reason": error.strerror or str(error)}
        raise OperationalError(Finding(code="TRU490", subject=shown, values=values)) from error
    for here, _, names in os.walk(tree):
        for path in (os.path.join(here, name) for name in names):
            if not os.path.islink(path):
                os.utime(path, (_ANOTHER_TIME, _ANOTHER_TIME))
    return tree


def _pairs(folder: str, into: str, *, with_history: bool) -> Iterable[tuple[str, str]]:
    """Go through what is copied, each folder before what lies in it."""
    open_ones = [("", folder)]
    inside = os.stat(into)
    while open_ones:
        relative, here = open_ones.pop()
        with os.scandir(here) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                name = os.path.join(relative, entry.name)
                is_folder = entry.is_dir(follow_symlinks=False)
                if not _is_wanted(entry, name, with_history=with_history) or (
                    is_folder and os.path.samestat(entry.stat(follow_symlinks=False), inside)
                ):
                    continue
                yield entry.path, os.path.join(into, name)
                if is_folder:
                    open_ones.append((name, entry.path))


def _is_wanted(entry: os.DirEntry[str], name: str, *, with_history: bool) -> bool:
    if name == ".git":
        return with_history and entry.is_dir(follow_symlinks=False)
    if entry.name == ".git" or (os.path.dirname(name) == ".git" and name not in _HISTORY):
        return False
    if not entry.is_dir(follow_symlinks=False):
        return True
    return entry.name not in SKIPPED and not os.path.isfile(os.path.join(entry.path, "pyvenv.cfg"))


def _copy(source: str, target: str, status: os.stat_result) -> None:
    import shutil

    shutil.copyfile(source, target, follow_symlinks=False)
    os.chmod(target, 0o755 if status.st_mode & stat.S_IXUSR else 0o644)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
