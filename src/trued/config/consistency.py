"""Settings that contradict each other, whichever sources they come from (TRU609)."""

from __future__ import annotations

from trued.core.finding import Finding, Level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.config.settings import Settings

__all__ = ["contradictions"]

_EXCLUSIVE = (
    ("require-hashes", "no-require-hashes"),
    ("cert", "only-cert"),
    ("user", "target"),
    ("user", "prefix"),
    ("target", "prefix"),
)
"""Pairs of which one may be set. pip refuses the first whatever sources they come from, so that a flag cannot
switch off what a configuration file asks for."""

_TAGS = ("platform", "python-version", "implementation", "abi")


def contradictions(settings: Settings, command: str) -> tuple[Finding, ...]:
    """Return a finding for each contradiction in *settings*."""
    if command == "config":
        return ()
    return (*_pairs(settings), *_foreign_tags(settings, command))


def _pairs(settings: Settings) -> Iterator[Finding]:
    for one, other in _EXCLUSIVE:
        if _is_set(settings, one) and _is_set(settings, other):
            yield _finding(settings, one, f"{settings.origins[other]}")


def _foreign_tags(settings: Settings, command: str) -> Iterator[Finding]:
    """Keep wheels for another platform out of this one's environment (pip ``check_dist_restriction``)."""
    if command != "install" or settings.target or settings.dry_run:
        return
    for name in _TAGS:
        if _is_set(settings, name):
            yield _finding(settings, name, "an install without --target or --dry-run")
            return


def _is_set(settings: Settings, name: str) -> bool:
    field = {"platform": "platforms", "abi": "abis"}.get(name, name.replace("-", "_"))
    return name in settings.origins and bool(getattr(settings, field))


def _finding(settings: Settings, name: str, other: str) -> Finding:
    origin = settings.origins[name]
    return Finding(
        code="TRU609", level=Level.ERROR, subject=str(origin), place=origin.place, values={"other": other}
    )
