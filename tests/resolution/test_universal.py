"""Several targets at once: one lock, with markers where targets differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.version import Version

from tests.resolution.catalogue import Catalogue, Universe
from tests.resolution.test_scenarios import lines
from trued.core.finding import Place
from trued.core.names import ProjectName
from trued.resolution.declared import declared_targets
from trued.resolution.listing import Exclusion
from trued.resolution.solve import NoSolution, Root
from trued.resolution.target import Target
from trued.resolution.universal import Case, UniversalPackage, UniversalSolution, solve_universal

TARGETS = declared_targets(["3.10", "3.11", "3.12"], ["linux-x86_64", "macos-arm64", "windows-x86_64"])


def solved(
    universe: Universe,
    roots: Sequence[Root],
    *,
    targets: Sequence[Target] = TARGETS,
    excluded: Mapping[str, tuple[str, str]] | None = None,
    locked: Mapping[str, str] | None = None,
) -> UniversalSolution:
    """Resolve; ``excluded`` maps a part of a target's name to the project and version excluded there."""
    cases = []
    for target in targets:
        out = {
            pair: Exclusion("no-wheel", "no wheel")
            for part, pair in (excluded or {}).items()
            if part in target.name
        }
        kept = {ProjectName(name): Version(text) for name, text in (locked or {}).items()}
        cases.append(Case(target=target, source=Catalogue(universe, excluded=out), preferences=kept))
    return solve_universal(roots, cases)


def markers(solution: UniversalSolution) -> dict[str, str | None]:
    return {f"{one.project} {one.version}": one.marker for one in solution.packages}


def package(solution: UniversalSolution, name: str) -> UniversalPackage:
    (found,) = [one for one in solution.packages if one.project == name]
    return found


def test_what_every_target_needs_has_no_marker() -> None:
    solution = solved({"a": {"1": ["b"]}, "b": {"1": []}}, lines("r.txt", ["a"]))

    assert markers(solution) == {"a 1": None, "b 1": None}


def test_what_one_platform_needs_is_marked_by_it() -> None:
    universe: Universe = {"a": {"1": ["colorama; sys_platform == 'win32'"]}, "colorama": {"1": []}}

    assert markers(solved(universe, lines("r.txt", ["a"])))["colorama 1"] == "sys_platform == 'win32'"


def test_what_old_pythons_need_is_marked_by_version() -> None:
    universe: Universe = {"a": {"1": ["tomli; python_version < '3.11'"]}, "tomli": {"1": []}}

    assert markers(solved(universe, lines("r.txt", ["a"])))["tomli 1"] == "python_version < '3.11'"


def test_one_project_at_two_versions_has_markers_that_exclude_each_other() -> None:
    universe: Universe = {"numpy": {"1": [], "2": []}}
    roots = lines("r.txt", ["numpy<2; python_version < '3.11'", "numpy>=2; python_version >= '3.11'"])

    assert markers(solved(universe, roots)) == {
        "numpy 1": "python_version < '3.11'",
        "numpy 2": "python_version >= '3.11'",
    }


def test_a_version_of_an_earlier_target_is_kept_where_it_can_be() -> None:
    solution = solved(
        {"a": {"1": [], "2": []}}, lines("r.txt", ["a"]), excluded={"linux-x86_64 3.10": ("a", "2")}
    )

    assert markers(solution) == {"a 1": None}


def test_a_locked_version_goes_before_that_of_an_earlier_target() -> None:
    solution = solved({"a": {"1": [], "2": [], "3": []}}, lines("r.txt", ["a"]), locked={"a": "2"})

    assert markers(solution) == {"a 2": None}


def test_a_release_that_one_target_cannot_have_differs_there_alone() -> None:
    universe: Universe = {"a": {"1": [], "2": []}}

    solution = solved(universe, lines("r.txt", ["a"]), excluded={"windows": ("a", "2")})

    assert markers(solution) == {"a 1": "sys_platform == 'win32'", "a 2": "sys_platform != 'win32'"}


