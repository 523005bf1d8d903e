"""The solver against brute force: on small universes, cycles included, it must be right both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from tests.resolution.catalogue import Catalogue, Universe
from tests.resolution.test_scenarios import lines
from trued.core.names import ProjectName
from trued.resolution.declared import declared_targets
from trued.resolution.solve import NoSolution, Solution, solve

PROJECTS = ("a", "b", "c", "d")
FEW_PROJECTS = PROJECTS[:3]
(TARGET,) = declared_targets(["3.12"], ["linux-x86_64"])

specifiers = st.sampled_from(["", "==1", "==2", ">=2", "<2", "<3", "!=2", ">3"])
requirements = st.builds(lambda name, specifier: name + specifier, st.sampled_from(PROJECTS), specifiers)
releases = st.dictionaries(st.sampled_from(["1", "2", "3"]), st.lists(requirements, max_size=2), max_size=3)
universes = st.fixed_dictionaries(dict.fromkeys(PROJECTS, releases))
roots = st.lists(requirements, min_size=1, max_size=3)

rich_requirements = st.builds(
    lambda name, extras, specifier: name + extras + specifier,
    st.sampled_from(FEW_PROJECTS),
    st.sampled_from(["", "", "[x]", "[y]", "[x,y]"]),
    st.sampled_from(["", "==1", ">=2", "<2", ">=2b1", "==2b1", "!=3"]),
)
conditions = st.sampled_from(
    ["", "", "; extra == 'x'", "; extra == 'y'", "; sys_platform == 'win32'", "; python_version >= '3.8'"]
)
rich_lines = st.builds(lambda wanted, condition: wanted + condition, rich_requirements, conditions)
rich_releases = st.dictionaries(
    st.sampled_from(["1", "2b1", "2", "3", "4a1"]), st.lists(rich_lines, max_size=3), max_size=3
)
rich_universes = st.fixed_dictionaries(dict.fromkeys(FEW_PROJECTS, rich_releases))
rich_roots = st.lists(rich_requirements, min_size=1, max_size=3)


def holds(universe: Universe, pins: dict[str, str], wanted: Iterable[str]) -> bool:
    """Follow every requirement, extras and markers as ``packaging`` reads them, from *wanted*."""
    waiting = [Requirement(text) for text in wanted]
    seen: set[tuple[str, str]] = set()
    while waiting:
        one = waiting.pop()
        if one.name not in pins or not one.specifier.contains(Version(pins[one.name]), prereleases=True):
            return False
        for extra in ("", *one.extras):
            if (one.name, extra) not in seen:
                seen.add((one.name, extra))
                waiting.extend(needs(universe[one.name][pins[one.name]], extra))
    return True


def needs(texts: Iterable[str], extra: str) -> list[Requirement]:
    parsed = [Requirement(text) for text in texts]
    environment = {**TARGET.markers, "extra": extra}
    return [one for one in parsed if one.marker is None or one.marker.evaluate(environment)]


def has_solution(universe: Universe, wanted: Sequence[str], *, prereleases: bool) -> bool:
    choices = [
        [None, *(text for text in of if prereleases or not Version(text).is_prerelease)]
        for of in universe.values()
    ]
    picks = (dict(zip(universe, pick, strict=True)) for pick in product(*choices))
    return any(
        holds(universe, {name: version for name, version in pick.items() if version}, wanted)
        for pick in picks
    )


def solved(universe: Universe, wanted: list[str]) -> Solution | None:
    try:
        return solve(lines("requirements.txt", wanted), source=Catalogue(universe), target=TARGET)
    except NoSolution:
        return None


def pins_of(solution: Solution) -> dict[str, str]:
    return {str(name): str(version) for name, version in solution.pins.items()}


@settings(max_examples=500, deadline=None)
@given(universe=universes, wanted=roots)
def test_it_finds_a_solution_exactly_when_there_is_one_and_the_solution_holds(
    universe: Universe, wanted: list[str]
) -> None:
    answer = solved(universe, wanted)

    assert (answer is not None) == has_solution(universe, wanted, prereleases=True)
    assert answer is None or holds(universe, pins_of(answer), wanted)


@settings(max_examples=500, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_a_solution_with_extras_markers_and_prereleases_holds(universe: Universe, wanted: list[str]) -> None:
    answer = solved(universe, wanted)

    assert answer is None or holds(universe, pins_of(answer), wanted)


@settings(max_examples=500, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_a_solution_of_final_releases_is_never_missed(universe: Universe, wanted: list[str]) -> None:
    if solved(universe, wanted) is None:
        assert not has_solution(universe, wanted, prereleases=False)


@settings(max_examples=200, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_nothing_is_missed_when_all_prereleases_are_admitted(universe: Universe, wanted: list[str]) -> None:
    try:
        solve(lines("r.txt", wanted), source=Catalogue(universe), target=TARGET, all_prereleases=True)
    except NoSolution:
        assert not has_solution(universe, wanted, prereleases=True)


@settings(max_examples=200, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
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


@settings(max_examples=200, deadline=None)
@given(universe=rich_universes, wanted=rich_roots)
def test_a_solution_that_is_kept_as_a_lock_is_found_again(universe: Universe, wanted: list[str]) -> None:
    first = solved(universe, wanted)

    if first is not None:
        again = solve(
            lines("r.txt", wanted), source=Catalogue(universe), target=TARGET, preferences=first.pins
        )
        assert again.pins == first.pins
