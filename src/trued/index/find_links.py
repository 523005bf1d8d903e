"""``--find-links``: folders, and pages of links to files of many projects."""

from __future__ import annotations

import os

from trued.core.distribution import is_sdist_name, is_wheel_name
from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.core.names import ProjectName, normalize
from trued.index.entry import Source
from trued.index.page import parse_page
from trued.index.project_page import ProjectPage
from trued.index.transport import Request, Transport
from trued.index.url import InvalidUrl, file_url_path, is_file_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.core.limits import Limits

__all__ = ["LinkedFiles", "gather_links"]


class LinkedFiles:
    """Every file that the find-links locations offer."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)
        self._by_project = [_by_project(source) for source in self._sources]

    def page(self, project: ProjectName) -> ProjectPage | None:
        """Return the files of *project*, or ``None`` when no location has one."""
        found = [
            Source(url=source.url, index=source.index, entries=tuple(entries), names_project=False)
            for source, entries in self._of(project)
        ]
        page = ProjectPage(project=project, index=found[0].index, sources=found) if found else None
        return page if page is not None and page.files else None

    def _of(self, project: ProjectName) -> Iterator[tuple[Source, list[object]]]:
        for source, projects in zip(self._sources, self._by_project, strict=True):
            entries = [*projects.get(project, ()), *projects.get(_UNDECIDED, ())]
            if entries:
                yield source, entries


_UNDECIDED = ProjectName("")
"""Sdists: where the name ends is known only once the project is."""


def _by_project(source: Source) -> dict[ProjectName, list[object]]:
    found: dict[ProjectName, list[object]] = {}
    for entry in source.entries:
        filename = entry.get("filename") if isinstance(entry, dict) else None
        if not isinstance(filename, str):
            continue
        project = normalize(filename.partition("-")[0]) if is_wheel_name(filename) else _UNDECIDED
        found.setdefault(project, []).append(entry)
    return found


def gather_links(locations: Iterable[str], transport: Transport, *, limits: Limits) -> LinkedFiles:
    """Read every location. Raises :class:`OperationalError` with all those that cannot be read."""
    sources: list[Source] = []
    problems: list[Finding] = []
    for location in locations:
        try:
            sources.extend(_sources(location, transport, limits))
        except OperationalError as error:
            problems.extend(error.findings)
    if problems:
        raise OperationalError(*problems)
    return LinkedFiles(sources)


def _sources(location: str, transport: Transport, limits: Limits) -> tuple[Source, ...]:
    path = _local_path(location)
    if path is not None and os.path.isdir(path):
        return (_folder(path, location),)
    if path is not None and is_wheel_name(path):
        return (_single(path, location),)
    return _page(location, transport, limits)


def _local_path(location: str) -> str | None:
    if not is_file_url(location):
        return None
    try:
        return file_url_path(location)
    except InvalidUrl as invalid:
        raise _unreadable(location, invalid.reason) from None


def _folder(path: str, location: str) -> Source:
    try:
        names = sorted(name for name in os.listdir(path) if is_wheel_name(name) or is_sdist_name(name))
    except OSError as error:
        raise _unreadable(location, error.strerror or "it cannot be read") from None
    base = location if location.endswith("/") else f"{location}/"
    return Source(
        url=base, index=location, entries=tuple(_local_entry(name) for name in names), names_project=False
    )


def _single(path: str, location: str) -> Source:
    entries = (_local_entry(os.path.basename(path)),)
    return Source(url=location, index=location, entries=entries, names_project=False)


def _local_entry(name: str) -> dict[str, object]:
    from urllib.parse import quote

    return {"filename": name, "url": f"./{quote(name)}"}


def _page(location: str, transport: Transport, limits: Limits) -> tuple[Source, ...]:
    request = Request(
        url=location,
        max_bytes=limits.page_bytes,
        subject=location,
        headers=(("Accept", "text/html"),),
        expected=frozenset({200, 404}),
    )
    response = transport.fetch(request)
    if response.status == 404:
        raise _unreadable(location, "there is nothing at this address")
    content_type = "text/html" if is_file_url(location) else response.headers.get("content-type", "")
    page = parse_page(
        response.body,
        content_type=content_type,
        url=response.url,
        project=ProjectName(""),
        index=location,
        names_project=False,
    )
    return page.sources


def _unreadable(location: str, reason: str) -> OperationalError:
    return OperationalError(Finding(code="TRU353", subject=location, values={"reason": reason}))
