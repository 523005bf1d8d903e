"""The dependency graph as shapes: boxes with names, curves between them, in units of the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.report.formats.quoting import limited
from trued.report.html.graph_layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Box", "Curve", "Drawing", "draw"]

WIDTH, HEIGHT = 176, 26
_GAP_ACROSS, _ROW, _MARGIN = 72, 34, 12
_MOST_CHARACTERS = 24
_ALONE_ACROSS = 5
_ALONE_ABOVE = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One package: its key, the name as far as it fits, and where its upper left corner is."""

    key: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What needs what: the numbers of two boxes, and the path between them (SVG path data)."""

    above: int
    below: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The whole, ``width`` by ``height``; boxes from ``alone`` on stand below ``alone_y``, joined to none."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    alone: int
    alone_y: int


def draw(needs: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> Drawing:
    """Return the drawing of *needs*; *labels* has the name of each key."""
    layout = lay_out(needs)
    boxes = [
        _box(key, labels[key], _MARGIN + column * (WIDTH + _GAP_ACROSS), _MARGIN + round(row * _ROW))
        for key, (column, row) in layout.places.items()
    ]
    number = {box.key: place for place, box in enumerate(boxes)}
    curves = [
        Curve(above=number[key], below=number[other], path=_path(boxes[number[key]], boxes[number[other]]))
        for key in layout.places
        for other in needs[key]
    ]
    bottom = _MARGIN + (round(layout.rows * _ROW) + HEIGHT if boxes else 0)
    alone_y = bottom + (_ALONE_ABOVE if boxes and layout.alone else 0)
    across = max(layout.columns, _ALONE_ACROSS if layout.alone else 1)
    first = len(boxes)
    for place, key in enumerate(layout.alone):
        x = _MARGIN + place % across * (WIDTH + _GAP_ACROSS)
        boxes.append(_box(key, labels[key], x, alone_y + place // across * _ROW))
    return Drawing(
        width=max((box.x for box in boxes), default=0) + WIDTH + _MARGIN,
        height=max((box.y for box in boxes), default=0) + HEIGHT + _MARGIN,
        boxes=tuple(boxes),
        curves=tuple(curves),
        alone=first,
        alone_y=alone_y,
    )


def _box(key: str, label: str, x: int, y: int) -> Box:
    return Box(key=key, label=limited(label, _MOST_CHARACTERS), x=x, y=y)


def _path(above: Box, below: Box) -> str:
    """Return a curve from the right side of one to the left of the other, or beside both within a circle."""
    start_x, start_y = above.x + WIDTH, above.y + HEIGHT // 2
    end_x, end_y = below.x, below.y + HEIGHT // 2
    if below.x <= above.x:
        side = start_x + _GAP_ACROSS // 2
        return f"M{start_x} {start_y}C{side} {start_y} {side} {end_y} {end_x + WIDTH} {end_y}"
    bend = max((end_x - start_x) // 2, _GAP_ACROSS // 2)
    return f"M{start_x} {start_y}C{start_x + bend} {start_y} {end_x - bend} {end_y} {end_x} {end_y}"
