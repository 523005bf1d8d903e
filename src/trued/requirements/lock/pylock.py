"""Reading ``pylock.toml`` (PEP 751, https://packaging.python.org/specifications/pylock-toml/).

``packaging.pylock`` stops at the first fault and takes any text for a digest; here every fault is told with
its line, and what passes has passed ``packaging`` too. An md5 beside a sha256, and the size, are bound as
well: pip is content with any one digest and ignores the size.
"""

from __future__ import annotations

import re

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.names import normalize
from trued.core.record import replace
from trued.requirements.lock.document import Document, Table
from trued.requirements.lock.file_entry import check_name, clean_url, file_name, read_digests, read_size
from trued.requirements.lock.model import (
    DirectKind,
    DirectSource,
    Lock,
    LockedDependency,
    LockedFile,
    LockedPackage,
)
from trued.requirements.lock.pylock_text import dependency_key, write_pylock
from trued.requirements.lock.source_entry import bare_git_url, check_file, finish
from trued.requirements.lock.values import (
    read_groups,
    read_marker,
    read_markers,
    read_name,
    read_names,
    read_specifier,
    read_version,
)

__all__ = ["read_pylock", "write_pylock"]

_TOP_KEYS = frozenset(
    (
        "lock-version",
        "environments",
        "requires-python",
        "extras",
        "dependency-groups",
        "default-groups",
        "created-by",
        "packages",
        "tool",
    )
)
_SOURCES = ("vcs", "directory", "archive")
_SHA256 = re.compile("[0-9a-f]{64}")


def read_pylock(data: bytes, *, file: str) -> Lock:
    """Read a ``pylock.toml``; *file* is its name as the user knows it.

    Raises :class:`UsageError` with every fault of the file. Warnings and notes are in ``Lock.findings``.
    """
    document = Document(data, file=file)
    top = document.top
    _check_format(top)
    for key in top.keys:
        if key not in _TOP_KEYS:
            place = document.place((key,))
            document.problems.note("TRU172", place, file, what=f"the key {key[:80]!r}")
    packages = top.tables("packages", required=True)
    tool = top.table("tool")
    lock = Lock(
        requires_python=read_specifier(top, "requires-python"),
        environments=read_markers(top, "environments"),
        extras=read_names(top, "extras"),
        dependency_groups=read_groups(top, "dependency-groups"),
        default_groups=read_groups(top, "default-groups"),
        packages=tuple(package for table in packages if (package := _package(table)) is not None),
        created_by=top.text("created-by", required=True) or "",
        tool=tool.content if tool else {},
    )
    _check_dependencies(lock, packages)
    lock = finish(document, lock)
    _confirm(document, file)
    return lock


def _check_format(top: Table) -> None:
    """Refuse a format of which nothing is known: its other keys may mean anything."""
    text = top.text("lock-version", required=True)
    if text is None:
        return
    major, _, minor = text.partition(".")
    if major != "1" or not (minor or "0").isdecimal():
        top.error("TRU151", "lock-version", version=text[:80], known="1.0")
        top.document.problems.raise_if_errors()
    if minor not in ("", "0"):
        place = top.document.place(("lock-version",))
        what = f"lock-version {text[:80]}, newer than 1.0,"
        top.document.problems.warning("TRU172", place, top.document.file, what=what)


def _package(table: Table) -> LockedPackage | None:
    project = read_name(table, "name", required=True)
    if project is None:
        return None
    version = read_version(table, "version")
    package = LockedPackage(
        project=project,
        version=version,
        marker=read_marker(table, "marker"),
        requires_python=read_specifier(table, "requires-python"),
        index=clean_url(table, "index", subject=project),
        dependencies=_dependencies(table),
        extras=_own_extras(table),
        attestation_identities=_identities(table),
        unattested=_unattested(table),
        build=_build(table),
        place=table.place,
    )
    direct = [key for key in _SOURCES if key in table]
    files = _files(table, package)
    if len(direct) > 1 or (direct and files) or not (direct or files or _has_files(table)):
        found = [key for key in (*_SOURCES, "sdist", "wheels") if key in table]
        table.error("TRU174", subject=package.text, found=", ".join(found) or "none")
        return package
    return _direct(table, package, direct[0]) if direct else replace(package, files=files)


def _has_files(table: Table) -> bool:
    return bool(table.content.get("wheels")) or "sdist" in table


def _files(table: Table, package: LockedPackage) -> tuple[LockedFile, ...]:
    entries = [*table.tables("wheels")]
    sdist = table.table("sdist")
    if sdist is not None:
        entries.append(sdist)
    files = [file for entry in entries if (file := _file(entry, package)) is not None]
    names = [file.filename for file in files]
    for filename in sorted({name for name in names if names.count(name) > 1}):
        table.malformed("wheels", f"{filename} is listed more than once")
    return tuple(files)


def _file(table: Table, package: LockedPackage) -> LockedFile | None:
    file = _named_file(table, subject=package.text)
    if file is None:
        return None
    reason = check_name(file.filename, project=package.project, version=package.version)
    is_in_wheels = isinstance(table.path[-1], int)
    if reason is None and is_in_wheels != file.is_wheel:
        reason = "it is listed with the other kind of files"
    if reason is not None:
        table.error("TRU158", subject=package.text, filename=file.filename[:200], reason=reason)
        return None
    return file


