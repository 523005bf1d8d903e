"""How much of a release is attested, and whether that became less: full, partial, none.

The counts come from an index's page. A dishonest index can claim provenance that does not exist, but the file
that is installed then fails on its own; what it cannot do unseen is to leave out what it listed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.names import ProjectName

__all__ = ["Coverage", "ReleaseCoverage", "downgrade"]


class Coverage(IntEnum):
    """How many of a release's files are attested."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCoverage:
    """One release, by how many of its files have provenance; ``uploaded`` (RFC 3339) is its first file's."""

    version: str
    files: int
    attested: int
    uploaded: str

    @property
    def coverage(self) -> Coverage:
        """Return the class of the count; a release without files is not attested."""
        if not self.attested:
            return Coverage.NONE
        return Coverage.FULL if self.attested >= self.files else Coverage.PARTIAL

    def __str__(self) -> str:
        return f"{self.attested} of {self.files}"


def downgrade(
    project: ProjectName,
    release: ReleaseCoverage,
    *,
    others: Iterable[ReleaseCoverage],
    window: timedelta,
    level: Level,
) -> tuple[Finding, ...]:
    """Return a finding of *level* when *release* is attested less than one shortly before it.

    Compared are those of *others* that were uploaded before it, no longer than *window* ago: a project that
    stopped attesting is told of for a while, and not for ever.
    """
    begin = datetime.fromisoformat(release.uploaded) - window
    earlier = [
        other
        for other in others
        if begin <= datetime.fromisoformat(other.uploaded) < datetime.fromisoformat(release.uploaded)
    ]
    best = max(earlier, key=lambda other: (other.coverage, other.uploaded), default=None)
    if best is None or best.coverage <= release.coverage:
        return ()
    values = {"version": release.version, "now": str(release), "earlier": best.version, "before": str(best)}
    return (Finding(code="TRU716", level=level, subject=project, values=values),)
