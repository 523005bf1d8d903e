"""What indexes say about one project: its files, read on demand.

A page may name thousands of files while one release is wanted, so entries are read when they are asked for.
"""

from __future__ import annotations

from trued.core.distribution import Distribution
from trued.core.finding import Finding, Level
from trued.core.record import dataclass
from trued.index.entry import Source, entry_filename, read_entry
from trued.index.filename import version_in_filename
from trued.index.version_text import satisfies_pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trued.core.names import ProjectName

__all__ = ["ProjectPage", "Release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The files of one release as a page offers them, and what was left out on the way."""

    files: tuple[Distribution, ...]
    findings: tuple[Finding, ...] = ()


class ProjectPage:
    """What one or several indexes say about one project.

    ``status`` and ``status_reason`` are PEP 792's. ``versions`` are the page's own list (PEP 700), as
    written, perhaps empty. ``index`` names where the page is from; each file names its own. ``kept_as`` names
    the very page where it is one page that is kept and may be used again unasked; else it is empty.
    """

    __slots__ = (
        "_all", "_notes", "index", "kept_as", "project", "sources", "status", "status_reason", "versions",
    )  # fmt: skip

    def __init__(
        self,
        *,
        project: ProjectName,
        index: str,
        sources: Iterable[Source],
        versions: tuple[str, ...] = (),
        status: str = "active",
        status_reason: str = "",
        findings: tuple[Finding, ...] = (),
        kept_as: str = "",
    ) -> None:
        self.project = project
        self.index = index
        self.sources = tuple(sources)
        self.versions = versions
        self.status = status
        self.status_reason = status_reason
        self._notes = findings
        self.kept_as = kept_as
        self._all: Release | None = None

    @property
    def files(self) -> tuple[Distribution, ...]:
        """Every wheel and sdist of the page."""
        return self._everything().files

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the page as a whole and each of its entries give to tell."""
        return self._notes + self._everything().findings

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What the page as a whole gives to tell, its entries unread: API version, project status."""
        return self._notes

    def release(self, version: str) -> Release:
        """Return the files that satisfy ``== version``, without reading the others."""
        known: dict[str, bool] = {}
        return self._read(lambda filename: self._is_of(filename, version, known))

    def merged(self, other: ProjectPage) -> ProjectPage:
        """Return a page with the files of both, this one's first; its own status and versions stay."""
        return ProjectPage(
            project=self.project,
            index=self.index,
            sources=self.sources + other.sources,
            versions=self.versions + tuple(v for v in other.versions if v not in self.versions),
            status=self.status,
            status_reason=self.status_reason,
            findings=self._notes + other.notes,
        )

    def without_files(self) -> ProjectPage:
        """Return what the page says of the project as a whole."""
        return ProjectPage(
            project=self.project,
            index=self.index,
            sources=(),
            versions=self.versions,
            status=self.status,
            status_reason=self.status_reason,
            findings=self._notes,
            kept_as=self.kept_as,
        )

    def _everything(self) -> Release:
        if self._all is None:
            self._all = self._read(None)
        return self._all

    def _is_of(self, filename: str, version: str, known: dict[str, bool]) -> bool:
        stated = version_in_filename(filename, self.project)
        if stated is None:
            return False
        if stated not in known:
            known[stated] = satisfies_pin(stated, version)
        return known[stated]

    def _read(self, wanted: Callable[[str], bool] | None) -> Release:
        files: list[Distribution] = []
        findings: list[Finding] = []
        for source in self.sources:
            for entry in source.entries:
                if wanted is not None and not wanted(entry_filename(entry) or ""):
                    continue
                outcome = read_entry(entry, source=source, project=self.project)
                if isinstance(outcome, Distribution):
                    files.append(outcome)
                elif outcome is not None:
                    findings.append(outcome)
        return _without_contradictions(files, findings)


def _without_contradictions(files: list[Distribution], findings: list[Finding]) -> Release:
    """Drop both of two entries of one index that name one file with different digests."""
    seen: dict[tuple[str, str], Distribution] = {}
    contradicting: set[tuple[str, str]] = set()
    for file in files:
        key = (file.index, file.filename)
        first = seen.setdefault(key, file)
        if _contradict(first, file):
            contradicting.add(key)
    dropped = tuple(
        Finding(code="TRU350", level=Level.WARNING, subject=filename, values={"index": index})
        for index, filename in sorted(contradicting)
    )
    kept = tuple(file for key, file in seen.items() if key not in contradicting)
    return Release(files=kept, findings=(*findings, *dropped))


def _contradict(first: Distribution, second: Distribution) -> bool:
    stated = {digest.algorithm: digest.value for digest in first.digests}
    return any(stated.get(digest.algorithm, digest.value) != digest.value for digest in second.digests)
