"""Removing folders in which a stranger's code has written."""

from __future__ import annotations

import os

__all__ = ["discard"]


def discard(folder: str) -> None:
    """Remove *folder* with all in it; no link is followed, and folders without rights are opened first.

    ``tempfile`` and older ``shutil`` change the rights of what a link points to when they meet a folder that
    cannot be listed (CVE-2023-6597). Nothing may run in *folder* any more.
    """
    import shutil

    _open_up(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _open_up(folder: str) -> None:
    closed = [folder]
    while closed:
        here = closed.pop()
        if os.path.islink(here):
            continue
        try:
            os.chmod(here, 0o700)
            with os.scandir(here) as entries:
                closed += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue  # of another user, or no folder: the removal leaves it as it is
