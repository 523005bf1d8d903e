"""Reading ``uv.lock`` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile).

uv installs from a lock whose hashes were deleted, and from one whose URL and hash point to another host
(``uv sync --locked`` too). Here a missing hash is a fault, and ``binding`` compares the hosts.
"""

from __future__ import annotations

import re

from trued.core.record import dataclass, replace
from trued.requirements.lock.document import Document, Table
from trued.requirements.lock.file_entry import clean_url, read_hash
from trued.requirements.lock.model import Lock, LockedDependency, LockedFile, LockedPackage
from trued.requirements.lock.reach import Edge, TooManyPaths, reached
from trued.requirements.lock.source_entry import (
    check_file,
    extra_marker,
    finish,
    git_source,
    group_marker,
    joined,
    local_source,
    read_file,
)
from trued.requirements.lock.values import read_marker, read_markers, read_name, read_specifier, read_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_uv_lock"]

_CONFLICT = re.compile(r"extra\s*[!=]=\s*['\"](?:extra|group|project)-\d+-")
"""How uv writes that extras or groups exclude each other: a made-up extra, which only uv can decide."""

_LOCAL = ("editable", "directory", "virtual")


def read_uv_lock(data: bytes, *, file: str) -> Lock:
    """Read a ``uv.lock`` of version 1; extras and groups are those of the workspace's members.

    uv does not record which groups it installs by default, so ``default_groups`` is empty.
    Raises :class:`UsageError` with every fault of the file.
    """
    document = Document(data, file=file)
    top = document.top
    version = top.content.get("version")
    if version != 1 or isinstance(version, bool):
        top.error("TRU151", "version", version=str(version)[:80], known="1")
        document.problems.raise_if_errors()
    entries = tuple(entry for table in top.tables("package") if (entry := _entry(table)) is not None)
    graph = _Graph(entries)
    members = _members(top, entries)
    edges = {entry.node: tuple(graph.edges(entry)) for entry in entries}
    edges |= {
        entry.extra_node(extra): tuple(graph.extra_edges(entry, extra)) for entry, extra in graph.extras
    }
    asked = [*graph.asked(members), *graph.manifest(top)]
    document.problems.raise_if_errors()
    try:
        markers = reached(asked, edges)
    except TooManyPaths as error:
        top.malformed("package", f"too many combinations of markers lead to {error}")
        markers = {}
    lock = Lock(
        requires_python=read_specifier(top, "requires-python"),
        environments=read_markers(top, "supported-markers"),
        extras=tuple(sorted({extra for member in members for extra in member.extras})),
        dependency_groups=tuple(sorted({group for member in members for group in member.groups})),
        packages=tuple(_packages(entries, graph, markers)),
        created_by="uv",
    )
    return finish(document, lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One ``[[package]]`` and its source."""

    table: Table
    package: LockedPackage
    source: Table

    @property
    def node(self) -> str:
        return f"{self.package.project} {self.package.version or ''} {sorted(self.source.content.items())}"

    def extra_node(self, extra: str) -> str:
        return f"{self.node} [{extra}]"

    @property
    def extras(self) -> tuple[str, ...]:
        table = self.table.table("optional-dependencies")
        return table.keys if table else ()

    @property
    def groups(self) -> tuple[str, ...]:
        table = self.table.table("dev-dependencies")
        return table.keys if table else ()

    @property
    def is_virtual(self) -> bool:
        return "virtual" in self.source


def _entry(table: Table) -> _Entry | None:
    project = read_name(table, "name", required=True)
    source = table.table("source", required=True)
    if project is None or source is None:
        return None
    package = LockedPackage(project=project, version=read_version(table, "version"), place=table.place)
    package = _with_source(source, package)
    files = tuple(_files(table, package))
    return _Entry(table=table, package=replace(package, files=files), source=source)


def _with_source(source: Table, package: LockedPackage) -> LockedPackage:
    if "registry" in source:
        text = source.text("registry") or ""
        is_url = "://" in text
        return replace(package, index=clean_url(source, "registry", subject=package.text) if is_url else None)
    if "git" in source:
        return replace(package, direct=git_source(source, "git", package))
    if "url" in source or "path" in source:
        return replace(package, direct=local_source(source, package, editable=False))
    if any(key in source for key in _LOCAL):
        return replace(package, direct=local_source(source, package, editable="editable" in source))
    source.error("TRU174", subject=package.text, found=", ".join(source.keys) or "none")
    return package


def _files(table: Table, package: LockedPackage) -> Iterator[LockedFile]:
    entries = list(table.tables("wheels"))
    sdist = table.table("sdist")
    if sdist is not None:
        entries.append(sdist)
    if package.direct is not None and not package.direct.is_one_file:
        return
    for entry in entries:
        file = _file(entry, package)
        if file is not None:
            yield file
    if not entries and not package.direct:
        table.error("TRU174", subject=package.text, found="none")
    elif not entries:
        table.error("TRU153", subject=package.text)


def _file(entry: Table, package: LockedPackage) -> LockedFile | None:
    direct = package.direct
    file = read_file(
        entry,
        package,
        name=entry.text("filename"),
        fallback=(direct.url, direct.path) if direct else (None, None),
        digests=read_hash,
    )
    return file and check_file(entry, package, file)


def _members(top: Table, entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
    """Return the workspace's members; without a list of them, the project in the lock's own folder."""
    manifest = top.table("manifest")
    if manifest is not None and "members" in manifest:
        names = manifest.texts("members")
        return tuple(entry for entry in entries if entry.package.project in names and _is_local(entry))
    return tuple(entry for entry in entries if "." in (entry.source.content.get(key) for key in _LOCAL))


def _is_local(entry: _Entry) -> bool:
    return any(key in entry.source for key in _LOCAL)


class _Graph:
    """The packages with their dependencies found: an entry names as much as tells its target apart."""

    def __init__(self, entries: tuple[_Entry, ...]) -> None:
        self._by_name: dict[str, list[_Entry]] = {}
        for entry in entries:
            self._by_name.setdefault(entry.package.project, []).append(entry)
        self.extras = [(entry, extra) for entry in entries for extra in entry.extras]

    def edges(self, entry: _Entry) -> Iterator[Edge]:
        for table in entry.table.tables("dependencies"):
            yield from self._edges(table)

    def extra_edges(self, entry: _Entry, extra: str) -> Iterator[Edge]:
        optional = entry.table.table("optional-dependencies")
        for table in optional.tables(extra) if optional else ():
            yield from self._edges(table)

    def asked(self, members: tuple[_Entry, ...]) -> Iterator[Edge]:
        """Yield what installing the members asks for, with each extra and each group under its own marker."""
        for member in members:
            yield Edge(member.node)
            for extra in member.extras:
                yield Edge(member.extra_node(extra), extra_marker(extra))
            groups = member.table.table("dev-dependencies")
            for group in member.groups:
                for table in groups.tables(group) if groups else ():
                    yield from self._edges(table, group_marker(group))

    def manifest(self, top: Table) -> Iterator[Edge]:
        """Yield what a script's lock asks for, which has no member."""
        manifest = top.table("manifest")
        for table in manifest.tables("requirements") if manifest else ():
            if isinstance(table.content.get("name"), str):
                yield from self._edges(replace(table, content=_without_version(table)))

    def dependencies(self, entry: _Entry) -> Iterator[LockedDependency]:
        """Yield the edges of *entry* as a lock records them, those of its extras included."""
        tables = [*entry.table.tables("dependencies")]
        optional = entry.table.table("optional-dependencies")
        if not _is_local(entry):
            tables += [one for extra in entry.extras for one in (optional.tables(extra) if optional else ())]
        for table in tables:
            target = self._target(table)
            if target is not None:
                several = len(self._by_name[target.package.project]) > 1
                yield LockedDependency(
                    project=target.package.project,
                    version=target.package.version if several else None,
                    marker=_edge_marker(table),
                )

    def _edges(self, table: Table, condition: str | None = None) -> Iterator[Edge]:
        target = self._target(table)
        if target is None:
            return
        marker = joined(condition, _edge_marker(table))
        yield Edge(target.node, marker)
        for extra in table.texts("extra") or table.texts("extras"):
            yield Edge(target.extra_node(extra), marker)

    def _target(self, table: Table) -> _Entry | None:
        name = read_name(table, "name", required=True)
        source, version = table.content.get("source"), table.content.get("version")
        found = [
            entry
            for entry in self._by_name.get(name or "", ())
            if version in (None, entry.package.version) and source in (None, entry.source.content)
        ]
        if len(found) == 1:
            return found[0]
        if name is not None:
            count = "no" if not found else "more than one"
            table.malformed("name", f"the lock holds {count} package {name} that fits")
        return None


def _without_version(table: Table) -> dict[str, object]:
    return {key: value for key, value in table.content.items() if key not in ("version", "source")}


def _edge_marker(table: Table) -> str | None:
    text = table.content.get("marker")
    if isinstance(text, str) and _CONFLICT.search(text):
        table.malformed(
            "marker", "it tells of extras that exclude each other in a way that only uv can decide"
        )
        return None
    return read_marker(table, "marker")


def _packages(
    entries: tuple[_Entry, ...], graph: _Graph, markers: dict[str, str | None]
) -> Iterator[LockedPackage]:
    for entry in entries:
        if entry.is_virtual or entry.node not in markers:
            continue
        extras = tuple(extra for extra in entry.extras if entry.extra_node(extra) in markers)
        yield replace(
            entry.package,
            marker=markers[entry.node],
            extras=extras,
            dependencies=tuple(dict.fromkeys(graph.dependencies(entry))),
        )
