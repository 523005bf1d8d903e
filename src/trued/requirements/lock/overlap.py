"""Whether two entries of one project can both apply to one environment, as far as trying can tell.

Markers cannot be compared in general; here they are evaluated for every environment of a fixed set of real
ones. A pair that meets in none of them may still do so elsewhere: selecting for that target then tells it.
"""

from __future__ import annotations

from itertools import combinations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.markers import Marker

    from trued.requirements.lock.model import Lock, LockedPackage

    _Environment = Mapping[str, str | frozenset[str]]

__all__ = ["overlapping"]

_PLATFORMS = (
    ("posix", "linux", "Linux", "x86_64"),
    ("posix", "linux", "Linux", "aarch64"),
    ("posix", "darwin", "Darwin", "arm64"),
    ("posix", "darwin", "Darwin", "x86_64"),
    ("nt", "win32", "Windows", "AMD64"),
)
_PYTHONS = tuple(f"3.{minor}" for minor in range(8, 16))
_IMPLEMENTATIONS = (("cpython", "CPython"), ("pypy", "PyPy"))

_NOTHING: dict[str, frozenset[str]] = {"extras": frozenset(), "dependency_groups": frozenset()}


def overlapping(lock: Lock) -> Iterator[tuple[LockedPackage, LockedPackage, str]]:
    """Yield each pair of entries of one project that meet, and an environment in which they do.

    At most one extra or group is taken at a time: a lock may well hold extras that exclude each other.
    """
    by_project: dict[str, list[LockedPackage]] = {}
    for package in lock.packages:
        by_project.setdefault(package.project, []).append(package)
    environments: list[_Environment] = []
    for entries in by_project.values():
        if len(entries) < 2:
            continue
        environments = environments or [*_environments(lock)]
        for one, other in combinations(entries, 2):
            witness = _witness(one, other, environments)
            if witness is not None:
                yield one, other, witness


def _witness(one: LockedPackage, other: LockedPackage, environments: Sequence[_Environment]) -> str | None:
    markers = [_parsed(package.marker) for package in (one, other) if package.marker]
    for environment in environments:
        if all(_holds(marker, environment) for marker in markers):
            return _shown(environment)
    return None


def _parsed(marker: str) -> Marker:
    from packaging.markers import Marker

    return Marker(marker)


def _holds(marker: Marker, environment: _Environment) -> bool:
    from packaging.markers import UndefinedComparison

    try:
        return marker.evaluate(environment, context="lock_file")
    except UndefinedComparison:
        return False


def _environments(lock: Lock) -> Iterator[_Environment]:
    from packaging.specifiers import SpecifierSet

    pythons = SpecifierSet(lock.requires_python or "")
    declared = [_parsed(marker) for marker in lock.environments]
    for environment in _targets():
        if not pythons.contains(environment["python_full_version"]):
            continue
        if declared and not any(_holds(marker, {**environment, **_NOTHING}) for marker in declared):
            continue
        for choice in _choices(lock):
            yield {**environment, **choice}


def _choices(lock: Lock) -> Iterator[dict[str, frozenset[str]]]:
    plain = {**_NOTHING, "dependency_groups": frozenset(lock.default_groups)}
    yield plain
    for extra in lock.extras:
        yield {**plain, "extras": frozenset((extra,))}
    for group in lock.dependency_groups:
        yield {**plain, "dependency_groups": frozenset((group,))}


def _targets() -> Iterator[dict[str, str]]:
    for os_name, sys_platform, system, machine in _PLATFORMS:
        for python in _PYTHONS:
            for implementation, shown in _IMPLEMENTATIONS:
                yield {
                    "implementation_name": implementation,
                    "implementation_version": f"{python}.1",
                    "os_name": os_name,
                    "platform_machine": machine,
                    "platform_python_implementation": shown,
                    "platform_release": "6.1",
                    "platform_system": system,
                    "platform_version": "1",
                    "python_full_version": f"{python}.1",
                    "python_version": python,
                    "sys_platform": sys_platform,
                }


def _shown(environment: _Environment) -> str:
    names = ("platform_python_implementation", "python_version", "platform_system", "platform_machine")
    shown = " ".join(str(environment[name]) for name in names)
    chosen = [f"{name} {', '.join(sorted(environment[name]))}" for name in _NOTHING if environment[name]]
    return " with ".join((shown, *chosen))
