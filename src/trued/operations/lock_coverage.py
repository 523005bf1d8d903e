"""Whether the releases that a resolution chooses are attested less than those shortly before them.

Asked in ``strict`` alone, where it refuses: it takes reading the files of several releases of each project.
"""

from __future__ import annotations

from datetime import UTC, timedelta

from trued.core.finding import Finding, Level
from trued.policy.level import PolicyLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.core.distribution import Distribution
    from trued.operations.resolve import Resolution
    from trued.operations.session import Session
    from trued.proof.coverage import ReleaseCoverage
    from trued.resolution.universal import UniversalPackage

__all__ = ["coverage_findings"]

_WINDOW = timedelta(days=180)
"""How long a project that stopped attesting is told of."""
_MOST_RELEASES = 20


def coverage_findings(session: Session, resolution: Resolution) -> list[Finding]:
    """Return a finding for each chosen release that is attested less than one not long before it."""
    if session.settings.level is not PolicyLevel.STRICT:
        return []
    return [finding for one in resolution.solution.packages for finding in _of_package(resolution, one)]


def _of_package(resolution: Resolution, package: UniversalPackage) -> tuple[Finding, ...]:
    from trued.proof.coverage import Coverage, downgrade

    listing = next(iter(resolution.sources.values())).listing(package.project)
    position = listing.position(package.version)
    chosen = _coverage(listing.candidates[position].files) if position is not None else None
    if position is None or chosen is None or chosen.coverage is Coverage.FULL:
        return ()
    earlier = listing.candidates[max(0, position - _MOST_RELEASES) : position]
    others = [known for one in earlier if (known := _coverage(one.files)) is not None]
    return downgrade(package.project, chosen, others=others, window=_WINDOW, level=Level.WARNING)


def _coverage(files: Sequence[Distribution]) -> ReleaseCoverage | None:
    """Return how many of a release's *files* have provenance; ``None`` where no upload time is stated."""
    from trued.policy.cooldown import read_upload_time
    from trued.proof.coverage import ReleaseCoverage

    times = [time for file in files if file.upload_time and (time := read_upload_time(file.upload_time))]
    if not times:
        return None
    return ReleaseCoverage(
        version=files[0].version,
        files=len(files),
        attested=sum(file.provenance_url is not None for file in files),
        uploaded=min(times).astimezone(UTC).isoformat(),
    )
