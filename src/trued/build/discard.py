"""Removing folders in which a stranger's code has written."""

from __future__ import annotations

import os
from contextlib import suppress

__all__ = ["discard"]


def discard(folder: str) -> None:
    """Remove *folder* with all in it; no link is followed, and folders without rights are opened first.

    ``tempfile`` and older ``shutil`` change the rights of what a link points to when they meet a folder that
    cannot be listed (CVE-2023-6597), and end at a thousand folders in each other, which a build makes by
    going into each: so every folder is first moved to the top. What belongs to another user stays. Nothing
    may run in *folder* any more.
    """
    if os.path.islink(folder):
        return
    above = os.path.join(folder, os.urandom(8).hex())
    moved = 0
    left = [folder]
    while left:
        here = left.pop()
        for entry in _opened(here):
            with suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                elif here == folder:
                    left.append(entry.path)
                else:
                    os.chmod(entry.path, 0o700)  # a folder that nobody may write cannot be moved
                    os.rename(entry.path, f"{above}-{moved}")
                    left.append(f"{above}-{moved}")
                    moved += 1
        if here != folder:
            with suppress(OSError):
                os.rmdir(here)
    with suppress(OSError):
        os.rmdir(folder)


def _opened(folder: str) -> list[os.DirEntry[str]]:
    try:
        os.chmod(folder, 0o700)
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
