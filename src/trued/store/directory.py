"""Files of an open directory, by name.

Where the system has it (all but Windows) a directory is an open descriptor: the kernel then walks one name
for each file instead of a whole path, and what is below the directory cannot be exchanged between two
calls. On Windows a directory is its path.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    if sys.platform == "win32":
        Directory: TypeAlias = str
    else:
        Directory: TypeAlias = int

__all__ = ["closed", "dated", "hardlink", "made", "opened", "opened_file", "removed", "status"]

_READ_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_FILE_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def made(path: str) -> None:
    """Make the directory at *path* and those above it, where they are missing."""
    try:
        os.mkdir(path)
    except FileExistsError:
        pass
    except FileNotFoundError:
        made(os.path.dirname(path))
        made(path)


if sys.platform == "win32":

    def opened(path: str) -> Directory:
        """Open the directory at *path*."""
        if not os.path.isdir(path):
            raise FileNotFoundError(path)
        return path

    def closed(directory: Directory) -> None:
        """Close *directory*."""

    def status(name: str, directory: Directory) -> os.stat_result:
        """Return the status of the file itself, never of what a link leads to."""
        return os.lstat(f"{directory}\\{name}")

    def hardlink(name: str, source: Directory, target: Directory, executable: bool) -> None:  # noqa: ARG001, FBT001 - see trued.store.transfer
        """Link the file into *target* under its own name."""
        os.link(f"{source}\\{name}", f"{target}\\{name}", follow_symlinks=False)

    def opened_file(name: str, directory: Directory, flags: int, mode: int = 0o600) -> int:
        """Open the file, never through a symbolic link."""
        return os.open(f"{directory}\\{name}", flags | _FILE_FLAGS, mode)

    def dated(name: str, directory: Directory, mtime: int) -> None:
        """Give the file its modification time, in nanoseconds."""
        os.utime(f"{directory}\\{name}", ns=(mtime, mtime))

    def removed(name: str, directory: Directory) -> None:
        """Remove the file."""
        os.unlink(f"{directory}\\{name}")

else:

    def opened(path: str) -> Directory:
        """Open the directory at *path*."""
        return os.open(path, _READ_DIRECTORY)

    def closed(directory: Directory) -> None:
        """Close *directory*."""
        os.close(directory)

    def status(name: str, directory: Directory) -> os.stat_result:
        """Return the status of the file itself, never of what a link leads to."""
        return os.stat(name, dir_fd=directory, follow_symlinks=False)

    def hardlink(name: str, source: Directory, target: Directory, executable: bool) -> None:  # noqa: ARG001, FBT001 - see trued.store.transfer
        """Link the file into *target* under its own name."""
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)

    def opened_file(name: str, directory: Directory, flags: int, mode: int = 0o600) -> int:
        """Open the file, never through a symbolic link."""
        return os.open(name, flags | _FILE_FLAGS, mode, dir_fd=directory)

    def dated(name: str, directory: Directory, mtime: int) -> None:
        """Give the file its modification time, in nanoseconds."""
        os.utime(name, ns=(mtime, mtime), dir_fd=directory, follow_symlinks=False)

    def removed(name: str, directory: Directory) -> None:
        """Remove the file."""
        os.unlink(name, dir_fd=directory)
