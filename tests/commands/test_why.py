"""``trued why`` and ``trued why-not``: who needs a project, and what keeps a version away."""

from __future__ import annotations

import pytest

from tests.commands.conftest import Machine, make_wheel


@pytest.fixture
def offered(machine: Machine) -> Machine:
    machine.index.add(make_wheel("top", requires=("left", "right")))
    machine.index.add(make_wheel("left", requires=("leaf<2",)))
    machine.index.add(make_wheel("right", requires=("leaf",)))
    machine.index.add(make_wheel("leaf", "1.0"))
    machine.index.add(make_wheel("leaf", "2.0"))
    return machine


def test_every_way_to_a_project_is_told_with_what_was_asked_for(offered: Machine) -> None:
    offered.trued("lock", "top>=1")

    ran = offered.trued("why", "leaf")

    assert ran.out.splitlines() == [
        "top 1.0 -> left 1.0 -> leaf 1.0 (asked for: top>=1)",
        "top 1.0 -> right 1.0 -> leaf 1.0 (asked for: top>=1)",
    ]


def test_a_project_that_nothing_leads_to_is_told(offered: Machine) -> None:
    offered.trued("lock", "leaf")

    assert (offered.trued("why", "top").status, offered.trued("why", "top").codes) == (1, ["TRU583"])


def test_nothing_stands_against_a_version_that_can_be_had(offered: Machine) -> None:
    ran = offered.trued("why-not", "leaf==2.0")

    assert ran.status == 0
    assert "nothing stands against leaf==2.0" in ran.out


def test_a_version_that_others_exclude_is_explained_by_who(offered: Machine) -> None:
    ran = offered.trued("why-not", "leaf==2.0", "top")

    assert (ran.status, ran.codes) == (1, ["TRU360"])
    assert "leaf<2" in ran.err


def test_a_version_for_other_pythons_is_told_with_what_it_needs(offered: Machine) -> None:
    offered.index.add(make_wheel("leaf", "3.0"), requires_python=">=4")

    ran = offered.trued("why-not", "leaf==3.0")

    assert (ran.status, ran.codes) == (1, ["TRU585"])
    assert "needs Python >=4" in ran.err


def test_a_yanked_version_can_be_had_by_pin_and_is_told(offered: Machine) -> None:
    offered.index.add(make_wheel("leaf", "3.0"), yanked="broken")

    ran = offered.trued("why-not", "leaf==3.0")

    assert (ran.status, ran.codes) == (0, ["TRU349"])
    assert "broken" in ran.err


def test_a_release_without_a_fitting_wheel_is_named(offered: Machine) -> None:
    offered.index.add(make_wheel("leaf", "3.0", tag="cp38-abi3-win_amd64"))

    ran = offered.trued("why-not", "leaf==3.0")

    assert (ran.status, ran.codes) == (1, ["TRU585"])
    assert "no wheel fits" in ran.err


def test_a_version_or_project_that_nobody_offers(offered: Machine) -> None:
    assert offered.trued("why-not", "leaf==9").codes == ["TRU550"]
    assert offered.trued("why-not", "nobody==9").codes == ["TRU352"]


def test_anything_but_one_version_is_a_mistake_of_the_call(offered: Machine) -> None:
    assert (offered.trued("why-not", "leaf>1").status, offered.trued("why-not", "leaf").codes) == (
        2,
        ["TRU584"],
    )
