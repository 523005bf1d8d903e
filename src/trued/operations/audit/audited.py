"""What is to be audited, gathered from whatever the user named."""

from __future__ import annotations

from trued.advisories.outcome import AuditedPackage, Skipped, SkipReason
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName

    Ways = Callable[[ProjectName, str], tuple[tuple[str, ...], ...]]

__all__ = ["Candidate", "Inputs", "joined", "no_ways"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One release to look up.

    ``index`` is the address of the index that it comes from, empty where nothing says. ``is_own`` tells that
    it comes from a folder, a repository or an address of its own: its name is nobody else's business.
    """

    package: AuditedPackage
    index: str = ""
    is_own: bool = False

    def skipped(self, reason: SkipReason, detail: str = "") -> Skipped:
        """Return it as one that was not audited."""
        package = self.package
        return Skipped(
            name=package.project,
            version=package.version,
            reason=reason,
            detail=detail,
            place=package.place,
        )


def no_ways(_project: ProjectName, _version: str) -> tuple[tuple[str, ...], ...]:
    """Say that nothing is known of who pulls a release in."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was gathered. ``ways`` says who pulls a release in; it is asked for the affected ones only."""

    names: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    skipped: tuple[Skipped, ...] = ()
    findings: tuple[Finding, ...] = ()
    ways: Ways = no_ways


def joined(inputs: Iterable[Inputs]) -> Inputs:
    """Put several inputs together; a release that stands in more than one is looked up once."""
    found = tuple(inputs)

    def ways(project: ProjectName, version: str) -> tuple[tuple[str, ...], ...]:
        return tuple(dict.fromkeys(way for one in found for way in one.ways(project, version)))

    return Inputs(
        names=tuple(name for one in found for name in one.names),
        candidates=_merged(candidate for one in found for candidate in one.candidates),
        skipped=tuple(skipped for one in found for skipped in one.skipped),
        findings=tuple(finding for one in found for finding in one.findings),
        ways=ways,
    )


def _merged(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    grouped: dict[tuple[str, str], list[Candidate]] = {}
    for one in candidates:
        grouped.setdefault((one.package.project, one.package.version), []).append(one)
    return tuple(_one(group) if len(group) > 1 else group[0] for group in grouped.values())


def _one(group: list[Candidate]) -> Candidate:
    """Join the same release from several lines; where it is private once, it is private."""
    first = group[0].package
    places: dict[Place, None] = {}
    for one in group:
        places |= dict.fromkeys(one.package.places)
    package = AuditedPackage(
        project=first.project,
        version=first.version,
        places=tuple(places),
        files=tuple(dict.fromkeys(file for one in group for file in one.package.files)),
    )
    indexes = dict.fromkeys(one.index for one in group)
    return Candidate(
        package=package,
        index=next(iter(indexes)) if len(indexes) == 1 else "",
        is_own=any(one.is_own for one in group),
    )
