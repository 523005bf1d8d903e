"""Targets that are named rather than asked: a Python version on a platform that may not be at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass
from trued.resolution.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PLATFORMS", "declared_targets"]

_LAST_PATCH = 99
"""Stands for the newest patch release of a Python, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Platform:
    os_name: str
    sys_platform: str
    platform_system: str
    platform_machine: str
    wheel_platforms: tuple[str, ...]


def _linux(machine: str, *, oldest: int) -> _Platform:
    """Take glibc 2.28 and older, which every distribution in support has (PEP 600)."""
    older_names = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags: list[str] = []
    for minor in range(28, oldest - 1, -1):
        tags.append(f"manylinux_2_{minor}_{machine}")
        if minor in older_names:
            tags.append(f"{older_names[minor]}_{machine}")
    return _Platform(
        os_name="posix",
        sys_platform="linux",
        platform_system="Linux",
        platform_machine=machine,
        wheel_platforms=(*tags, f"linux_{machine}"),
    )


def _macos(machine: str) -> _Platform:
    from packaging.tags import mac_platforms

    return _Platform(
        os_name="posix",
        sys_platform="darwin",
        platform_system="Darwin",
        platform_machine=machine,
        wheel_platforms=tuple(mac_platforms((14, 0), machine)),
    )


def _windows(machine: str, tag: str) -> _Platform:
    return _Platform(
        os_name="nt",
        sys_platform="win32",
        platform_system="Windows",
        platform_machine=machine,
        wheel_platforms=(tag,),
    )


PLATFORMS = (
    "linux-x86_64",
    "linux-aarch64",
    "macos-arm64",
    "macos-x86_64",
    "windows-x86_64",
    "windows-arm64",
)
"""The platforms that have a name; ``linux-arm64`` is another name of ``linux-aarch64``."""


def _platform(name: str) -> _Platform | None:
    match name:
        case "linux-x86_64":
            return _linux("x86_64", oldest=5)
        case "linux-aarch64" | "linux-arm64":
            return _linux("aarch64", oldest=17)
        case "macos-arm64" | "macos-x86_64":
            return _macos(name.removeprefix("macos-"))
        case "windows-x86_64":
            return _windows("AMD64", "win_amd64")
        case "windows-arm64":
            return _windows("ARM64", "win_arm64")
        case _:
            return None


def declared_targets(pythons: Sequence[str], platforms: Sequence[str]) -> tuple[Target, ...]:
    """Return a target for each CPython of *pythons* (``3.12`` or ``3.12.4``) on each of *platforms*.

    A Python without a patch number stands for all its patch releases: releases that need a late one are
    candidates, and what any patch release needs is locked.

    Raises:
        UsageError: a platform (TRU364) or a Python version (TRU366) cannot be understood.

    """
    findings = [
        Finding(code="TRU364", subject=name, values={"known": ", ".join(PLATFORMS)})
        for name in platforms
        if _platform(name) is None
    ]
    findings += [Finding(code="TRU366", subject=python) for python in pythons if not _is_python(python)]
    if findings:
        raise UsageError(*findings)
    return tuple(
        _target(python, name, platform)
        for python in dict.fromkeys(pythons)
        for name in dict.fromkeys(platforms)
        if (platform := _platform(name)) is not None
    )


def _is_python(text: str) -> bool:
    parts = text.split(".")
    return (
        len(parts) in {2, 3} and all(part.isascii() and part.isdigit() for part in parts) and parts[0] == "3"
    )


def _target(python: str, name: str, platform: _Platform) -> Target:
    major, minor, *patch = (int(part) for part in python.split("."))
    last = patch[0] if patch else _LAST_PATCH
    return Target(
        name=f"{name} {python}",
        markers=_markers(major, minor, last, platform),
        tags=_tags(major, minor, platform),
        also=() if patch else (_markers(major, minor, 0, platform),),
    )


def _markers(major: int, minor: int, patch: int, platform: _Platform) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{major}.{minor}.{patch}",
        "os_name": platform.os_name,
        "platform_machine": platform.platform_machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": platform.platform_system,
        "platform_version": "",
        "python_full_version": f"{major}.{minor}.{patch}",
        "python_version": f"{major}.{minor}",
        "sys_platform": platform.sys_platform,
    }


def _tags(major: int, minor: int, platform: _Platform) -> tuple[str, ...]:
    from packaging.tags import compatible_tags, cpython_tags

    python, interpreter = (major, minor), f"cp{major}{minor}"
    own = cpython_tags(python, [interpreter], platform.wheel_platforms)
    shared = compatible_tags(python, interpreter, platform.wheel_platforms)
    return tuple(str(tag) for tag in (*own, *shared))
