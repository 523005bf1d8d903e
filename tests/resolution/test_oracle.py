"""The solver against brute force: on small universes, cycles included, it must be right both ways."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from tests.resolution.catalogue import Catalogue, Universe
from trued.core.finding import Place
from trued.core.names import ProjectName
from trued.resolution.solve import NoSolution, Root, Solution, solve
from trued.resolution.target import Target

PROJECTS = ("a", "b", "c", "d")
VERSIONS = ("1", "2", "3")
TARGET = Target(name="test")

specifiers = st.sampled_from(["", "==1", "==2", ">=2", "<2", "<3", "!=2", ">3"])
requirements = st.builds(lambda name, specifier: name + specifier, st.sampled_from(PROJECTS), specifiers)
releases = st.dictionaries(st.sampled_from(VERSIONS), st.lists(requirements, max_size=2), max_size=3)
universes = st.fixed_dictionaries(dict.fromkeys(PROJECTS, releases))
roots = st.lists(requirements, min_size=1, max_size=3)


def satisfies(pins: dict[str, str], wanted: list[str]) -> bool:
    parsed = [Requirement(text) for text in wanted]
    return all(one.name in pins and Version(pins[one.name]) in one.specifier for one in parsed)


def is_solution(universe: Universe, pins: dict[str, str], wanted: list[str]) -> bool:
    return satisfies(pins, wanted) and all(
        satisfies(pins, list(universe[name][version])) for name, version in pins.items()
    )


def has_solution(universe: Universe, wanted: list[str]) -> bool:
    choices = [[None, *universe[name]] for name in PROJECTS]
    picks = (dict(zip(PROJECTS, pick, strict=True)) for pick in product(*choices))
    return any(
        is_solution(universe, {name: version for name, version in pick.items() if version}, wanted)
        for pick in picks
    )


def solved(universe: Universe, wanted: list[str]) -> Solution | None:
    asked = [Root(text, Place("requirements.txt", line)) for line, text in enumerate(wanted, 1)]
    try:
        return solve(asked, source=Catalogue(universe), target=TARGET)
    except NoSolution:
        return None


@settings(max_examples=600, deadline=None)
@given(universe=universes, wanted=roots)
def test_it_finds_a_solution_exactly_when_there_is_one_and_the_solution_holds(
    universe: Universe, wanted: list[str]
) -> None:
    answer = solved(universe, wanted)

    if answer is None:
        assert not has_solution(universe, wanted)
    else:
        pins: dict[str, str] = {str(name): str(version) for name, version in answer.pins.items()}
        assert is_solution(universe, pins, wanted)


@settings(max_examples=200, deadline=None)
@given(universe=universes, wanted=roots)
def test_nothing_is_chosen_that_nobody_needs(universe: Universe, wanted: list[str]) -> None:
    answer = solved(universe, wanted)

    if answer is not None:
        reached: set[ProjectName] = set()
        waiting = list(answer.roots)
        while waiting:
            project = waiting.pop()
            if project not in reached:
                reached.add(project)
                waiting.extend(answer.needs[project])
        assert reached == set(answer.pins)
