"""Reading ``pdm.lock``, version 4 of its format (https://pdm-project.org/latest/usage/lockfile/)."""

from __future__ import annotations

from trued.core.names import ProjectName, is_valid_name, normalize
from trued.core.record import dataclass, replace
from trued.requirements.lock.document import Document, Table
from trued.requirements.lock.file_entry import clean_url
from trued.requirements.lock.model import (
    DirectKind,
    DirectSource,
    Lock,
    LockedDependency,
    LockedPackage,
)
from trued.requirements.lock.source_entry import bare_git_url, finish, group_marker, read_files
from trued.requirements.lock.values import read_marker, read_specifier, read_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_pdm_lock"]

_DEFAULT = "default"


def read_pdm_lock(data: bytes, *, file: str) -> Lock:
    """Read a ``pdm.lock``. Its groups are dependency groups here: it does not tell which of them are extras.

    Raises :class:`UsageError` with every fault of the file.
    """
    document = Document(data, file=file)
    top = document.top
    metadata = top.table("metadata", required=True)
    version = metadata.text("lock_version", required=True) if metadata else None
    document.problems.raise_if_errors()
    if metadata is None or version is None or version.partition(".")[0] != "4":
        top.error("TRU151", "metadata", version=(version or "")[:80], known="4.x")
        document.problems.raise_if_errors()
        raise AssertionError("an error was told")
    entries = tuple(entry for table in top.tables("package") if (entry := _entry(table)) is not None)
    tells_groups = all("groups" in entry.table for entry in entries)
    if entries and not tells_groups:
        what = "which packages the project asks for, so all are taken for needed"
        document.problems.note("TRU178", document.place(("metadata",)), file, what=what)
    groups = {group for entry in entries for group in entry.groups} - {_DEFAULT}
    lock = Lock(
        requires_python=_pythons(metadata),
        dependency_groups=tuple(sorted(groups)),
        packages=tuple(_merged(entries)),
        created_by="pdm",
    )
    return finish(document, lock)


def _pythons(metadata: Table) -> str | None:
    """Return what the lock's targets have in common to say of Python; of several nothing is said."""
    targets = metadata.tables("targets")
    if len(targets) == 1:
        return read_specifier(targets[0], "requires_python")
    return read_specifier(metadata, "requires_python") if not targets else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    table: Table
    package: LockedPackage
    groups: tuple[str, ...]


def _entry(table: Table) -> _Entry | None:
    name = table.text("name", required=True)
    if name is None:
        return None
    if not is_valid_name(name):
        table.malformed("name", f"{name[:80]!r} is no project's name")
        return None
    groups = table.texts("groups") or (_DEFAULT,)
    package = LockedPackage(
        project=normalize(name),
        version=read_version(table, "version"),
        marker=_marker(table, groups),
        requires_python=read_specifier(table, "requires_python"),
        extras=tuple(sorted(map(normalize, table.texts("extras")))),
        place=table.place,
    )
    package = replace(package, direct=_direct(table, package))
    package = replace(package, files=tuple(read_files(table.tables("files"), package, table=table)))
    return _Entry(table=table, package=package, groups=groups)


def _marker(table: Table, groups: tuple[str, ...]) -> str | None:
    own = read_marker(table, "marker")
    if _DEFAULT in groups:
        return own
    for group in groups:
        if not is_valid_name(group):
            table.malformed("groups", f"{group[:80]!r} is no group's name")
            return None
    asked = " or ".join(map(group_marker, groups))
    return f"({asked}) and ({own})" if own else asked


def _direct(table: Table, package: LockedPackage) -> DirectSource | None:
    if "git" in table:
        return DirectSource(
            kind=DirectKind.VCS,
            vcs="git",
            url=bare_git_url(table, "git", table.text("git") or "", package),
            commit_id=table.text("revision", required=True),
            requested_revision=table.text("ref"),
            subdirectory=table.text("subdirectory"),
        )
    if "url" in table:
        url = clean_url(table, "url", subject=package.text)
        return DirectSource(kind=DirectKind.ARCHIVE, url=url, subdirectory=table.text("subdirectory"))
    if "path" in table:
        is_file = bool(table.content.get("files"))
        return DirectSource(
            kind=DirectKind.ARCHIVE if is_file else DirectKind.DIRECTORY,
            path=table.text("path"),
            editable=table.flag("editable"),
        )
    return None


def _merged(entries: tuple[_Entry, ...]) -> Iterator[LockedPackage]:
    """Yield one package a release: pdm repeats it, files and all, for each set of extras that is wanted."""
    together: dict[tuple[str, str | None, str], list[LockedPackage]] = {}
    held = {entry.package.project for entry in entries}
    for entry in entries:
        package = entry.package
        package = replace(package, dependencies=tuple(_dependencies(entry.table, package, held)))
        key = (package.project, package.version, str(package.direct or ""))
        together.setdefault(key, []).append(package)
    for packages in together.values():
        base = next((package for package in packages if not package.extras), packages[0])
        edges = [edge for package in packages for edge in package.dependencies]
        extras = {extra for package in packages for extra in package.extras}
        yield replace(base, dependencies=tuple(dict.fromkeys(edges)), extras=tuple(sorted(extras)))


def _dependencies(table: Table, package: LockedPackage, held: set[ProjectName]) -> Iterator[LockedDependency]:
    from packaging.requirements import InvalidRequirement, Requirement

    for text in table.texts("dependencies"):
        try:
            parsed = Requirement(text)
        except (InvalidRequirement, RecursionError):
            table.malformed("dependencies", f"{text[:80]!r} is no requirement")
            continue
        project = normalize(parsed.name)
        if project in held and project != package.project:
            marker = str(parsed.marker) if parsed.marker else None
            yield LockedDependency(project=project, marker=marker)
