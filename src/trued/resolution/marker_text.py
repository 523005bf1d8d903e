"""Markers that tell some of the declared targets from the others, exactly and in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

    from trued.resolution.target import Target

    _Area: TypeAlias = frozenset[tuple[str, ...]]

__all__ = ["environment_marker", "marker_for"]

_NAMES = ("implementation_name", "platform_machine", "python", "sys_platform")
"""What targets are told apart by; the first are left out first where the others do."""


def marker_for(chosen: Collection[Target], declared: Sequence[Target]) -> str | None:
    """Return a marker that holds on *chosen* and on no other of *declared*; ``None`` where all are chosen.

    Raises:
        ValueError: a target that is chosen and one that is not have the same markers.

    """
    cells = _Cells(declared)
    wanted = frozenset(cells.cell(target) for target in chosen)
    if wanted & {cells.cell(target) for target in declared if target not in chosen}:
        raise ValueError("targets that have the same markers cannot be told apart")
    if wanted == cells.all:
        return None
    return min(cells.readings(wanted), key=lambda text: (len(text), text))


def environment_marker(target: Target, declared: Sequence[Target]) -> str:
    """Return the marker of *target* alone, with all that it is told by."""
    cells = _Cells(declared)
    return " and ".join(
        f"{cells.label(name)} == '{value}'"
        for name, value in sorted(zip(_NAMES, cells.cell(target), strict=True), reverse=True)
        if name != "implementation_name"
    )


class _Cells:
    """The declared targets as points: one value for each of :data:`_NAMES`."""

    def __init__(self, declared: Sequence[Target]) -> None:
        minors = {target.markers["python_version"] for target in declared}
        fulls = {target.markers["python_full_version"] for target in declared}
        self._python = "python_version" if len(minors) == len(fulls) else "python_full_version"
        self.all = frozenset(self.cell(target) for target in declared)

    def label(self, name: str) -> str:
        return self._python if name == "python" else name

    def cell(self, target: Target) -> tuple[str, ...]:
        return tuple(target.markers.get(self.label(name), "") for name in _NAMES)

    def readings(self, wanted: _Area) -> Iterable[str]:
        """Yield ways to say *wanted*: as one product, or as several by Python or by platform."""
        product = self._product(wanted)
        if product is not None:
            yield product
            return
        python = _NAMES.index("python")
        yield self._pieces(wanted, lambda cell: cell[python])
        yield self._pieces(wanted, lambda cell: cell[:python] + cell[python + 1 :])

    def _pieces(self, wanted: _Area, part: Callable[[tuple[str, ...]], Hashable]) -> str:
        """Split *wanted* by *part*, let each piece grow as far as *wanted* goes, and say them all."""
        areas: dict[Hashable, set[tuple[str, ...]]] = {}
        for cell in sorted(wanted):
            areas.setdefault(part(cell), set()).add(cell)
        told: list[str] = []
        covered: set[tuple[str, ...]] = set()
        for area in areas.values():
            pieces = (
                [frozenset(area)] if self._product(frozenset(area)) else [frozenset({one}) for one in area]
            )
            for piece in sorted(pieces, key=sorted):
                if piece <= covered:
                    continue
                grown = self._grown(piece, wanted)
                covered |= grown
                told.append(self._product(grown) or "")
        return " or ".join(f"({text})" if " and " in text else text for text in told)

    def _grown(self, piece: _Area, wanted: _Area) -> _Area:
        """Return a product around *piece* within *wanted*, as large as adding value by value makes it."""
        values = [frozenset(cell[i] for cell in piece) for i in range(len(_NAMES))]
        for i in range(len(_NAMES)):
            for value in sorted({cell[i] for cell in wanted} - values[i]):
                wider = [*values[:i], values[i] | {value}, *values[i + 1 :]]
                if self._selected(wider, range(len(_NAMES))) <= wanted:
                    values = wider
        return self._selected(values, range(len(_NAMES)))

    def _product(self, wanted: _Area) -> str | None:
        """Return *wanted* as one condition a name, no name more than needed; ``None`` if it is no product."""
        values = [frozenset(cell[i] for cell in wanted) for i in range(len(_NAMES))]
        kept = set(range(len(_NAMES)))
        if self._selected(values, kept) != wanted:
            return None
        for i in range(len(_NAMES)):
            if self._selected(values, kept - {i}) == wanted:
                kept.discard(i)
        told = [self._condition(i, values[i], alone=len(kept) == 1) for i in sorted(kept, reverse=True)]
        return " and ".join(told)

    def _selected(self, values: Sequence[frozenset[str]], kept: Collection[int]) -> _Area:
        return frozenset(cell for cell in self.all if all(cell[i] in values[i] for i in kept))

    def _condition(self, index: int, values: frozenset[str], *, alone: bool) -> str:
        label = self.label(_NAMES[index])
        every = sorted(
            {cell[index] for cell in self.all}, key=_version_key if _NAMES[index] == "python" else str
        )
        missing = [value for value in every if value not in values]
        if len(missing) == 1 and len(values) > 1:
            inner = _NAMES[index] != "python" or missing[0] not in {every[0], every[-1]}
            if inner:
                return f"{label} != '{missing[0]}'"
        runs = (
            _runs(label, values, every)
            if _NAMES[index] == "python"
            else [f"{label} == '{value}'" for value in every if value in values]
        )
        return runs[0] if len(runs) == 1 else " or ".join(runs) if alone else f"({' or '.join(runs)})"


def _runs(label: str, values: frozenset[str], every: Sequence[str]) -> list[str]:
    runs: list[list[int]] = []
    for i, value in enumerate(every):
        if value not in values:
            continue
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    told = [_run(label, run[0], run[-1], every) for run in runs]
    return told if len(told) == 1 else [f"({text})" if " and " in text else text for text in told]


def _run(label: str, first: int, last: int, every: Sequence[str]) -> str:
    if first == last and 0 < first < len(every) - 1:
        return f"{label} == '{every[first]}'"
    bounds = []
    if first > 0:
        bounds.append(f"{label} >= '{every[first]}'")
    if last < len(every) - 1:
        bounds.append(f"{label} < '{every[last + 1]}'")
    return " and ".join(bounds)


def _version_key(text: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in text.split("."))
