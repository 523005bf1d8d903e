"""From a graph whose edges have markers to one marker a package, as PEP 751 wants it.

A package is installed when some path from what is asked leads to it along edges whose markers all hold. Each
edge's marker is one opaque word here; only words that a shorter path does not need are dropped.
"""

from __future__ import annotations

from collections import deque

from trued.core.record import dataclass
from trued.requirements.lock.condition import all_of, any_of, parse_condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Edge", "TooManyPaths", "reached"]

_MOST_PATHS = 512

_Path = frozenset[str]
"""The markers that must hold on one way to a package; the empty set always holds."""


class TooManyPaths(ValueError):
    """So many different combinations of markers lead to one package that they are not put together."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One dependency: to the node *target*, when *marker* holds."""

    target: str
    marker: str | None = None


def reached(asked: Iterable[Edge], edges: Mapping[str, Iterable[Edge]]) -> dict[str, str | None]:
    """Return the marker of each node that can be reached from *asked*; ``None`` where it is always needed.

    Raises :class:`TooManyPaths`.
    """
    paths: dict[str, set[_Path]] = {}
    waiting: deque[str] = deque()
    for edge in asked:
        if _add(paths.setdefault(edge.target, set()), _word(edge)):
            waiting.append(edge.target)
    while waiting:
        node = waiting.popleft()
        here = tuple(paths[node])
        for edge in edges.get(node, ()):
            there = paths.setdefault(edge.target, set())
            is_new = False
            for path in here:
                is_new |= _add(there, path | _word(edge))
            if is_new and edge.target not in waiting:
                waiting.append(edge.target)
            if len(there) > _MOST_PATHS:
                raise TooManyPaths(edge.target)
    return {node: _marker(found) for node, found in paths.items()}


def _word(edge: Edge) -> _Path:
    return frozenset((edge.marker,)) if edge.marker else frozenset()


def _add(known: set[_Path], path: _Path) -> bool:
    """Add *path* unless a known one asks for less; drop those that ask for more."""
    if any(other <= path for other in known):
        return False
    known -= {other for other in known if path < other}
    known.add(path)
    return True


def _marker(paths: Iterable[_Path]) -> str | None:
    ordered = sorted(paths, key=lambda path: (len(path), sorted(path)))
    return any_of(all_of(map(parse_condition, sorted(path))) for path in ordered).marker
