"""Where the packages stand in the drawing: in columns by how far they are from what was asked for.

The steps are those of layered drawing (Sugiyama 1981): circles are taken as one, each package stands right of
all that need it, the order within a column follows the neighbours' middle, and heights are those nearest to
the neighbours that keep the order and a distance. Every step is deterministic.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trued.core.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Needs = Mapping[str, Sequence[str]]

__all__ = ["Layout", "lay_out"]

_SWEEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Column and height (in rows, from 0) of each package; ``alone`` are those that nothing joins."""

    places: Mapping[str, tuple[int, float]]
    columns: int
    rows: float
    alone: tuple[str, ...]


def lay_out(needs: Needs) -> Layout:
    """Return the places of all keys of *needs*; what is needed has to be a key too."""
    joined = {key for key, below in needs.items() if below} | {one for some in needs.values() for one in some}
    column = _columns({key: needs[key] for key in sorted(joined)})
    layers: dict[int, list[str]] = defaultdict(list)
    for key in sorted(joined):
        layers[column[key]].append(key)
    ordered = [layers[number] for number in sorted(layers)]
    heights = _heights(ordered, _neighbours(needs, joined))
    top = min(heights.values(), default=0.0)
    places = {key: (column[key], heights[key] - top) for key in sorted(joined)}
    return Layout(
        places=places,
        columns=len(ordered),
        rows=max((row for _, row in places.values()), default=0.0),
        alone=tuple(sorted(needs.keys() - joined)),
    )


def _columns(needs: Needs) -> dict[str, int]:
    """Return the length of the longest way to each package; those of one circle share a column."""
    circle = _circles(needs)
    above: dict[str, set[str]] = defaultdict(set)
    below: dict[str, set[str]] = defaultdict(set)
    for key, some in needs.items():
        for other in some:
            if circle[key] != circle[other]:
                above[circle[other]].add(circle[key])
                below[circle[key]].add(circle[other])
    found = dict.fromkeys(circle.values(), 0)
    waiting = sorted(name for name in found if not above[name])
    left = {name: len(above[name]) for name in found}
    while waiting:
        name = waiting.pop()
        for other in sorted(below[name]):
            found[other] = max(found[other], found[name] + 1)
            left[other] -= 1
            if not left[other]:
                waiting.append(other)
    return {key: found[name] for key, name in circle.items()}


def _circles(needs: Needs) -> dict[str, str]:
    """Return for each package one that stands for its circle (Tarjan's components, without recursion)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: dict[str, str] = {}
    for start in needs:
        if start in number:
            continue
        work = [(start, iter(needs[start]))]
        number[start] = lowest[start] = len(number)
        stack.append(start)
        while work:
            key, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[key])
                if lowest[key] == number[key]:
                    _take_circle(key, stack, found)
            elif step not in number:
                number[step] = lowest[step] = len(number)
                stack.append(step)
                work.append((step, iter(needs[step])))
            elif step not in found:
                lowest[key] = min(lowest[key], number[step])
    return found


def _take_circle(key: str, stack: list[str], found: dict[str, str]) -> None:
    while True:
        member = stack.pop()
        found[member] = key
        if member == key:
            return


def _neighbours(needs: Needs, joined: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in sorted(joined)}
    for key, others in found.items():
        others += needs[key]
    for key in sorted(joined):
        for other in needs[key]:
            found[other].append(key)
    return found


def _heights(layers: list[list[str]], neighbours: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the heights after some sweeps to and fro, each column by the ones beside it."""
    heights = {key: float(row) for layer in layers for row, key in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {key: _middle(neighbours[key], heights, heights[key]) for key in layer}
            layer.sort(key=lambda key: (wanted[key], key))
            heights |= zip(layer, _apart([wanted[key] for key in layer]), strict=True)
    return heights


def _middle(others: Sequence[str], heights: Mapping[str, float], own: float) -> float:
    if not others:
        return own
    return sum(heights[other] for other in others) / len(others)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return the rows nearest to *wanted*, which ascend, with one row between neighbours.

    Least squares under an order: neighbours that are too near are pooled at their mean (pool adjacent
    violators).
    """
    pools: list[tuple[float, int]] = []
    for place, row in enumerate(wanted):
        mean, count = row - place, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + place for place, mean in enumerate(means)]
