"""Explanations are true, minimal and short, whatever fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from packaging.version import Version

from tests.resolution.catalogue import Catalogue, Universe
from tests.resolution.shapes import narrow_pairs
from tests.resolution.test_oracle import TARGET, has_solution, rich_roots, rich_universes, solved
from tests.resolution.test_scenarios import lines
from trued.core.finding import Finding, Place
from trued.core.names import ProjectName
from trued.resolution.listing import Candidate, Exclusion, Listing
from trued.resolution.sentence import version_ranges
from trued.resolution.solve import GaveUp, NoSolution, SolverLimits, solve


def refusal(universe: Universe, roots: list[str]) -> Finding:
    try:
        solve(lines("requirements.txt", roots), source=Catalogue(universe), target=TARGET)
    except NoSolution as refused:
        (finding,) = refused.findings
        return finding
    raise AssertionError("there is a solution")


def told(universe: Universe, roots: list[str]) -> list[str]:
    return refusal(universe, roots).values["explanation"].splitlines()


@settings(max_examples=400, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_the_roots_that_are_named_clash_by_themselves(universe: Universe, wanted: list[str]) -> None:
    if solved(universe, wanted) is not None:
        return

    told_lines = told(universe, wanted)
    named = [text for i, text in enumerate(wanted, 1) if any(f"txt:{i} asks" in line for line in told_lines)]
    assert named
    assert solved(universe, named) is None


@settings(max_examples=300, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_every_explanation_is_short_and_comes_to_a_conclusion(universe: Universe, wanted: list[str]) -> None:
    if solved(universe, wanted) is not None:
        return

    told_lines = told(universe, wanted)
    assert 2 <= len(told_lines) <= 12
    assert any(line.startswith("so ") for line in told_lines[-2:])
    assert not any("0x" in line for line in told_lines)


@settings(max_examples=200, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_a_line_said_to_decide_alone_does(universe: Universe, wanted: list[str]) -> None:
    if solved(universe, wanted) is not None:
        return

    for i, text in enumerate(wanted, 1):
        if any(line.startswith(f"requirements.txt:{i} alone decides") for line in told(universe, wanted)):
            name = text.partition("]")[0] + "]" if "]" in text else text[0]
            opened = [*wanted[: i - 1], name, *wanted[i:]]
            assert has_solution(universe, opened, prereleases=True)


def test_thousands_of_releases_are_told_in_a_few_lines() -> None:
    universe = {name: dict(of) for name, of in narrow_pairs(600).items()}
    universe["core"] = {
        version: [line.replace("urllib>=1.20,<1.25", "urllib>=1.25.4") for line in texts]
        for version, texts in universe["core"].items()
    }

    assert told(universe, ["front", "urllib<1.25.4"]) == [
        "requirements.txt:1 asks for front",
        "front 1.0.0 to 1.3.149 each need their own range of core, all within core 1.0.0 to 1.3.149",
        "core 1.0.0 to 1.3.149 need urllib>=1.25.4 or urllib>=1.25.4,<2.1,!=2.2.0",
        "requirements.txt:2 asks for urllib<1.25.4",
        "so no release of urllib fits",
        "requirements.txt:2 alone decides: with its versions left open there is a solution",
    ]


def test_the_finding_points_to_the_first_line_that_it_names() -> None:
    finding = refusal({"a": {"1": []}, "b": {"1": []}}, ["b", "a>1"])

    assert (finding.code, finding.place) == ("TRU360", Place("requirements.txt", 2))


def test_a_search_that_stops_at_a_limit_is_not_told_as_impossible() -> None:
    universe: Universe = {"a": {"1": ["b"]}, "b": {"1": ["c"]}, "c": {"1": []}}

    with pytest.raises(GaveUp) as stopped:
        solve(
            lines("r.txt", ["a"]),
            source=Catalogue(universe),
            target=TARGET,
            limits=SolverLimits(decisions=2),
        )

    assert [finding.code for finding in stopped.value.findings] == ["TRU361"]
    assert stopped.value.exit_status == 2


def listing(*versions: str, excluded: tuple[str, ...] = ()) -> Listing:
    out = Exclusion("yanked", "yanked")
    return Listing(
        ProjectName("a"),
        tuple(Candidate(Version(one), (), out if one in excluded else None) for one in versions),
    )


def test_neighbours_are_told_as_a_range() -> None:
    assert version_ranges(listing("1", "2", "3", "4"), 0b0111) == "1 to 3"


def test_a_gap_parts_two_ranges() -> None:
    assert version_ranges(listing("1", "2", "3", "4"), 0b1011) == "1 to 2, 4"


def test_a_range_runs_over_a_prerelease_that_nobody_asked_for() -> None:
    assert version_ranges(listing("1", "2b1", "2", "3"), 0b0101) == "1 to 2"


def test_a_range_runs_over_an_excluded_release() -> None:
    assert version_ranges(listing("1", "2", "3", excluded=("2",)), 0b101) == "1 to 3"


def test_many_ranges_are_counted() -> None:
    assert version_ranges(listing(*"123456789"), 0b101010101) == "1 to 9 (5 releases)"
