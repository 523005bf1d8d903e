"""The releases of one project: what the rules need to know of each file, and the whole of it on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.distribution import Distribution
from trued.index.entry import Source, read_entry
from trued.index.project_page import ProjectPage
from trued.policy.candidates import FileFacts
from trued.resolution.packed_page import PackedPage, entry_of, pack, unpacked
from trued.resolution.version_row import VersionRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.resolution.packed_page import PackedRow

__all__ = ["Release", "Releases", "read_releases"]


class Release:
    """The files of one version, read from their packed form each time they are asked for."""

    __slots__ = ("_files", "_row", "_sources", "project", "version")

    def __init__(self, project: ProjectName, version: Version, sources: Sequence[Source], row: bytes) -> None:
        self.project = project
        self.version = version
        self._sources = sources
        self._row = row
        self._files: tuple[Distribution, ...] | None = None

    @property
    def facts(self) -> Iterator[FileFacts]:
        """What the rules need to know of each file, in the page's order."""
        sources = self._sources
        return (_facts(row, sources[row[0]].index) for row in unpacked(self._row))

    @property
    def files(self) -> tuple[Distribution, ...]:
        """Every wheel and sdist that can be read, but those on which the page contradicts itself."""
        if self._files is None:
            grouped: dict[int, list[object]] = {}
            for number, _, values in unpacked(self._row):
                grouped.setdefault(number, []).append(entry_of(values))
            sources = [_with(self._sources[number], entries) for number, entries in grouped.items()]
            self._files = ProjectPage(project=self.project, index="", sources=sources).files
        return self._files

    def file(self, position: int) -> Distribution | None:
        """Return the file at *position* among the facts, ``None`` when it cannot be read."""
        rows = unpacked(self._row)
        number, _, values = rows[position]
        source, name = self._sources[number], values[0]
        if self._files is None and sum(one[2][0] == name for one in rows) == 1:
            outcome = read_entry(entry_of(values), source=source, project=self.project)
            return outcome if isinstance(outcome, Distribution) else None
        return next((one for one in self.files if (one.filename, one.index) == (name, source.index)), None)


class Releases:
    """All releases of one project in rising order, and the page they are from (``None``: nobody has it).

    The *page* need not hold the files: ``packed`` does, which ``sources`` tell where they come from.
    """

    __slots__ = ("_made", "packed", "page", "project", "sources", "versions")

    def __init__(
        self, project: ProjectName, page: ProjectPage | None, sources: Sequence[Source], packed: PackedPage
    ) -> None:
        self.project = project
        self.page = page
        self.sources = tuple(sources)
        self.packed = packed
        self.versions = VersionRow(packed.texts)
        self._made: dict[int, Release] = {}

    def __len__(self) -> int:
        return len(self.packed.rows)

    def at(self, position: int) -> Release:
        """Return the release at *position*."""
        release = self._made.get(position)
        if release is None:
            release = self._made[position] = self.passing(position)
        return release

    def passing(self, position: int) -> Release:
        """Return the release at *position* for one look at it, which is not kept."""
        return Release(self.project, self.versions[position], self.sources, self.packed.rows[position])

    def release(self, version: Version) -> Release:
        """Return one release. Raises: KeyError when it is not listed."""
        position = self.versions.position(version)
        if position is None:
            raise KeyError(version)
        return self.at(position)

    @property
    def first_upload(self) -> str:
        """The earliest upload time that the page states, or ``""``."""
        times = (_text(row[2][3]) for packed in self.packed.rows for row in unpacked(packed))
        return min((stated for stated in times if stated), default="")


def read_releases(project: ProjectName, page: ProjectPage | None) -> Releases:
    """Group the files of *page* by version, and let go of the page's own entries."""
    if page is None:
        return Releases(project, None, (), pack(project, ()))
    packed = pack(project, [source.entries for source in page.sources])
    return Releases(project, page.without_files(), [_with(source, ()) for source in page.sources], packed)


def _with(source: Source, entries: Sequence[object]) -> Source:
    return Source(
        url=source.url,
        index=source.index,
        entries=tuple(entries),
        names_project=source.names_project,
        heads=source.heads,
    )


def _facts(row: PackedRow, location: str) -> FileFacts:
    """Return what judges a file; values of other types than they should have count as not stated."""
    _, tags, (filename, requires_python, yanked, upload_time, *_) = row
    reason = None if not yanked else yanked if isinstance(yanked, str) else ""
    return FileFacts(str(filename), tags, _text(requires_python), _text(upload_time), reason, location)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
