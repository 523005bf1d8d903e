"""Targets by name: the markers and wheel tags that a machine of that kind has."""

from __future__ import annotations

import pytest
from packaging.markers import default_environment

from trued.core.errors import UsageError
from trued.resolution.declared import PLATFORMS, declared_targets


def test_every_python_stands_on_every_platform() -> None:
    targets = declared_targets(["3.11", "3.12"], ["linux-x86_64", "macos-arm64"])

    assert [target.name for target in targets] == [
        "linux-x86_64 3.11",
        "macos-arm64 3.11",
        "linux-x86_64 3.12",
        "macos-arm64 3.12",
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_marker_is_left_to_the_running_interpreter(platform: str) -> None:
    (target,) = declared_targets(["3.12"], [platform])

    assert set(target.markers) == set(default_environment())
    assert all(set(markers) == set(default_environment()) for markers in target.also)


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        ("linux-x86_64", "cp312-cp312-manylinux_2_17_x86_64"),
        ("linux-x86_64", "cp312-abi3-manylinux2014_x86_64"),
        ("linux-aarch64", "cp312-cp312-manylinux_2_28_aarch64"),
        ("macos-arm64", "cp312-cp312-macosx_11_0_arm64"),
        ("macos-arm64", "cp39-abi3-macosx_11_0_universal2"),
        ("macos-x86_64", "cp312-cp312-macosx_10_9_x86_64"),
        ("windows-x86_64", "cp312-cp312-win_amd64"),
        ("windows-arm64", "cp312-cp312-win_arm64"),
        ("windows-x86_64", "py3-none-any"),
    ],
)
def test_a_wheel_fits_by_its_tag(platform: str, tag: str) -> None:
    (target,) = declared_targets(["3.12"], [platform])

    assert tag in target.tags


@pytest.mark.parametrize("tag", ["cp313-cp313-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_39_x86_64"])
def test_a_wheel_for_another_python_or_a_newer_system_does_not_fit(tag: str) -> None:
    (target,) = declared_targets(["3.12"], ["linux-x86_64"])

    assert tag not in target.tags


def test_a_python_without_patch_number_stands_for_the_first_and_the_last() -> None:
    (target,) = declared_targets(["3.12"], ["linux-x86_64"])

    assert target.python_full_version == "3.12.99"
    assert [markers["python_full_version"] for markers in target.also] == ["3.12.0"]


def test_a_python_with_patch_number_is_taken_as_it_is() -> None:
    (target,) = declared_targets(["3.12.4"], ["linux-x86_64"])

    assert target.python_full_version == "3.12.4"
    assert target.also == ()


def test_all_names_that_are_not_understood_are_told_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        declared_targets(["3.12", "three"], ["amiga", "linux-x86_64", "beos"])

    assert [(finding.code, finding.subject) for finding in refused.value.findings] == [
        ("TRU364", "amiga"),
        ("TRU364", "beos"),
        ("TRU366", "three"),
    ]
