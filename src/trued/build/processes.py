"""The processes of a build, as ``/proc`` shows them."""

from __future__ import annotations

import os

from trued.build.supervisor import Census

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["census_of", "descendants", "everyone"]


def everyone(proc: str) -> tuple[int, ...]:
    """Return the number of each process that the folder *proc* shows."""
    try:
        return tuple(int(name) for name in os.listdir(proc) if name.isdecimal())
    except OSError:
        return ()


def descendants(root: int, *, proc: str = "/proc") -> tuple[int, ...]:
    """Return all that *root* started and that still hang on it, itself last; nothing without a ``/proc``."""
    children: dict[int, list[int]] = {}
    for pid in everyone(proc):
        children.setdefault(_parent(pid, proc), []).append(pid)
    found, open_ones = [], [root]
    while open_ones:
        pid = open_ones.pop()
        found.append(pid)
        open_ones += children.get(pid, [])
    return tuple(reversed(found))


def census_of(pids: Iterable[int], *, proc: str) -> Census:
    """Count *pids* and the memory that they hold, shared pages once for each holder."""
    known = tuple(pids)
    page = os.sysconf("SC_PAGE_SIZE")
    return Census(processes=len(known), memory_bytes=sum(_pages(pid, proc) for pid in known) * page)


def _pages(pid: int, proc: str) -> int:
    try:
        with open(f"{proc}/{pid}/statm", "rb") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        return 0  # it ended meanwhile


def _parent(pid: int, proc: str) -> int:
    try:
        with open(f"{proc}/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
