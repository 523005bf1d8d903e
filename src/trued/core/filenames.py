"""What a wheel's file name says (the binary distribution format, "File name convention")."""

from __future__ import annotations

from trued.core.names import ProjectName, normalize
from trued.core.record import dataclass

__all__ = ["WheelName", "parse_wheel_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelName:
    """The parts of a wheel's file name; ``tags`` are expanded (``py3-none-any``)."""

    project: ProjectName
    version: str
    build: str
    tags: tuple[str, ...]


def parse_wheel_name(filename: str) -> WheelName | None:
    """Return the parts of *filename*, or ``None`` when it is no wheel's name.

    A build number must begin with a digit; names and versions are given as written, the project normalised.
    """
    if not filename.endswith(".whl"):
        return None
    parts = filename[:-4].split("-")
    if len(parts) not in (5, 6) or not all(parts):
        return None
    build = parts[2] if len(parts) == 6 else ""
    if build and not build[0].isdigit():
        return None
    return WheelName(
        project=normalize(parts[0]),
        version=parts[1].replace("_", "-"),
        build=build,
        tags=_expand(*parts[-3:]),
    )


def _expand(pythons: str, abis: str, platforms: str) -> tuple[str, ...]:
    return tuple(
        f"{python}-{abi}-{platform}"
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    )
