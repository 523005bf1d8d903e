"""Hashing whole trees again, without linking anything."""

from __future__ import annotations

from trued.store.directory import closed, opened
from trued.store.jobs import batches_of
from trued.store.manifest import is_whole
from trued.store.rehash import inode_if_intact
from trued.store.workers import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.store.jobs import Job
    from trued.store.manifest import Group
    from trued.store.tree import Tree

__all__ = ["damaged_files"]


def damaged_files(trees: Sequence[Tree], *, workers: int) -> dict[str, list[str]]:
    """Hash every file of *trees*; return those that are not what was verified, by entry and relative to it.

    Raises:
        OperationalError: a worker was killed.

    """
    damaged: dict[str, list[str]] = {}
    for tree in trees:
        if not is_whole(tree.manifest_path):
            damaged.setdefault(tree.entry, []).append(tree.manifest_path[len(tree.entry) + 1 :])

    def work(batches: Iterable[Sequence[Job]]) -> list[tuple[int, str]]:
        return [(job[0], path) for batch in batches for job in batch for path in _damaged(trees[job[0]], job)]

    for found in outcomes(work, batches_of(trees, by_bytes=True), workers=workers):
        for number, path in found:
            damaged.setdefault(trees[number].entry, []).append(path)
    return damaged


def _damaged(tree: Tree, job: Job) -> Iterator[str]:
    for group in tree.groups[job[1] : job[2]]:
        yield from _damaged_in(tree, group)


def _damaged_in(tree: Tree, group: Group) -> Iterator[str]:
    _, below, _, files = group
    folder = f"{tree.path[len(tree.entry) + 1 :]}/{below}" if below else tree.path[len(tree.entry) + 1 :]
    try:
        source = opened(f"{tree.path}/{below}")
    except OSError:
        yield from (f"{folder}/{file[0]}" for file in files)
        return
    try:
        for file in files:
            if not inode_if_intact(file, source, mtime=tree.seal.mtime):
                yield f"{folder}/{file[0]}"
    finally:
        closed(source)
