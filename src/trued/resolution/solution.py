"""One version for each project that the roots reach on one target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from trued.core.finding import Finding
    from trued.core.names import ProjectName
    from trued.resolution.package import Package
    from trued.resolution.provider import Demand
    from trued.resolution.source import CandidateMetadata

__all__ = ["Solution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What was chosen, and why each project is there.

    ``extras`` holds the extras in use; ``needs`` maps a project to those it requires directly, its extras in
    use included, and ``edges`` tells the same with extras kept apart; ``metadata`` is what each chosen
    release says of itself; ``roots`` and ``demands`` are the user's requirements that hold on the target.
    ``findings`` are warnings (TRU363: no such extra).
    """

    pins: Mapping[ProjectName, Version]
    extras: Mapping[ProjectName, frozenset[str]]
    needs: Mapping[ProjectName, tuple[ProjectName, ...]]
    metadata: Mapping[ProjectName, CandidateMetadata]
    edges: Mapping[Package, tuple[Package, ...]]
    roots: tuple[ProjectName, ...]
    demands: tuple[Demand, ...] = ()
    findings: tuple[Finding, ...] = ()
