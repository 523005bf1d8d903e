"""Dividing the directories of trees into batches for the workers."""

from __future__ import annotations

from trued.store.tree import cuts_of
from trued.store.workers import MOST_BATCHES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from trued.store.tree import Tree

    Job: TypeAlias = tuple[int, int, int, int]
    """Directories of one tree: its number, first group, the one past the last, position of the first file."""

__all__ = ["batches_of"]

_WORTH_A_WORKER = 6
"""Jobs (of some 64 files) from which on a second worker pays for its own start (1 ms)."""

_WORTH_A_HASHER = 8 * 1024 * 1024
"""Bytes to hash from which on the same holds."""

_BATCH = 64
_DIRECTORY_COST = 128 * 1024
"""What making a directory and opening its files costs, in bytes that could be hashed in the time."""


def batches_of(trees: Sequence[Tree], *, by_bytes: bool) -> list[list[Job]]:
    """Return every directory of *trees*, in batches worth dealing out: one only, where there is little to do.

    With *by_bytes* the most costly come first, so that no worker is left with a large one at the end.
    """
    if not by_bytes:
        return _by_files(trees)
    jobs = [
        (size + (stop - start) * _DIRECTORY_COST, (number, start, stop, first))
        for number, tree in enumerate(trees)
        for start, stop, first, size in tree.cuts or cuts_of(tree.groups, files=1)
    ]
    if sum([cost for cost, _ in jobs]) < _WORTH_A_HASHER:
        return [[job for _, job in jobs]]
    jobs.sort(reverse=True)
    size = len(jobs) // MOST_BATCHES + 1
    return [[job for _, job in jobs[start : start + size]] for start in range(0, len(jobs), size)]


def _by_files(trees: Sequence[Tree]) -> list[list[Job]]:
    """Return the cuts of *trees*; several small trees make one batch."""
    jobs: list[Job] = []
    for number, tree in enumerate(trees):
        jobs += [(number, *cut[:3]) for cut in tree.cuts or cuts_of(tree.groups, files=_BATCH)]
    if len(jobs) < _WORTH_A_WORKER:
        return [jobs]
    size = len(jobs) // MOST_BATCHES + 1
    return _from_both_ends([jobs[start : start + size] for start in range(0, len(jobs), size)])


def _from_both_ends(batches: Sequence[list[Job]]) -> list[list[Job]]:
    """Return *batches* so that two workers who take them in turn are far apart.

    Beside each other they would wait for the lock of the directory that both make theirs in.
    """
    last = len(batches) - 1
    return [batches[place // 2 if place % 2 == 0 else last - place // 2] for place in range(len(batches))]
