"""A usual interpreter tells its tags and markers without packaging and platform, and tells the same."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import ModuleType, SimpleNamespace

import pytest
from packaging.markers import default_environment
from packaging.tags import compatible_tags, cpython_tags, sys_tags

from trued.environment import probe

pytestmark = pytest.mark.skipif(
    not sysconfig.get_platform().startswith("linux-") or not probe.glibc_minor(),
    reason="told plainly on Linux with the GNU C library only",
)


def of_packaging(version: tuple[int, int], *, threaded: bool = False) -> list[str]:
    """Return what packaging tells of that version of CPython on this machine."""
    name = f"cp{version[0]}{version[1]}"
    abis = [name + ("t" if threaded else "")]
    found = [*cpython_tags(version, abis), *compatible_tags(version, name)]
    return [str(tag) for tag in found]


def told_by(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], **variables: object) -> list[str]:
    """Return what the probe would tell in that version of CPython."""
    known = {"py_version_nodot": f"{version[0]}{version[1]}", **variables}
    monkeypatch.setattr(sys, "version_info", (*version, 0))
    monkeypatch.setattr(sysconfig, "get_config_var", known.get)
    return probe.plain_tags()


def test_the_tags_are_those_of_packaging() -> None:
    assert probe.plain_tags() == [str(tag) for tag in sys_tags()]


@pytest.mark.parametrize("minor", range(8, 18))
def test_the_tags_are_those_of_packaging_for_other_versions(
    monkeypatch: pytest.MonkeyPatch, minor: int
) -> None:
    expected = of_packaging((3, minor))

    assert told_by(monkeypatch, (3, minor)) == expected


@pytest.mark.parametrize("minor", [13, 14, 15, 16])
def test_the_tags_of_a_build_without_the_lock_are_those_of_packaging(
    monkeypatch: pytest.MonkeyPatch, minor: int
) -> None:
    expected = of_packaging((3, minor), threaded=True)

    assert told_by(monkeypatch, (3, minor), Py_GIL_DISABLED=1) == expected


def test_arm_is_told_as_packaging_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "linux-aarch64")

    assert probe.plain_tags() == [str(tag) for tag in sys_tags()]


@pytest.mark.parametrize("library", ["musl 1.2", "glibc 3.0", "glibc 2", "", None])
def test_another_c_library_is_left_to_packaging(monkeypatch: pytest.MonkeyPatch, library: str | None) -> None:
    monkeypatch.setattr(os, "confstr", lambda _name: library)

    assert probe.plain_tags() == []


def test_a_c_library_that_does_not_tell_its_version_is_left_to_packaging(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(_name: str) -> str:
        raise ValueError

    monkeypatch.setattr(os, "confstr", unknown)

    assert probe.plain_tags() == []


@pytest.mark.parametrize("machine", ["linux-i686", "linux-armv7l", "linux-riscv64", "macosx-14.0-arm64"])
def test_another_machine_is_left_to_packaging(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: machine)

    assert probe.plain_tags() == []


def test_a_debug_build_is_left_to_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told_by(monkeypatch, (3, 11), Py_DEBUG=1) == []


def test_another_implementation_is_left_to_packaging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))

    assert probe.plain_tags() == []


def test_where_a_distribution_has_a_say_about_manylinux_packaging_asks_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "_manylinux", ModuleType("_manylinux"))

    assert probe.plain_tags() == []


def test_the_markers_are_those_of_packaging() -> None:
    told = probe.marker_environment()

    assert told == {name: value for name, value in default_environment().items() if name in told}
