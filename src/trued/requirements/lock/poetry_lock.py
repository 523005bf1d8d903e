"""Reading ``poetry.lock``, versions 1.x and 2.x of its format.

The format names no URL for a file of an index: only its name and digest. Before 2.1 it does not tell either
which packages the project asks for, so that every package which is not optional counts as always needed.
"""

from __future__ import annotations

import re

from trued.core.names import is_valid_name, normalize
from trued.core.record import dataclass, replace
from trued.requirements.lock.condition import invalid_marker
from trued.requirements.lock.document import Document, Table
from trued.requirements.lock.file_entry import check_name, clean_url
from trued.requirements.lock.model import (
    DirectKind,
    DirectSource,
    Lock,
    LockedDependency,
    LockedFile,
    LockedPackage,
)
from trued.requirements.lock.reach import Edge, TooManyPaths, reached
from trued.requirements.lock.source_entry import (
    bare_git_url,
    extra_marker,
    finish,
    group_marker,
    plain_extras,
    read_files,
)
from trued.requirements.lock.values import read_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["read_poetry_lock"]

_MAIN = "main"
_REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def read_poetry_lock(data: bytes, *, file: str) -> Lock:
    """Read a ``poetry.lock``. Raises :class:`UsageError` with every fault of the file."""
    document = Document(data, file=file)
    top = document.top
    metadata = top.table("metadata", required=True)
    version = metadata.text("lock-version", required=True) if metadata else None
    document.problems.raise_if_errors()
    if metadata is None or version is None or version.partition(".")[0] not in ("1", "2"):
        top.error("TRU151", "metadata", version=(version or "")[:80], known="1.x and 2.x")
        document.problems.raise_if_errors()
        raise AssertionError("an error was told")
    reader = _Reader(top, metadata)
    lock = Lock(
        requires_python=_pythons(metadata),
        extras=tuple(sorted(reader.extras)),
        dependency_groups=tuple(sorted(reader.groups)),
        packages=tuple(reader.packages()),
        created_by="poetry",
    )
    return finish(document, lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    table: Table
    package: LockedPackage
    groups: tuple[str, ...]
    is_optional: bool


class _Reader:
    """Reads the packages, in the old form of the files' table or the new."""

    def __init__(self, top: Table, metadata: Table) -> None:
        self._top = top
        self._old_files = metadata.table("files") if "files" in metadata else None
        self._extras = top.table("extras")
        self.entries = tuple(
            entry for table in top.tables("package") if (entry := self._entry(table)) is not None
        )
        self._tells_groups = all("groups" in entry.table for entry in self.entries)

    @property
    def extras(self) -> tuple[str, ...]:
        return tuple(map(normalize, self._extras.keys)) if self._extras else ()

    @property
    def groups(self) -> set[str]:
        return {group for entry in self.entries for group in entry.groups} - {_MAIN}

    def packages(self) -> Iterator[LockedPackage]:
        by_extras = {} if self._tells_groups else self._reached_by_extras()
        held = {entry.package.project for entry in self.entries}
        if not self._tells_groups and self.entries:
            place = self._top.document.place(())
            what = "which packages the project asks for, so all are taken for needed"
            self._top.document.problems.note("TRU178", place, self._top.document.file, what=what)
        for entry in self.entries:
            known = self._marker(entry) if self._tells_groups else _old_marker(entry, by_extras)
            dependencies = tuple(edge for edge in _dependencies(entry.table) if edge.project in held)
            yield replace(entry.package, marker=known, dependencies=dependencies)

    def _entry(self, table: Table) -> _Entry | None:
        name = table.text("name", required=True)
        if name is None:
            return None
        if not is_valid_name(name):
            table.malformed("name", f"{name[:80]!r} is no project's name")
            return None
        package = LockedPackage(
            project=normalize(name),
            version=read_version(table, "version"),
            requires_python=_pythons(table),
            place=table.place,
        )
        package = _with_source(table, package)
        files = tuple(self._files(table, name, package))
        groups = table.texts("groups") or (table.text("category") or _MAIN,)
        for group in groups:
            if not is_valid_name(group):
                table.malformed("groups", f"{group[:80]!r} is no group's name")
        return _Entry(
            table=table,
            package=replace(package, files=files),
            groups=groups,
            is_optional=table.flag("optional"),
        )

    def _files(self, table: Table, name: str, package: LockedPackage) -> Iterator[LockedFile]:
        if "files" in table or self._old_files is None:
            return read_files(table.tables("files"), package, table=table)
        # The old table is keyed by name alone: it lists the files of all locked versions together.
        return read_files(self._old_files.tables(name), package, table=table, fits=_may_be_of)

    def _marker(self, entry: _Entry) -> str | None:
        """Return the marker that 2.1 writes: one for all groups, or one a group."""
        content = entry.table.content.get("markers")
        by_group = content if isinstance(content, dict) else {}
        if not all(map(is_valid_name, entry.groups)):
            return None
        alternatives: list[str] = []
        for group in entry.groups:
            own = by_group.get(group) if by_group else content
            marker = plain_extras(own) if isinstance(own, str) else None
            reason = invalid_marker(marker) if marker else None
            if reason is not None:
                entry.table.malformed("markers", f"it is no marker: {reason}")
                return None
            condition = None if group == _MAIN else group_marker(group)
            both = [f"({part})" for part in (condition, marker) if part]
            if not both:
                return None
            alternatives.append(" and ".join(both))
        return _tidy(" or ".join(alternatives))

    def _reached_by_extras(self) -> dict[str, str | None]:
        """Return under which extras of the project each package is needed."""
        if self._extras is None:
            return {}
        edges = {
            str(entry.package.project): [
                Edge(edge.project, edge.marker) for edge in _dependencies(entry.table)
            ]
            for entry in self.entries
        }
        asked = [Edge(name, extra_marker(extra)) for extra, name in self._asked_by_extras(self._extras)]
        try:
            return reached(asked, edges)
        except TooManyPaths as error:
            self._extras.malformed("", f"too many combinations of markers lead to {error}")
            return {}

    def _asked_by_extras(self, extras: Table) -> Iterable[tuple[str, str]]:
        for extra in extras.keys:
            for text in extras.texts(extra):
                match = _REQUIREMENT_NAME.match(text)
                if match is not None:
                    yield normalize(extra), normalize(match[1])


def _may_be_of(file: LockedFile, package: LockedPackage) -> bool:
    """Tell whether *file* is of this version, or of no version of the project at all, which is told then."""
    is_of_project = check_name(file.filename, project=package.project, version=None) is None
    is_of_version = check_name(file.filename, project=package.project, version=package.version) is None
    return is_of_version or not is_of_project


def _old_marker(entry: _Entry, by_extras: dict[str, str | None]) -> str | None:
    if entry.is_optional and entry.package.project in by_extras:
        return by_extras[entry.package.project]
    if _MAIN in entry.groups or not is_valid_name(entry.groups[0]):
        return None
    return _tidy(group_marker(entry.groups[0]))


def _tidy(marker: str) -> str:
    from packaging.markers import Marker

    return str(Marker(marker))


def _with_source(table: Table, package: LockedPackage) -> LockedPackage:
    source = table.table("source")
    if source is None:
        return package
    kind = source.text("type", required=True)
    if kind == "legacy":
        return replace(package, index=clean_url(source, "url", subject=package.text))
    if kind == "url":
        url = clean_url(source, "url", subject=package.text)
        return replace(package, direct=DirectSource(kind=DirectKind.ARCHIVE, url=url))
    if kind == "git":
        direct = DirectSource(
            kind=DirectKind.VCS,
            vcs="git",
            url=bare_git_url(source, "url", source.text("url", required=True) or "", package),
            commit_id=source.text("resolved_reference", required=True),
            requested_revision=source.text("reference"),
            subdirectory=source.text("subdirectory"),
        )
        return replace(package, direct=direct)
    if kind in ("file", "directory"):
        is_file = kind == "file"
        direct = DirectSource(
            kind=DirectKind.ARCHIVE if is_file else DirectKind.DIRECTORY,
            path=source.text("url", required=True),
            editable=table.flag("develop"),
        )
        return replace(package, direct=direct)
    source.error("TRU174", subject=package.text, found=(kind or "none")[:80])
    return package


def _dependencies(table: Table) -> Iterator[LockedDependency]:
    dependencies = table.table("dependencies")
    for name in dependencies.keys if dependencies else ():
        stated = dependencies.content[name] if dependencies else None
        for one in stated if isinstance(stated, list) else [stated]:
            text = one.get("markers") if isinstance(one, dict) else None
            marker = plain_extras(text) if isinstance(text, str) else None
            if marker is not None and invalid_marker(marker) is not None:
                # An edge's marker may speak of the parent's extras; which are wanted, the packages tell.
                marker = None
            yield LockedDependency(project=normalize(name), marker=marker)


def _pythons(table: Table) -> str | None:
    """Read Poetry's own constraint on Python; one that PEP 440 cannot say is left to the files themselves."""
    from packaging.specifiers import SpecifierSet

    text = table.text("python-versions")
    if text is None or text.strip() in ("", "*"):
        return None
    try:
        return str(SpecifierSet(",".join(_pep440(part.strip()) for part in text.split(","))))
    except ValueError:
        place = table.document.place((*table.path, "python-versions"))
        what = f"in a form that PEP 440 has which Pythons it is for ({text[:80]})"
        table.document.problems.note("TRU178", place, table.document.file, what=what)
        return None


def _pep440(part: str) -> str:
    """Turn ``^3.8``, Poetry's "up to the next major", and ``~3.8`` into PEP 440."""
    match = re.fullmatch(r"([\^~])\s*(\d+)(\.\d+)?(\.\d+)?", part)
    if match is None:
        return part
    sign, major, minor = match[1], int(match[2]), match[3]
    lowest = part[1:].strip()
    if sign == "^" or minor is None:
        return f">={lowest},<{major + 1}"
    return f">={lowest},<{major}.{int(minor[1:]) + 1}"