def test_edges_have_markers_of_their_own() -> None:
    universe: Universe = {
        "a": {"1": ["b", "c; sys_platform == 'linux'"], "2": []},
        "b": {"1": []},
        "c": {"1": []},
    }

    edges = package(solved(universe, lines("r.txt", ["a<2"])), "a").dependencies

    assert [(edge.project, edge.marker) for edge in edges] == [("b", None), ("c", "sys_platform == 'linux'")]


def test_extras_of_all_targets_are_gathered() -> None:
    universe: Universe = {"a": {"1": ["b; extra == 'x'", "b; extra == 'y'"]}, "b": {"1": []}}
    roots = lines("r.txt", ["a[x]; sys_platform == 'linux'", "a[y]"])

    assert package(solved(universe, roots), "a").extras == ("x", "y")


def test_what_only_a_group_needs_is_marked_by_the_group() -> None:
    universe: Universe = {
        "a": {"1": ["shared"]},
        "t": {"1": ["shared", "tool"]},
        "shared": {"1": []},
        "tool": {"1": []},
    }
    roots = [
        Root("a", Place("pyproject.toml", 1)),
        Root("t", Place("pyproject.toml", 2), "'dev' in dependency_groups"),
    ]

    assert markers(solved(universe, roots)) == {
        "a 1": None,
        "shared 1": None,
        "t 1": "'dev' in dependency_groups",
        "tool 1": "'dev' in dependency_groups",
    }


def test_a_group_and_a_platform_join_in_one_marker() -> None:
    universe: Universe = {
        "t": {"1": ["w; sys_platform == 'win32'"]},
        "w": {"1": []},
        "m": {"1": ["w; sys_platform == 'darwin'"]},
    }
    roots = [
        Root("m", Place("pyproject.toml", 1)),
        Root("t", Place("pyproject.toml", 2), "'dev' in dependency_groups"),
    ]

    marker = markers(solved(universe, roots))["w 1"]

    assert marker == ("sys_platform == 'darwin' or ('dev' in dependency_groups and sys_platform == 'win32')")


def test_each_target_has_an_environment_marker() -> None:
    solution = solved({"a": {"1": []}}, lines("r.txt", ["a"]))

    assert len(solution.environments) == len(TARGETS)
    assert solution.environments[0] == (
        "sys_platform == 'linux' and python_version == '3.10' and platform_machine == 'x86_64'"
    )


def test_targets_that_fail_alike_are_told_once() -> None:
    with pytest.raises(NoSolution) as refused:
        solved({"a": {"1": []}}, lines("r.txt", ["a>1; sys_platform != 'linux'"]), targets=TARGETS[:3])

    (finding,) = refused.value.findings
    assert finding.subject == "macos-arm64 3.10, windows-x86_64 3.10"


names = ("a", "b", "c")
conditions = st.sampled_from(
    ["", "", "; sys_platform == 'win32'", "; python_version < '3.11'", "; platform_machine == 'arm64'"]
)
wants = st.builds(
    lambda name, spec, marker: name + spec + marker,
    st.sampled_from(names),
    st.sampled_from(["", "==1", ">=2"]),
    conditions,
)
universes = st.fixed_dictionaries(
    dict.fromkeys(
        names, st.dictionaries(st.sampled_from(["1", "2"]), st.lists(wants, max_size=2), min_size=1)
    )
)


@settings(max_examples=80, deadline=None)
@given(universe=universes, roots=st.lists(wants, min_size=1, max_size=3))
def test_on_each_target_the_markers_select_what_was_solved_there(
    universe: Universe, roots: list[str]
) -> None:
    try:
        solution = solved(universe, lines("r.txt", roots))
    except NoSolution:
        return

    for target in TARGETS:
        chosen = {
            one.project: one.version
            for one in solution.packages
            if one.marker is None or Marker(one.marker).evaluate(dict(target.markers))
        }
        assert chosen == solution.solutions[target.name].pins
