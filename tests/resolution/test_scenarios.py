"""Scenarios as data: a universe, what is asked, and the versions or the explanation that come of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from tests.resolution.catalogue import Catalogue
from trued.core.finding import Place
from trued.core.names import ProjectName
from trued.resolution.declared import declared_targets
from trued.resolution.listing import Exclusion
from trued.resolution.solve import NoSolution, Root, Solution, solve

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(kw_only=True)
class Scenario:
    """One table of a scenario file; ``excluded`` rows are project, version, reason and text."""

    name: str
    roots: list[str]
    universe: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    constraints: list[str] = field(default_factory=list)
    excluded: list[tuple[str, str, str, str]] = field(default_factory=list)
    lock: dict[str, str] = field(default_factory=dict)
    prereleases: bool = False
    python: str = "3.12"
    platform: str = "linux-x86_64"
    pins: dict[str, str] | None = None
    extras: dict[str, list[str]] | None = None
    findings: list[str] = field(default_factory=list)
    explanation: list[str] | None = None

    def solved(self) -> Solution:
        (target,) = declared_targets([self.python], [self.platform])
        excluded = {(project, version): Exclusion(why, text) for project, version, why, text in self.excluded}
        return solve(
            lines("requirements.txt", self.roots),
            source=Catalogue(self.universe, excluded=excluded),
            target=target,
            constraints=lines("constraints.txt", self.constraints),
            preferences={ProjectName(name): Version(text) for name, text in self.lock.items()},
            all_prereleases=self.prereleases,
        )


def lines(file: str, texts: list[str]) -> list[Root]:
    return [Root(text, Place(file, line)) for line, text in enumerate(texts, 1)]


def scenarios() -> list[Scenario]:
    tables: list[dict[str, Any]] = []
    for path in sorted(FOLDER.glob("*.toml")):
        tables.extend(tomllib.loads(path.read_text(encoding="utf-8"))["scenario"])
    return [Scenario(**table) for table in tables]


ALL = scenarios()
SOLVABLE = [one for one in ALL if one.pins is not None]
IMPOSSIBLE = [one for one in ALL if one.explanation is not None]


def test_each_scenario_says_how_it_ends() -> None:
    assert len(SOLVABLE) + len(IMPOSSIBLE) == len(ALL) == len({one.name for one in ALL})


@pytest.mark.parametrize("scenario", SOLVABLE, ids=lambda one: one.name)
def test_the_versions_are_those_expected(scenario: Scenario) -> None:
    solution = scenario.solved()

    assert {project: str(version) for project, version in solution.pins.items()} == scenario.pins
    assert [finding.code for finding in solution.findings] == scenario.findings
    if scenario.extras is not None:
        assert {name: sorted(extras) for name, extras in solution.extras.items()} == scenario.extras


@pytest.mark.parametrize("scenario", IMPOSSIBLE, ids=lambda one: one.name)
def test_the_explanation_is_the_one_expected(scenario: Scenario) -> None:
    with pytest.raises(NoSolution) as refused:
        scenario.solved()

    (finding,) = refused.value.findings
    assert finding.values["explanation"].splitlines() == scenario.explanation


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
def test_the_order_of_the_listing_changes_nothing(scenario: Scenario) -> None:
    turned = Scenario(**{name: getattr(scenario, name) for name in Scenario.__dataclass_fields__})
    turned.universe = {name: dict(reversed(of.items())) for name, of in reversed(scenario.universe.items())}

    assert outcome(turned) == outcome(scenario)


def outcome(scenario: Scenario) -> object:
    try:
        solution = scenario.solved()
    except NoSolution as refused:
        return refused.findings
    return solution
