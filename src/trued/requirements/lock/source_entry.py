"""What the readers of other tools' locks have in common: sources, files, and the last checks."""

from __future__ import annotations

import re

from trued.core.record import replace
from trued.requirements.lock.file_entry import check_name, clean_url, file_name, read_hash, read_size
from trued.requirements.lock.model import DirectKind, DirectSource, Lock, LockedFile, LockedPackage
from trued.requirements.lock.overlap import overlapping
from trued.requirements.url import split_credentials, split_fragment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Protocol

    from trued.core.digest import Digest
    from trued.requirements.lock.document import Document, Table

    class DigestReader(Protocol):
        """Reads the digests of one file's entry."""

        def __call__(self, table: Table, *, subject: str) -> tuple[Digest, ...]: ...


__all__ = [
    "bare_git_url",
    "check_file",
    "extra_marker",
    "finish",
    "git_source",
    "group_marker",
    "joined",
    "local_source",
    "plain_extras",
    "read_file",
    "read_files",
]

_EXTRA = re.compile(r"""extra\s*==\s*(["'])([A-Za-z0-9._-]+)\1""")
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


def extra_marker(extra: str) -> str:
    """Return the marker that holds when *extra* of the locked project is asked for (PEP 751)."""
    return f"'{extra}' in extras"


def group_marker(group: str) -> str:
    """Return the marker that holds when the dependency group is asked for (PEP 751)."""
    return f"'{group}' in dependency_groups"


def plain_extras(marker: str) -> str:
    """Return *marker* with ``extra == 'x'``, which has no meaning in a lock, as ``'x' in extras``."""
    return _EXTRA.sub(lambda match: extra_marker(match[2]), marker)


def joined(*markers: str | None) -> str | None:
    """Return the marker that holds when all of *markers* do."""
    given = [marker for marker in markers if marker]
    return " and ".join(f"({marker})" for marker in given) if len(given) > 1 else next(iter(given), None)


def git_source(table: Table, key: str, package: LockedPackage) -> DirectSource | None:
    """Read uv's form of a Git source: ``URL?rev=…&subdirectory=…#commit``."""
    text = table.text(key)
    if text is None:
        return None
    from urllib.parse import parse_qs

    base, commit = split_fragment(text)
    bare, _, query = base.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    url = bare_git_url(table, key, bare, package)
    if not commit:
        table.malformed(key, "it names no commit")
    return DirectSource(
        kind=DirectKind.VCS,
        vcs="git",
        url=url,
        commit_id=commit,
        requested_revision=next((asked[name] for name in ("rev", "tag", "branch") if name in asked), None),
        subdirectory=asked.get("subdirectory"),
    )


def bare_git_url(table: Table, key: str, text: str, package: LockedPackage) -> str:
    """Return *text* without credentials; the account ``git`` is none, every user of a forge shares it."""
    url, credentials = split_credentials(text)
    if credentials is None or (credentials.username == "git" and not credentials.password):
        return text
    place = table.document.place((*table.path, key))
    table.document.problems.warning("TRU199", place, package.text, key=key, url=url)
    return url


def local_source(table: Table, package: LockedPackage, *, editable: bool) -> DirectSource | None:
    """Read a source that is one URL, one path or one folder."""
    if "url" in table and "git" not in table:
        url = clean_url(table, "url", subject=package.text)
        return DirectSource(kind=DirectKind.ARCHIVE, url=url, subdirectory=table.text("subdirectory"))
    key = next(key for key in ("path", "editable", "directory", "virtual") if key in table)
    path = table.text(key)
    is_archive = key == "path" and (path or "").lower().endswith(_ARCHIVES)
    return DirectSource(
        kind=DirectKind.ARCHIVE if is_archive else DirectKind.DIRECTORY, path=path, editable=editable
    )


def read_file(
    table: Table,
    package: LockedPackage,
    *,
    name: str | None,
    fallback: tuple[str | None, str | None] = (None, None),
    digests: DigestReader,
) -> LockedFile | None:
    """Read one file's entry; *fallback* is URL and path where the package's source names them."""
    url = clean_url(table, "url", subject=package.text) or fallback[0]
    path = table.text("path") or (None if url else fallback[1])
    filename = file_name(name=name, url=url, path=path)
    subject = f"{package.text}: {filename[:200]}" if filename else package.text
    if not filename:
        table.error("TRU157", subject=subject)
        return None
    return LockedFile(
        filename=filename,
        url=url,
        path=path,
        size=read_size(table, subject=subject),
        digests=digests(table, subject=subject),
        upload_time=table.time("upload-time"),
    )


def read_files(
    entries: Sequence[Table],
    package: LockedPackage,
    *,
    table: Table,
    fits: Callable[[LockedFile, LockedPackage], bool] | None = None,
) -> Iterator[LockedFile]:
    """Yield the files of *package*, whose entry is *table*, as PDM and Poetry list them: name and hash.

    Those that do not fit are passed over. A folder or a repository has none; anything else needs one.
    """
    direct = package.direct
    if direct is not None and not direct.is_one_file:
        return
    for entry in entries:
        file = read_file(
            entry,
            package,
            name=entry.text("file"),
            fallback=(direct.url, direct.path) if direct else (None, None),
            digests=read_hash,
        )
        if file is None or (fits is not None and not fits(file, package)):
            continue
        checked = check_file(entry, package, file)
        if checked is not None:
            yield checked
    if not entries:
        table.error("TRU153", subject=package.text)


def check_file(table: Table, package: LockedPackage, file: LockedFile) -> LockedFile | None:
    """Return *file* unless its name tells another release; an archive by URL may have any name."""
    if package.direct is not None and not file.is_wheel:
        return file
    reason = check_name(file.filename, project=package.project, version=package.version)
    if reason is None:
        return file
    table.error("TRU158", subject=package.text, filename=file.filename[:200], reason=reason)
    return None


def finish(document: Document, lock: Lock) -> Lock:
    """Return *lock* with the findings of the reading; raises :class:`UsageError` when it has faults."""
    document.problems.raise_if_errors()
    for one, other, witness in overlapping(lock):
        document.problems.error(
            "TRU159", other.place, other.text, other=one.text, above=str(one.place), environment=witness
        )
    document.problems.raise_if_errors()
    return replace(lock, findings=document.problems.findings)
