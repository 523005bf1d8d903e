"""The table of the ``lock`` command: medians, ratios to uv, memory, and whether the pins agree. No I/O."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["table"]


def table(samples: Sequence[Mapping[str, Any]]) -> str:
    """Return the samples as a Markdown table, a row for each index, workload and tool."""
    rows: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        rows[sample["index"], sample["workload"]][sample["tool"]].append(sample)
    lines = [
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
    ]
    for (index, workload), tools in rows.items():
        for tool, found in tools.items():
            cells = [index, workload, tool, *_cells(found, tools.get("uv", [])), _agreement(found, tools)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


_COLUMNS = (
    "index", "workload", "tool", "cold", "of uv", "warm", "of uv", "changed", "of uv",
    "processor: cold / warm / changed", "of uv", "memory", "pins",
)  # fmt: skip
_CACHES = ("cold", "warm", "changed")


def _cells(found: list[Mapping[str, Any]], uv: list[Mapping[str, Any]]) -> list[str]:
    cells = []
    for cache in _CACHES:
        own, other = _median(found, cache, "seconds"), _median(uv, cache, "seconds")
        cells.append("failed" if own is None else _seconds(own))
        cells.append(f"{own / other:.2f}" if own is not None and other else "-")
    pairs = [(_median(found, cache, "processor"), _median(uv, cache, "processor")) for cache in _CACHES]
    cells.append(" / ".join("-" if own is None else _seconds(own) for own, _ in pairs))
    cells.append(" / ".join(f"{own / other:.2f}" if own and other else "-" for own, other in pairs))
    peak = max(sample["peak"] for sample in found)
    return [*cells, f"{peak / 2**20:.0f} MiB" if peak else "-"]


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.2 else f"{value * 1000:.0f} ms"


def _median(found: list[Mapping[str, Any]], cache: str, figure: str) -> float | None:
    values = [sample[figure] for sample in found if sample["cache"] == cache and not sample["failure"]]
    return statistics.median(values) if values else None


def _agreement(found: list[Mapping[str, Any]], tools: Mapping[str, list[Mapping[str, Any]]]) -> str:
    """Return how many pins there are, and how many differ from trued's."""
    own, trued = _pins(found), _pins(tools.get("trued", []))
    differing = sum(own.get(name) != trued.get(name) for name in {*own, *trued}) if own and trued else 0
    return f"{len(own)}, {differing} differ" if differing else f"{len(own)}"


def _pins(found: list[Mapping[str, Any]]) -> Mapping[str, str]:
    return next((sample["pins"] for sample in reversed(found) if sample["pins"]), {})
