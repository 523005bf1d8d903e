"""Markers tell the chosen targets from the others, exactly: ``packaging`` evaluates what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from trued.resolution.declared import PLATFORMS, declared_targets
from trued.resolution.marker_text import environment_marker, marker_for
from trued.resolution.target import Target

PYTHONS = ("3.9", "3.10", "3.11", "3.12")
TARGETS = declared_targets(PYTHONS, PLATFORMS)
FEW = declared_targets(PYTHONS, ["linux-x86_64", "macos-arm64", "windows-x86_64"])


def where(*names: str) -> list[Target]:
    return [target for target in FEW if any(name in target.name for name in names)]


@given(st.sets(st.sampled_from(range(len(TARGETS))), min_size=1))
def test_a_marker_holds_on_the_chosen_targets_and_on_no_other(chosen: set[int]) -> None:
    text = marker_for([TARGETS[i] for i in chosen], TARGETS)

    holds = {i for i, one in enumerate(TARGETS) if text is None or Marker(text).evaluate(dict(one.markers))}
    assert holds == chosen


@given(st.sets(st.sampled_from(range(len(FEW))), min_size=1))
def test_a_marker_does_not_depend_on_the_order_of_the_targets(chosen: set[int]) -> None:
    picked = [FEW[i] for i in sorted(chosen)]

    assert marker_for(picked, FEW) == marker_for(picked[::-1], FEW)


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (where("linux"), "sys_platform == 'linux'"),
        (where("linux", "macos"), "sys_platform != 'win32'"),
        (where("3.9"), "python_version < '3.10'"),
        (where("3.11", "3.12"), "python_version >= '3.11'"),
        (where("3.10"), "python_version == '3.10'"),
        (where("3.10", "3.11"), "python_version >= '3.10' and python_version < '3.12'"),
        (where("3.9", "3.11", "3.12"), "python_version != '3.10'"),
        (where("windows-x86_64 3.9"), "sys_platform == 'win32' and python_version < '3.10'"),
        (
            [*where("linux"), *where("3.9")],
            "python_version < '3.10' or sys_platform == 'linux'",
        ),
        (list(FEW), None),
    ],
)
def test_a_marker_is_short(chosen: list[Target], text: str | None) -> None:
    assert marker_for(chosen, FEW) == text


def test_processors_are_named_only_where_platforms_do_not_tell() -> None:
    arm = [target for target in TARGETS if "linux-aarch64" in target.name]

    assert marker_for(arm, TARGETS) == "platform_machine == 'aarch64'"


def test_patch_releases_of_one_python_are_told_apart_by_the_full_version() -> None:
    old, new = declared_targets(["3.11.2", "3.11.9"], ["linux-x86_64"])

    assert marker_for([old], [old, new]) == "python_full_version < '3.11.9'"


def test_targets_with_the_same_markers_cannot_be_told_apart() -> None:
    (one,) = declared_targets(["3.12"], ["linux-x86_64"])
    twin = Target(name="twin", markers=one.markers)

    with pytest.raises(ValueError, match="told apart"):
        marker_for([one], [one, twin])


def test_the_marker_of_an_environment_holds_there_alone() -> None:
    for target in TARGETS:
        marker = Marker(environment_marker(target, TARGETS))

        assert [one for one in TARGETS if marker.evaluate(dict(one.markers))] == [target]
