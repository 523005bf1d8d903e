"""Whose a cache is: what another user can write is neither to be believed nor to be linked. LEAN."""

from __future__ import annotations

import os

__all__ = ["is_trusted"]


def is_trusted(folder: str) -> bool:
    """Tell whether *folder*, or the nearest one above it that is there, is this user's or the system's own.

    A hard link keeps its owner: root would install files that the store's owner can change afterwards. pip
    asks the same of its cache. What cannot be looked at is left to whoever uses it; Windows has no owners.
    """
    if os.name == "nt":
        return True
    path = os.path.abspath(folder)
    while True:
        try:
            return os.stat(path).st_uid in (0, os.geteuid())
        except (FileNotFoundError, NotADirectoryError):
            path = os.path.dirname(path)
        except OSError:
            return True
