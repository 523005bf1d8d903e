"""Reading ``Pipfile.lock``, version 6 of its format (https://pipenv.pypa.io/en/latest/pipfile.html).

It is a JSON object with a table for each category of packages. It holds digests of files and not their
names, and does not tell who needs whom.
"""

from __future__ import annotations

import re

from trued.core.names import is_valid_name, normalize
from trued.core.record import dataclass, replace
from trued.requirements.lock.file_entry import clean_url, hash_text
from trued.requirements.lock.json_document import JsonDocument
from trued.requirements.lock.model import DirectKind, DirectSource, Lock, LockedFile, LockedPackage
from trued.requirements.lock.source_entry import bare_git_url, finish, group_marker, joined
from trued.requirements.lock.values import read_marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.requirements.lock.document import Table

__all__ = ["read_pipfile_lock"]

_META = "_meta"
_DEFAULT = "default"
_VERSION = re.compile(r"===?\s*(?P<version>[^\s,*]+)")
_SYSTEMS = ("git", "hg", "svn", "bzr")


def read_pipfile_lock(data: bytes, *, file: str) -> Lock:
    """Read a ``Pipfile.lock``; each category but ``default`` is a dependency group here.

    Raises :class:`UsageError` with every fault of the file.
    """
    document = JsonDocument(data, file=file)
    top = document.top
    meta = top.table(_META, required=True)
    document.problems.raise_if_errors()
    version = meta.content.get("pipfile-spec") if meta else None
    if meta is None or version != 6:
        top.error("TRU151", _META, version=str(version)[:80], known="6")
        document.problems.raise_if_errors()
        raise AssertionError("an error was told")
    indexes = dict(_indexes(meta))
    categories = [key for key in top.keys if key != _META]
    held = [(category, package) for category in categories for package in _category(top, category, indexes)]
    document.problems.raise_if_errors()
    what = "who needs whom, so a release that nothing needs any more stays"
    document.problems.note("TRU178", document.place((_META,)), file, what=what)
    lock = Lock(
        requires_python=_pythons(meta),
        dependency_groups=tuple(sorted(_group(one) for one in categories if one != _DEFAULT)),
        packages=tuple(_merged(held)),
        created_by="pipenv",
    )
    return finish(document, lock)


def _group(category: str) -> str:
    """Return the group of a category; pipenv calls that of ``[dev-packages]`` ``develop``."""
    return "dev" if category == "develop" else normalize(category)


def _indexes(meta: Table) -> Iterator[tuple[str, str]]:
    """Yield name and address of each index, without credentials."""
    for source in meta.tables("sources"):
        name = source.text("name", required=True)
        url = clean_url(source, "url", subject=name or "")
        if name and url:
            yield name, url


def _pythons(meta: Table) -> str | None:
    """Return the Pythons that the project is for, by ``requires``."""
    table = meta.table("requires")
    stated = (table.text("python_full_version") or table.text("python_version")) if table else None
    found = re.match(r"\d+(\.\d+)?", stated or "")
    return f"=={found[0]}.*" if found else None


def _category(top: Table, category: str, indexes: Mapping[str, str]) -> Iterator[LockedPackage]:
    if not is_valid_name(category):
        top.malformed(category, f"{category[:80]!r} is no group's name")
        return
    content = top.table(category)
    for name in content.keys if content else ():
        table = content.table(name) if content else None
        if table is None:
            continue
        if not is_valid_name(name):
            top.malformed(category, f"{name[:80]!r} is no project's name")
            continue
        yield _package(table, name, category, indexes)


def _package(table: Table, name: str, category: str, indexes: Mapping[str, str]) -> LockedPackage:
    marker = read_marker(table, "markers")
    package = LockedPackage(
        project=normalize(name),
        version=_version(table),
        marker=marker if category == _DEFAULT else joined(group_marker(_group(category)), marker),
        extras=tuple(sorted(map(normalize, table.texts("extras")))),
        index=indexes.get(table.text("index") or ""),
        place=table.place,
    )
    package = replace(package, direct=_direct(table, package))
    if package.direct is None and package.version is None and "version" not in table:
        table.malformed("version", "it is missing")
    return replace(package, files=tuple(_files(table, package)))


def _version(table: Table) -> str | None:
    from packaging.version import InvalidVersion, Version

    text = table.text("version")
    if text is None:
        return None
    found = _VERSION.fullmatch(text.strip())
    try:
        return str(Version(found["version"] if found else ""))
    except (InvalidVersion, ValueError):
        table.malformed("version", f"{text[:80]!r} is not one version, ==1.0")
        return None


def _direct(table: Table, package: LockedPackage) -> DirectSource | None:
    system = next((one for one in _SYSTEMS if one in table), None)
    if system is not None:
        return DirectSource(
            kind=DirectKind.VCS,
            vcs=system,
            url=bare_git_url(table, system, table.text(system) or "", package),
            commit_id=table.text("ref", required=True),
            editable=table.flag("editable"),
            subdirectory=table.text("subdirectory"),
        )
    if "file" in table:
        url = clean_url(table, "file", subject=package.text)
        return DirectSource(kind=DirectKind.ARCHIVE, url=url)
    if "path" in table:
        return DirectSource(
            kind=DirectKind.DIRECTORY, path=table.text("path"), editable=table.flag("editable")
        )
    return None


def _files(table: Table, package: LockedPackage) -> Iterator[LockedFile]:
    """Yield a file without a name for each digest; of an archive it is that archive."""
    direct = package.direct
    if direct is not None and not direct.is_one_file:
        return
    texts = table.texts("hashes")
    if not texts and "hashes" not in table:
        table.error("TRU153", subject=package.text)
    for text in texts:
        for digest in hash_text(table, "hashes", text, subject=package.text):
            if direct is None:
                yield LockedFile(filename=str(digest), digests=(digest,))
            else:
                name = (direct.url or "").rpartition("/")[2]
                yield LockedFile(filename=name, url=direct.url, digests=(digest,))


@dataclass(frozen=True, slots=True)
class _Release:
    project: str
    version: str | None
    direct: str


def _merged(held: list[tuple[str, LockedPackage]]) -> Iterator[LockedPackage]:
    """Yield each release once: what the default category has already, another one does not add."""
    together: dict[_Release, list[tuple[str, LockedPackage]]] = {}
    for category, package in held:
        key = _Release(package.project, package.version, str(package.direct or ""))
        together.setdefault(key, []).append((category, package))
    for packages in together.values():
        plain = [package for category, package in packages if category == _DEFAULT]
        first = plain[0] if plain else packages[0][1]
        markers = [package.marker for _, package in packages]
        marker = first.marker if plain else " or ".join(f"({one})" for one in markers)
        if len(packages) == 1:
            marker = first.marker
        extras = {extra for _, package in packages for extra in package.extras}
        yield replace(first, marker=marker, extras=tuple(sorted(extras)))
