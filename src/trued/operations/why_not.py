"""Why a version cannot be had: what hides it on this target, or what forbids it beside other requirements."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trued.core.errors import Refused, UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.names import normalize
from trued.operations.fitting import interpreter_for
from trued.operations.project_file import PROJECT_FILE
from trued.operations.resolve import Resolver, target_of
from trued.operations.roots import Roots, pinned_versions, read_roots
from trued.resolution.provider import Root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.resolution.direct import DirectRelease
    from trued.resolution.listing import Listing

__all__ = ["Answer", "why_not"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``findings`` say what stands against the version; else ``chosen`` is what it would come with."""

    asked: str
    findings: tuple[Finding, ...]
    chosen: tuple[str, ...] = ()


def why_not(session: Session, arguments: Sequence[str]) -> Answer:
    """Tell what hides or forbids the version that the first of *arguments* pins.

    The others, ``-r`` and ``-c`` are what it has to stand beside; without them the project's own file.

    Raises: UsageError TRU584 for anything but ``NAME==VERSION``; OperationalError.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    asked = arguments[0]
    try:
        parsed = Requirement(asked)
    except InvalidRequirement:
        raise UsageError(Finding(code="TRU584", subject=asked)) from None
    pinned = pinned_versions([Root(asked, Place("command line"))])
    project = normalize(parsed.name)
    if len(pinned.get(project, ())) != 1:
        raise UsageError(Finding(code="TRU584", subject=asked))
    (version,) = pinned[project]
    beside = _beside(session, arguments[1:])
    roots = replace(beside, roots=(*beside.roots, Root(asked, Place("command line"))))
    resolver = Resolver(session, roots, wheels_only=True, direct=_direct(session, roots))
    target = target_of(interpreter_for(session.settings, session.find_interpreter()))
    with resolver.catalogue() as catalogue:
        listing = resolver.source(catalogue, target).listing(project)
    position = listing.position(version)
    if position is None:
        return Answer(asked=asked, findings=(_unlisted(session, roots, listing, asked),))
    exclusion = listing.candidates[position].exclusion
    if exclusion is not None:
        values = {"reason": exclusion.text, "rule": exclusion.reason, "target": target.name}
        return Answer(
            asked=asked, findings=(Finding(code="TRU585", subject=f"{project} {version}", values=values),)
        )
    try:
        resolution = resolver.resolve([target], lambda _: {})
    except Refused as refused:
        return Answer(asked=asked, findings=refused.findings)
    chosen = tuple(f"{one.project} {one.version}" for one in resolution.solution.packages)
    told = tuple(finding for finding in resolution.findings if finding.level is not Level.ERROR)
    return Answer(asked=asked, findings=told, chosen=chosen)


def _direct(session: Session, roots: Roots) -> dict[ProjectName, DirectRelease]:
    """Return the releases that folders, repositories and URLs among *roots* stand for."""
    if not roots.direct:
        return {}
    from trued.operations.lock_direct import lock_direct

    return {name: one.release for name, one in lock_direct(session, roots, folder=session.cwd).items()}


def _beside(session: Session, arguments: Sequence[str]) -> Roots:
    settings = session.settings
    has_project = os.path.exists(os.path.join(session.cwd, PROJECT_FILE))
    if arguments or settings.requirements or settings.constraints or has_project:
        return read_roots(session, arguments)
    return Roots(roots=())


def _unlisted(session: Session, roots: Roots, listing: Listing, asked: str) -> Finding:
    if not listing.candidates:
        return session.client(roots.options).absence(listing.project)
    offered = ", ".join(str(one.version) for one in listing.candidates[-8:])
    return Finding(code="TRU550", subject=asked, values={"offered": offered})
