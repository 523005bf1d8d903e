"""Looking after what the cache keeps of earlier runs: the answers of locks, and replays for the launcher."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.operations.lock_memo import memos_path
from trued.operations.replay import replays_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["prune_memos"]


def prune_memos(cache: str, *, before_ns: int) -> int:
    """Remove what was kept before that time, in ns since 1970; return how many files that were.

    Whoever needs one of them makes it anew.
    """
    removed = 0
    for path in _files(memos_path(cache), replays_path(cache)):
        try:
            if os.lstat(path).st_mtime_ns < before_ns:
                os.unlink(path)
                removed += 1
        except OSError:  # another run was quicker, or it is another user's
            continue
    return removed


def _files(*folders: str) -> Iterator[str]:
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                yield os.path.join(parent, name)
