"""A whole index in memory: the solver's port, for tests that say their universe in a few lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from trued.core.names import ProjectName, normalize
from trued.resolution.listing import Candidate, Exclusion, Listing
from trued.resolution.source import CandidateMetadata

Universe = Mapping[str, Mapping[str, Iterable[str]]]
"""Project to version to ``Requires-Dist`` lines."""

_EXTRA = re.compile(r"""extra == ['"]([^'"]+)""")


@dataclass
class Catalogue:
    """Answers from a :data:`Universe`; ``excluded`` maps (project, version) to the reason it is ruled out."""

    universe: Universe
    excluded: Mapping[tuple[str, str], Exclusion] = field(default_factory=dict)
    metadata_reads: list[tuple[ProjectName, Version]] = field(default_factory=list)

    def listing(self, project: ProjectName) -> Listing:
        releases = self.universe.get(project, {})
        return Listing(
            project,
            tuple(
                Candidate(Version(text), (), self.excluded.get((project, text)))
                for text in sorted(releases, key=Version)
            ),
        )

    def metadata(self, project: ProjectName, version: Version) -> CandidateMetadata | Exclusion:
        self.metadata_reads.append((project, version))
        lines = tuple(self.universe[project][str(version)])
        extras = {normalize(name) for line in lines for name in _EXTRA.findall(line)}
        return CandidateMetadata(requires_dist=lines, provides_extra=frozenset(extras), source="memory")

    def prefetch(self, projects: Iterable[ProjectName]) -> None:
        """Everything is here already."""

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        """Everything is here already."""
