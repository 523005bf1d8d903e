"""Dividing the directories of trees into batches for the workers."""

from __future__ import annotations

from trued.store.workers import MOST_BATCHES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from trued.store.manifest import Group
    from trued.store.tree import Tree

    Job: TypeAlias = tuple[int, Group, int]
    """One directory: number of its tree, the group, and the position of its first file in the tree."""

__all__ = ["batches_of"]

_WORTH_A_WORKER = 400
"""Files from which on a second worker pays for its own start (1 ms)."""

_WORTH_A_HASHER = 8 * 1024 * 1024
"""Bytes to hash from which on the same holds."""

_BATCH = 64
_FILE_COST = 32 * 1024
"""What opening a file costs, in bytes that could be hashed in the time."""


def batches_of(trees: Sequence[Tree], *, by_bytes: bool) -> list[list[Job]]:
    """Return every directory of *trees*, in batches worth dealing out: one only, where there is little to do.

    With *by_bytes* the most costly come first, so that no worker is left with a large one at the end.
    """
    jobs: list[Job] = []
    count = 0
    for number, tree in enumerate(trees):
        first = 0
        for group in tree.groups:
            jobs.append((number, group, first))
            first += len(group[3])
        count += first
    if by_bytes:
        if sum([_cost(job) for job in jobs]) < _WORTH_A_HASHER:
            return [jobs]
        jobs.sort(key=_cost, reverse=True)
        return [[job] for job in jobs] if len(jobs) < MOST_BATCHES else _filled(jobs, count)
    return _from_both_ends(_filled(jobs, count)) if count >= _WORTH_A_WORKER else [jobs]


def _filled(jobs: Sequence[Job], count: int) -> list[list[Job]]:
    most = max(_BATCH, (count + len(jobs)) // (MOST_BATCHES // 2))
    batches: list[list[Job]] = []
    filled = most
    for job in jobs:
        if filled >= most:
            batches.append([])
            filled = 0
        batches[-1].append(job)
        filled += len(job[1][3]) + 1
    return batches


def _from_both_ends(batches: Sequence[list[Job]]) -> list[list[Job]]:
    """Return *batches* so that two workers who take them in turn are far apart.

    Beside each other they would wait for the lock of the directory that both make theirs in.
    """
    last = len(batches) - 1
    return [batches[place // 2 if place % 2 == 0 else last - place // 2] for place in range(len(batches))]


def _cost(job: Job) -> int:
    return sum([size + _FILE_COST for _, size, _, _ in job[1][3]])