def _named_file(table: Table, *, subject: str) -> LockedFile | None:
    """Read one wheel, sdist or archive without looking at what its name says."""
    url, path = clean_url(table, "url", subject=subject), table.text("path")
    filename = file_name(name=table.text("name"), url=url, path=path)
    subject = f"{subject}: {filename[:200]}" if filename else subject
    if not path and "url" not in table:
        table.error("TRU157", subject=subject)
    hashes = table.table("hashes")
    digests = read_digests(table, hashes.content if hashes else {}, subject=subject)
    file = LockedFile(
        filename=filename,
        url=url,
        path=path or None,
        size=read_size(table, subject=subject),
        digests=digests,
        upload_time=table.time("upload-time"),
    )
    return file if filename else None


def _direct(table: Table, package: LockedPackage, key: str) -> LockedPackage:
    source = table.table(key)
    if source is None:
        return package
    is_vcs = key == "vcs"
    path = source.text("path", required=key == "directory")
    direct = DirectSource(
        kind=DirectKind(key),
        url=source.text("url") if is_vcs else clean_url(source, "url", subject=package.text),
        path=path,
        vcs=source.text("type", required=True) if is_vcs else None,
        commit_id=source.text("commit-id", required=True) if is_vcs else None,
        requested_revision=source.text("requested-revision") if is_vcs else None,
        editable=source.flag("editable") if key == "directory" else False,
        subdirectory=source.text("subdirectory"),
        tree_sha256=_tree_sha256(table) if is_vcs else None,
    )
    if key == "archive":
        package = replace(package, direct=direct)
        file = _named_file(source, subject=package.text)
        checked = check_file(source, package, file) if file else None
        return replace(package, files=(checked,) if checked else ())
    if not direct.url and not direct.path:
        source.error("TRU157", subject=package.text)
    return replace(package, direct=_without_secrets(source, direct, package))


def _tree_sha256(table: Table) -> str | None:
    """Read the digest of a repository's tree, which trued writes beside the commit."""
    tool = table.table("tool")
    own = tool.table("trued") if tool else None
    text = own.text("tree-sha256") if own else None
    if own is not None and text is not None and not _SHA256.fullmatch(text):
        own.malformed("tree-sha256", "it is no sha256, 64 hexadecimal digits in lower case")
        return None
    return text


def _without_secrets(source: Table, direct: DirectSource, package: LockedPackage) -> DirectSource:
    return replace(direct, url=direct.url and bare_git_url(source, "url", direct.url, package))


def _dependencies(table: Table) -> tuple[LockedDependency, ...]:
    tool = table.table("tool")
    own = tool.table("trued") if tool else None
    markers = own.table("dependency-markers") if own else None
    read: list[LockedDependency] = []
    for entry in table.tables("dependencies"):
        project = read_name(entry, "name", required=True)
        if project is not None:
            version = read_version(entry, "version")
            edge = LockedDependency(project=project, version=version)
            marker = read_marker(markers, dependency_key(edge)) if markers else None
            read.append(replace(edge, marker=marker))
    return tuple(read)


def _own_extras(table: Table) -> tuple[str, ...]:
    tool = table.table("tool")
    own = tool.table("trued") if tool else None
    return read_names(own, "extras") if own else ()


def _unattested(table: Table) -> tuple[str, ...]:
    tool = table.table("tool")
    own = tool.table("trued") if tool else None
    return own.texts("unattested") if own else ()


def _build(table: Table) -> tuple[LockedPackage, ...]:
    """Read what the project is built with: packages in the form of PEP 751, in a table of trued's own."""
    tool = table.table("tool")
    own = tool.table("trued") if tool else None
    build = own.table("build") if own else None
    packages = build.tables("packages", required=True) if build else ()
    return tuple(package for one in packages if (package := _package(one)) is not None)


def _identities(table: Table) -> tuple[dict[str, str], ...]:
    identities: list[dict[str, str]] = []
    for entry in table.tables("attestation-identities"):
        entry.text("kind", required=True)
        identities.append({key: text for key in entry.keys if (text := entry.text(key)) is not None})
    return tuple(identities)


def _check_dependencies(lock: Lock, packages: tuple[Table, ...]) -> None:
    held: set[str] = {package.project for package in lock.packages}
    for table in packages:
        for entry in table.tables("dependencies"):
            name = entry.content.get("name")
            if isinstance(name, str) and name == normalize(name) and name not in held:
                entry.malformed("name", f"the lock holds no package {name[:80]!r}")


def _confirm(document: Document, file: str) -> None:
    """Let ``packaging`` have the last word on what PEP 751 admits."""
    from packaging.pylock import Pylock, PylockValidationError

    try:
        Pylock.from_dict(document.top.content)
    except PylockValidationError as error:
        where = error.context or "lock-version"
        values = {"where": where, "reason": error.message}
        finding = Finding(code="TRU152", level=Level.ERROR, subject=file, place=Place(file), values=values)
        raise UsageError(*document.problems.findings, finding) from error
