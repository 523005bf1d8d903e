"""Projects that come from elsewhere than an index, beside those of one."""

from __future__ import annotations

import pytest
from packaging.version import Version

from tests.resolution.catalogue import Catalogue
from tests.resolution.test_scenarios import lines
from trued.core.names import ProjectName
from trued.resolution.declared import declared_targets
from trued.resolution.direct import DirectRelease, WithDirect
from trued.resolution.solution import Solution
from trued.resolution.solve import NoSolution, solve
from trued.resolution.source import CandidateMetadata

(TARGET,) = declared_targets(["3.12"], ["linux-x86_64"])
INDEX = Catalogue({"own": {"9": ["gone"]}, "dep": {"1": [], "2": []}, "other": {"1": ["own", "dep<2"]}})
URL = "own @ https://example.org/own.tar.gz"


def solved(
    *texts: str, version: str = "1.0", requires_python: str = "", ignored: bool = False, direct: bool = True
) -> Solution:
    release = DirectRelease(
        project=ProjectName("own"),
        version=Version(version),
        metadata=CandidateMetadata(requires_dist=("dep",), requires_python=requires_python),
    )
    source = WithDirect(
        INDEX, {release.project: release} if direct else {}, target=TARGET, ignore_requires_python=ignored
    )
    return solve(
        lines("requirements.txt", list(texts)),
        source=source,
        target=TARGET,
        prereleases=frozenset({release.project}),
    )


def pins(solution: Solution) -> dict[str, str]:
    return {str(name): str(version) for name, version in solution.pins.items()}


def test_it_is_the_one_release_of_its_project() -> None:
    assert pins(solved(URL)) == {"own": "1.0", "dep": "2"}


def test_what_others_need_of_it_is_met_by_it_and_bounds_its_dependencies() -> None:
    assert pins(solved(URL, "other")) == {"own": "1.0", "dep": "1", "other": "1"}


def test_a_version_that_others_exclude_is_a_conflict_and_no_reason_to_ask_the_index() -> None:
    with pytest.raises(NoSolution):
        solved(URL, "own>=2")


def test_a_development_version_satisfies_what_others_need() -> None:
    assert pins(solved(URL, "other", version="1.0.dev3"))["own"] == "1.0.dev3"


def test_one_for_another_python_cannot_be_chosen() -> None:
    with pytest.raises(NoSolution) as told:
        solved(URL, requires_python=">=3.13")

    assert "it is for Python >=3.13" in told.value.findings[0].values["explanation"]


def test_unless_that_is_to_be_ignored() -> None:
    assert pins(solved(URL, requires_python=">=3.13", ignored=True))["own"] == "1.0"


def test_other_projects_are_the_indexs() -> None:
    assert pins(solved("dep", direct=False)) == {"dep": "2"}
