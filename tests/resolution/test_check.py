"""The check refuses every answer that the search must not give."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.version import Version

from tests.resolution.catalogue import Catalogue
from tests.resolution.test_scenarios import lines
from trued.core.names import ProjectName
from trued.resolution.admission import Admission, Admitted
from trued.resolution.check import violations
from trued.resolution.declared import declared_targets
from trued.resolution.dependency import DependencyReader
from trued.resolution.listing import Exclusion
from trued.resolution.provider import Demand, PackageProvider
from trued.resolution.solution import Solution
from trued.resolution.solve import solve

(TARGET,) = declared_targets(["3.12"], ["linux-x86_64"])
A, B, C = ProjectName("a"), ProjectName("b"), ProjectName("c")
CATALOGUE = Catalogue(
    {
        "a": {"1": ["b>=2", "c; extra == 'x'"]},
        "b": {"1": [], "2": [], "3": []},
        "c": {"1": []},
    },
    excluded={("b", "3"): Exclusion("too-young", "uploaded 2 days ago")},
)
ROOTS = lines("requirements.txt", ["a[x]"])
CONSTRAINTS = lines("constraints.txt", ["b<3"])


def found() -> Solution:
    return solve(ROOTS, source=CATALOGUE, target=TARGET, constraints=CONSTRAINTS)


def told(solution: Solution) -> list[str]:
    reader = DependencyReader(TARGET)
    provider = PackageProvider(CATALOGUE, reader, Admission(Admitted()))
    roots, constraints = (
        [Demand(root, reader.parse(root.text)) for root in group] for group in (ROOTS, CONSTRAINTS)
    )
    return violations(solution, roots, constraints, provider)


def without(solution: Solution, project: ProjectName) -> Solution:
    return replace(solution, pins={name: at for name, at in solution.pins.items() if name != project})


def test_an_answer_of_the_search_passes() -> None:
    assert told(found()) == []


def test_a_requirement_that_a_pin_does_not_satisfy_is_found() -> None:
    wrong = replace(found(), pins={**found().pins, B: Version("1")})

    assert told(wrong) == ["b>=2 is not met by b 1"]


def test_a_project_that_is_missing_is_found() -> None:
    assert told(without(found(), B)) == ["b>=2 is not met: b is not chosen"]


def test_an_extra_whose_requirement_is_missing_is_found() -> None:
    assert told(without(found(), C)) == ["c; extra == 'x' is not met: c is not chosen"]


def test_an_extra_that_was_forgotten_is_found() -> None:
    assert told(replace(found(), extras={})) == ["the extra x of a 1 is missing"]


def test_a_pin_outside_of_a_constraint_and_excluded_is_found() -> None:
    wrong = replace(found(), pins={**found().pins, B: Version("3")})

    assert told(wrong) == ["b 3 breaks b<3", "b 3 is excluded: uploaded 2 days ago"]


def test_a_version_that_is_not_listed_is_found() -> None:
    wrong = replace(found(), pins={**found().pins, B: Version("2.5")})

    assert told(wrong) == ["b 2.5 is not listed"]


def test_a_project_that_nothing_needs_is_found() -> None:
    extra = ProjectName("d")
    solution = found()
    wrong = replace(
        solution,
        pins={**solution.pins, extra: Version("1")},
        metadata={**solution.metadata, extra: solution.metadata[C]},
    )

    assert "d 1 is needed by nothing" in told(wrong)


def test_the_check_reads_the_metadata_and_not_the_edges_of_the_search() -> None:
    assert told(replace(found(), needs={}, edges={})) == []


@pytest.mark.parametrize("project", [A, B, C])
def test_no_project_can_be_left_out(project: ProjectName) -> None:
    assert told(without(found(), project)) != []
