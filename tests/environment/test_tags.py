"""``--platform`` and its companions describe an interpreter that is not at hand."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from trued.environment.interpreter import facts_of
from trued.environment.tags import describe, parse_python_version

if TYPE_CHECKING:
    from trued.environment.facts import Facts


@pytest.fixture
def facts(cache_folder: str) -> Facts:
    return facts_of(sys.executable, cache_folder)


def test_with_nothing_given_it_is_the_interpreter_at_hand(facts: Facts) -> None:
    described = describe(facts)

    assert described.tags == facts["tags"]
    assert described.markers == facts["markers"]
    assert described.version == facts["version"]


@pytest.mark.parametrize(
    "options",
    [
        {"platforms": ["win_amd64"]},
        {"platforms": ["macosx_11_0_arm64"]},
        {"platforms": ["manylinux2014_x86_64"], "python_version": "38"},
        {"platforms": ["manylinux_2_28_aarch64", "manylinux2014_aarch64"], "python_version": "3.12.1"},
        {"platforms": ["any"]},
        {"python_version": "3"},
        {"python_version": "310", "implementation": "pp", "abis": ["pypy310_pp73"]},
        {"python_version": "39", "implementation": "cp", "abis": ["cp39", "abi3"]},
        {"implementation": "py"},
        {"abis": ["none"]},
    ],
)
def test_the_tags_are_those_pip_computes(facts: Facts, options: dict[str, object]) -> None:
    from pip._internal.utils.compatibility_tags import get_supported

    nodot = {"3.12.1": "312"}  # pip's option parser makes this of it
    version = str(options["python_version"]) if "python_version" in options else None

    pips = get_supported(
        version=nodot.get(version or "", version),
        platforms=options.get("platforms"),  # type: ignore[arg-type]  # a list or nothing
        impl=options.get("implementation"),  # type: ignore[arg-type]  # a text or nothing
        abis=options.get("abis"),  # type: ignore[arg-type]  # a list or nothing
    )

    ours = describe(facts, **options).tags  # type: ignore[arg-type]  # as given

    assert ours == tuple(dict.fromkeys(str(tag) for tag in pips))


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("win_amd64", ("nt", "Windows", "win32", "AMD64")),
        ("win32", ("nt", "Windows", "win32", "x86")),
        ("macosx_11_0_arm64", ("posix", "Darwin", "darwin", "arm64")),
        ("macosx_10_9_x86_64", ("posix", "Darwin", "darwin", "x86_64")),
        ("manylinux2014_aarch64", ("posix", "Linux", "linux", "aarch64")),
        ("musllinux_1_2_x86_64", ("posix", "Linux", "linux", "x86_64")),
    ],
)
def test_markers_follow_the_platform(facts: Facts, platform: str, expected: tuple[str, ...]) -> None:
    markers = describe(facts, platforms=[platform]).markers

    keys = ("os_name", "platform_system", "sys_platform", "platform_machine")
    assert tuple(markers[key] for key in keys) == expected
    assert markers["platform_release"] == ""


def test_markers_follow_the_version_and_the_implementation(facts: Facts) -> None:
    markers = describe(facts, python_version="3.9", implementation="pp").markers

    assert markers["python_version"] == "3.9"
    assert markers["python_full_version"] == "3.9.0"
    assert markers["implementation_name"] == "pypy"
    assert markers["platform_python_implementation"] == "PyPy"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("3", (3,)), ("38", (3, 8)), ("312", (3, 12)), ("3.12", (3, 12)), ("3.8.1", (3, 8, 1))],
)
def test_a_python_version_has_pips_forms(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_python_version(text) == numbers


@pytest.mark.parametrize("text", ["", "three", "3.x", "3.8.1.2", "3.", "-3"])
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parse_python_version(text)
