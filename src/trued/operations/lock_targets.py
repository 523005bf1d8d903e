"""Which environments a lock is made for: the interpreter at hand, named platforms and Pythons, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.operations.fitting import interpreter_for
from trued.operations.resolve import target_of
from trued.resolution.declared import PLATFORMS, declared_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.operations.session import Session
    from trued.resolution.target import Target

__all__ = ["UNIVERSAL_PLATFORMS", "UNIVERSAL_PYTHONS", "lock_targets"]

UNIVERSAL_PLATFORMS = ("linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64", "windows-x86_64")
UNIVERSAL_PYTHONS = ("3.11", "3.12", "3.13", "3.14")

_NEEDED_NEXT = (
    "json",
    "trued.index.credentials", "trued.index.curl", "trued.index.libcurl",
    "trued.policy.look_alike",
    "trued.resolution.catalogue", "trued.resolution.listing_shelf", "trued.resolution.metadata_cache",
    "trued.resolution.popular_names", "trued.resolution.universal",
)  # fmt: skip
"""What a resolution with an empty cache imports: where the interpreter is asked, much else is new as well."""

_SYSTEMS = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_MACHINES = {"amd64": "x86_64", "arm64": "arm64", "aarch64": "aarch64"}


def lock_targets(session: Session, requires_python: str) -> tuple[Target, ...]:
    """Return the targets that the settings ask for; *requires_python* is the project's own.

    Raises: UsageError for names that are not known (TRU364, TRU366), for a machine that has no name, and when
    no Python is left (TRU588).
    """
    settings = session.settings
    here = interpreter_for(settings, session.find_interpreter(needed_next=_NEEDED_NEXT))
    if not (settings.universal or settings.lock_platforms or settings.lock_pythons):
        return (target_of(here),)
    platforms = settings.lock_platforms or (
        UNIVERSAL_PLATFORMS if settings.universal else (_platform_name(here.markers),)
    )
    pythons = settings.lock_pythons or (
        _allowed(requires_python) if settings.universal else (here.markers["python_version"],)
    )
    return declared_targets(pythons, platforms)


def _allowed(requires_python: str) -> tuple[str, ...]:
    """Return the Pythons of a universal lock of which *requires_python* admits some patch release."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        wanted = SpecifierSet()
    allowed = tuple(
        python
        for python in UNIVERSAL_PYTHONS
        if wanted.contains(f"{python}.0") or wanted.contains(f"{python}.99")
    )
    if not allowed:
        values = {"known": ", ".join(UNIVERSAL_PYTHONS)}
        raise UsageError(Finding(code="TRU588", subject=requires_python, values=values))
    return allowed


def _platform_name(markers: Mapping[str, str]) -> str:
    machine = markers["platform_machine"].lower()
    system = _SYSTEMS.get(markers["sys_platform"], markers["sys_platform"])
    name = f"{system}-{_MACHINES.get(machine, machine)}"
    if name not in PLATFORMS:
        raise UsageError(Finding(code="TRU364", subject=name, values={"known": ", ".join(PLATFORMS)}))
    return name
