"""A project page as releases: each entry of it looked at once, and read in full only where it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from trued.core.distribution import Distribution, is_wheel_name
from trued.core.names import normalize
from trued.index.entry import Source, read_entry
from trued.index.filename import version_in_filename
from trued.index.project_page import ProjectPage
from trued.policy.candidates import FileFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from trued.core.names import ProjectName

__all__ = ["Release", "Releases", "read_facts", "read_releases"]


class Release:
    """The files of one version: on demand what the rules need to know of each, and the whole of each.

    ``entries`` are the page's raw entries with their source, in its order, and the tags in their names.
    """

    __slots__ = ("_files", "_project", "entries", "version")

    def __init__(self, project: ProjectName, version: Version) -> None:
        self._project = project
        self._files: tuple[Distribution, ...] | None = None
        self.version = version
        self.entries: list[tuple[Source, Mapping[str, object], str]] = []

    @property
    def facts(self) -> Iterator[FileFacts]:
        """What the rules need to know of each file, read while it is asked for: the first may do."""
        return (read_facts(entry, tags, source.index) for source, entry, tags in self.entries)

    @property
    def files(self) -> tuple[Distribution, ...]:
        """Every wheel and sdist that can be read, but those on which the page contradicts itself."""
        if self._files is None:
            page = ProjectPage(project=self._project, index="", sources=self._sources())
            self._files = page.files
        return self._files

    def file(self, position: int) -> Distribution | None:
        """Return the file at *position* among the entries, ``None`` when it cannot be read."""
        source, entry, _ = self.entries[position]
        name = entry["filename"]
        if self._files is None and sum(one["filename"] == name for _, one, _ in self.entries) == 1:
            outcome = read_entry(entry, source=source, project=self._project)
            return outcome if isinstance(outcome, Distribution) else None
        return next((one for one in self.files if (one.filename, one.index) == (name, source.index)), None)

    def _sources(self) -> list[Source]:
        grouped: dict[int, tuple[Source, list[object]]] = {}
        for source, entry, _ in self.entries:
            grouped.setdefault(id(source), (source, []))[1].append(entry)
        return [
            Source(
                url=source.url,
                index=source.index,
                entries=tuple(entries),
                names_project=source.names_project,
                heads=source.heads,
            )
            for source, entries in grouped.values()
        ]


class Releases:
    """All releases of one project in rising order, and the page they are from (``None``: nobody has it)."""

    __slots__ = ("_by_version", "in_order", "page", "project")

    def __init__(self, project: ProjectName, page: ProjectPage | None, in_order: tuple[Release, ...]) -> None:
        self.project = project
        self.page = page
        self.in_order = in_order
        self._by_version: dict[Version, Release] = {}

    def release(self, version: Version) -> Release:
        """Return one release. Raises: KeyError when it is not listed."""
        if not self._by_version:
            self._by_version = {release.version: release for release in self.in_order}
        return self._by_version[version]

    @property
    def first_upload(self) -> str:
        """The earliest upload time that the page states, or ``""``."""
        times = (facts.upload_time for release in self.in_order for facts in release.facts)
        return min((stated for stated in times if stated), default="")


def read_releases(project: ProjectName, page: ProjectPage | None) -> Releases:
    """Group the files of *page* by version.

    Files that are neither wheel nor sdist of the project, and versions that are none (PEP 440), are left out,
    as pip does.
    """
    if page is None:
        return Releases(project, None, ())
    namesake = _Namesake(project)
    grouping = _Grouping(project)
    for source in page.sources:
        for entry in source.entries:
            if type(entry) is dict or isinstance(entry, Mapping):
                text, tags = namesake.read(entry.get("filename"))
                release = grouping.release(text) if text else None
                if release is not None:
                    release.entries.append((source, entry, tags))
    return Releases(project, page, grouping.in_order())


class _Grouping:
    """Releases by the text of their version, each text parsed once; ``1.0`` and ``1.0.0`` are one release."""

    def __init__(self, project: ProjectName) -> None:
        from packaging.version import InvalidVersion, Version

        self._project = project
        self._parse = Version
        self._invalid = InvalidVersion
        self._by_text: dict[str, Release | None] = {}
        self._by_version: dict[Version, Release] = {}

    def release(self, text: str) -> Release | None:
        """Return the release, ``None`` for a text that is no version."""
        try:
            return self._by_text[text]
        except KeyError:
            found = self._by_text[text] = self._new(text)
            return found

    def in_order(self) -> tuple[Release, ...]:
        """Return all releases, rising by version."""
        return tuple(self._by_version[version] for version in sorted(self._by_version))

    def _new(self, text: str) -> Release | None:
        try:
            version = self._parse(text)
        except self._invalid:
            return None
        return self._by_version.setdefault(version, Release(self._project, version))


class _Namesake:
    """Finds version and tags in the names of one project's files.

    Most of a page's names begin and end alike, so whether a beginning is the project's name and whether an
    end is tags is worked out once each.
    """

    def __init__(self, project: ProjectName) -> None:
        self._project = project
        self._beginnings: dict[str, bool] = {}
        self._ends: dict[str, str] = {}

    def read(self, filename: object) -> tuple[str, str]:
        """Return the version that *filename* states, empty when it is not the project's, and its tags."""
        if not isinstance(filename, str):
            return "", ""
        beginning, _, rest = filename.partition("-")
        is_ours = self._beginnings.get(beginning)
        if is_ours is None:
            is_ours = self._beginnings[beginning] = normalize(beginning) == self._project
        if is_ours:
            version, dash, end = rest.partition("-")
            if not dash and rest.endswith(".tar.gz"):
                return rest[:-7], ""
            tags = self._ends.get(end)
            if tags is None:
                is_tags = end.count("-") == 2 and end.endswith(".whl")
                tags = self._ends[end] = end[:-4] if is_tags else ""
            if tags and version:
                return version.replace("_", "-"), tags
        return version_in_filename(filename, self._project) or "", _tags(filename)


def read_facts(entry: Mapping[str, object], tags: str, location: str) -> FileFacts:
    """Return what judges a file; values of other types than they should have count as not stated."""
    requires_python = entry.get("requires-python")
    upload_time = entry.get("upload-time")
    yanked = entry.get("yanked")
    return FileFacts(
        str(entry["filename"]),
        tags,
        requires_python if isinstance(requires_python, str) else "",
        upload_time if isinstance(upload_time, str) else "",
        None if not yanked else yanked if isinstance(yanked, str) else "",
        location,
    )


def _tags(filename: str) -> str:
    if not is_wheel_name(filename):
        return ""
    beginning = filename[:-4].rsplit("-", 3)[0]
    return filename[len(beginning) + 1 : -4]
