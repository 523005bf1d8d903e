"""The arithmetic of the benchmark: medians, spread, ratios and how sure they are. No I/O."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Ratio", "Summary", "ratio", "rotated", "summary"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Several runs in short; the quartiles are inclusive, so that they are figures that could be measured."""

    runs: int
    median: float
    lower: float
    upper: float
    least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The quotient of two medians with its 95 % bootstrap interval."""

    value: float
    lower: float
    upper: float


def summary(values: Sequence[float]) -> Summary:
    """Return median, quartiles and minimum of at least one value."""
    if len(values) == 1:
        lower = upper = values[0]
    else:
        lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Summary(
        runs=len(values), median=statistics.median(values), lower=lower, upper=upper, least=min(values)
    )


def ratio(values: Sequence[float], baseline: Sequence[float], *, draws: int = 1000) -> Ratio:
    """Return median(values) / median(baseline).

    The interval holds the middle 95 % of *draws* quotients of resampled runs; the seed is fixed, so that the
    same runs always give the same interval.
    """
    source = random.Random(0)
    quotients = sorted(
        statistics.median(source.choices(values, k=len(values)))
        / statistics.median(source.choices(baseline, k=len(baseline)))
        for _ in range(draws)
    )
    return Ratio(
        value=statistics.median(values) / statistics.median(baseline),
        lower=quotients[int(draws * 0.025)],
        upper=quotients[int(draws * 0.975) - 1],
    )


def rotated(items: Sequence[T], by: int) -> list[T]:
    """Return *items* beginning with the one at *by*: over the rounds each goes first equally often."""
    start = by % len(items)
    return [*items[start:], *items[:start]]
