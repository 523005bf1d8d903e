"""Medians, spread and ratios of the benchmark."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import ratio, rotated, summary

SECONDS = st.lists(st.floats(min_value=0.001, max_value=100), min_size=1, max_size=30)


def test_summary_tells_median_quartiles_and_minimum() -> None:
    told = summary([5.0, 1.0, 2.0, 4.0, 3.0])

    assert (told.runs, told.median, told.lower, told.upper, told.least) == (5, 3.0, 2.0, 4.0, 1.0)


def test_one_slow_run_does_not_move_the_median() -> None:
    assert summary([1.0, 1.0, 1.0, 1.0, 900.0]).median == 1.0


def test_summary_of_one_run_is_that_run() -> None:
    told = summary([0.25])

    assert (told.median, told.lower, told.upper, told.least) == (0.25, 0.25, 0.25, 0.25)


def test_summary_of_nothing_is_an_error() -> None:
    with pytest.raises(statistics.StatisticsError):
        summary([])


@given(SECONDS)
def test_summary_is_ordered(values: list[float]) -> None:
    told = summary(values)

    assert told.least <= told.lower <= told.median <= told.upper <= max(values)


def test_ratio_divides_the_medians() -> None:
    assert ratio([0.9, 0.8, 0.7], [1.5, 1.6, 1.7]).value == pytest.approx(0.5)


def test_ratio_of_steady_runs_is_certain() -> None:
    told = ratio([2.0] * 5, [4.0] * 5)

    assert (told.lower, told.value, told.upper) == (0.5, 0.5, 0.5)


def test_ratio_of_unsteady_runs_has_a_wide_interval() -> None:
    told = ratio([1.0, 2.0, 3.0, 4.0, 5.0], [3.0] * 5)

    assert told.lower < 0.7 < 1.3 < told.upper


def test_ratio_of_the_same_runs_is_always_told_the_same() -> None:
    values, baseline = [1.0, 1.5, 1.2], [2.0, 2.2, 1.9]

    assert ratio(values, baseline) == ratio(values, baseline)


@given(SECONDS, SECONDS)
def test_interval_of_a_ratio_stays_within_what_was_measured(
    values: list[float], baseline: list[float]
) -> None:
    told = ratio(values, baseline, draws=50)

    assert min(values) / max(baseline) <= told.lower <= told.upper <= max(values) / min(baseline)


def test_rotation_begins_with_another_tool_each_round() -> None:
    orders = [rotated(["trued", "uv", "pip"], number) for number in range(4)]

    assert orders == [
        ["trued", "uv", "pip"],
        ["uv", "pip", "trued"],
        ["pip", "trued", "uv"],
        ["trued", "uv", "pip"],
    ]
