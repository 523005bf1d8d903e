"""Shapes that make resolvers slow stay within a second; the bounds are several times what is measured."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.resolution.catalogue import Catalogue, Universe
from tests.resolution.shapes import layers, narrow_pairs
from tests.resolution.test_oracle import TARGET
from tests.resolution.test_scenarios import lines
from trued.resolution.solve import solve

SHAPES: list[tuple[Callable[[], Universe], list[str], float]] = [
    (lambda: narrow_pairs(1500), ["front", "urllib<1.25.4"], 3.0),
    (lambda: layers(350), [f"p{i:03}" for i in range(10)], 1.5),
    (lambda: layers(100), [f"p{i:03}" for i in range(8)], 0.75),
]


@pytest.mark.parametrize(("universe", "roots", "seconds"), SHAPES, ids=["boto3", "airflow", "typical"])
def test_it_is_solved_in_time(universe: Callable[[], Universe], roots: list[str], seconds: float) -> None:
    catalogue = Catalogue(universe())
    began = time.process_time()

    solve(lines("r.txt", roots), source=catalogue, target=TARGET)

    assert time.process_time() - began < seconds


def test_three_thousand_rejected_releases_are_read_once_each() -> None:
    catalogue = Catalogue(narrow_pairs(1500))

    solution = solve(lines("r.txt", ["front", "urllib<1.25.4"]), source=catalogue, target=TARGET)

    assert str(solution.pins[next(iter(solution.pins))]) == "1.0.29"
    assert len(set(catalogue.metadata_reads)) < 2960


def test_a_universe_without_conflicts_is_read_no_more_than_needed() -> None:
    catalogue = Catalogue(layers(100))

    solution = solve(lines("r.txt", ["p000", "p001"]), source=catalogue, target=TARGET)

    assert len(set(catalogue.metadata_reads)) == len(solution.pins)
