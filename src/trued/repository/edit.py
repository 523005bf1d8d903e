"""Changes to the pages of an index: build, add, remove, yank, status.

Each marks its projects first, then writes files, then pages; a signed index shows none of it to its clients
before it is signed.
"""

from __future__ import annotations

import os

from trued.core.errors import Refused
from trued.core.record import replace
from trued.core.tuf_paths import file_path, list_path, metadata_path, page_path, provenance_path
from trued.core.whole_file import write_whole
from trued.repository.faults import fault, refused
from trued.repository.file_content import digest_of, read_if_there
from trued.repository.html_page import html_list, html_page
from trued.repository.project_record import (
    STATUSES,
    FileRecord,
    ProjectRecord,
    json_list,
    json_page,
    read_page,
)
from trued.repository.release_file import read_release_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from trued.core.finding import Finding
    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.repository.release_file import ReleaseFile
    from trued.repository.site import Site

__all__ = [
    "add_files",
    "list_bytes",
    "load_project",
    "page_bytes",
    "remove_files",
    "set_status",
    "write_lists",
    "yank",
]


def page_bytes(record: ProjectRecord) -> dict[str, bytes]:
    """Return both pages of a project by their target paths."""
    return {
        page_path(record.project, "json"): json_page(record),
        page_path(record.project, "html"): html_page(record),
    }


def list_bytes(projects: tuple[ProjectName, ...]) -> dict[str, bytes]:
    """Return both lists of projects by their target paths."""
    return {list_path("json"): json_list(projects), list_path("html"): html_list(projects)}


def load_project(site: Site, project: ProjectName) -> ProjectRecord | None:
    """Return the project as its page has it, ``None`` without a page. Raises :class:`Refused`."""
    data = read_if_there(site.place(page_path(project, "json")))
    if data is None:
        return None
    try:
        return read_page(data, project)
    except ValueError as error:
        raise refused("TRU882", project, reason=str(error)) from error


def add_files(
    site: Site,
    paths: Sequence[str],
    *,
    limits: Limits,
    uploaded: datetime | None = None,
    announce: Callable[[str], None] = lambda _: None,
) -> tuple[ProjectName, ...]:
    """Read every file strictly, and when all are good put all of them into the index; return the projects.

    A file that is there already with the same content changes nothing. *announce* is told each file's name.

    Raises:
        Refused: with the faults of all files; nothing was changed then.

    """
    files, problems = _read_all(paths, limits=limits, uploaded=uploaded, announce=announce)
    records: dict[ProjectName, ProjectRecord] = {}
    new: list[ReleaseFile] = []
    for file in files:
        record = records.get(file.project) or load_project(site, file.project)
        record = record or ProjectRecord(project=file.project, files={})
        known = record.files.get(file.record.filename)
        problems += _fits(site, known, file)
        if known is None:
            records[file.project] = record.with_files(file.record)
            new.append(file)
        else:
            has_provenance = known.provenance or file.provenance is not None
            records[file.project] = record.with_files(replace(known, provenance=has_provenance))
            new += [file] if file.provenance is not None else []
    if problems:
        raise Refused(*problems)
    site.mark(records)
    for file in new:
        _place(site, file)
    _write_pages(site, records.values())
    return tuple(sorted(records))


def remove_files(site: Site, spelled: Sequence[str]) -> tuple[ProjectName, ...]:
    """Take ``NAME``, ``NAME==VERSION`` or a file by its name out of the pages; return the projects.

    What old snapshots name stays on disk under its ``HASH.NAME`` until it is swept.
    """
    chosen = _chosen(site, spelled)
    site.mark(chosen)
    for record, files in chosen.values():
        for file in files:
            _tombstone(site, file_path(record.project, file.filename), file)
        _write_pages(site, [record.without(*(file.filename for file in files))])
        for file in files:
            path = file_path(record.project, file.filename)
            for one in (path, metadata_path(path), provenance_path(path)):
                if os.path.exists(site.place(one)):
                    os.unlink(site.place(one))
    return tuple(sorted(chosen))


def yank(site: Site, spelled: Sequence[str], *, reason: str | None) -> tuple[ProjectName, ...]:
    """Yank releases or files (PEP 592) for *reason*, or take that back when it is ``None``."""
    chosen = _chosen(site, spelled)
    site.mark(chosen)
    for record, files in chosen.values():
        _write_pages(site, [record.with_files(*(replace(file, yanked=reason) for file in files))])
    return tuple(sorted(chosen))


def set_status(site: Site, project: ProjectName, *, status: str, reason: str = "") -> tuple[ProjectName, ...]:
    """Set the project's status (PEP 792) and why."""
    record = load_project(site, project)
    if record is None:
        raise refused("TRU882", project, reason="there is no such project")
    if status not in STATUSES:
        raise refused("TRU899", status, reason=f"a status is one of {', '.join(STATUSES)}")
    site.mark([project])
    _write_pages(site, [replace(record, status=status, reason=reason)])
    return (project,)


def write_lists(site: Site) -> None:
    """Write the lists of projects, where they would change."""
    for path, data in list_bytes(site.projects()).items():
        _write_page(site, path, data)


def _read_all(
    paths: Sequence[str], *, limits: Limits, uploaded: datetime | None, announce: Callable[[str], None]
) -> tuple[list[ReleaseFile], list[Finding]]:
    files: list[ReleaseFile] = []
    problems: list[Finding] = []
    for path in paths:
        announce(os.path.basename(path))
        try:
            files.append(read_release_file(path, limits=limits, uploaded=uploaded))
        except Refused as error:
            problems += error.findings
        except OSError as error:
            problems.append(fault("TRU880", path, reason=error.strerror or type(error).__name__))
    return files, problems


def _fits(site: Site, known: FileRecord | None, file: ReleaseFile) -> list[Finding]:
    """Return what forbids the file: a name keeps the content it once had."""
    sha256 = known.sha256 if known else _removed_sha256(site, file)
    if sha256 and sha256 != file.record.sha256:
        return [fault("TRU881", file.record.filename, known=sha256, given=file.record.sha256)]
    return []


def _tombstone(site: Site, path: str, file: FileRecord) -> None:
    """Remember the digest of a name that is removed, so that the name does not come back as another file."""
    write_whole(site.place(f"{os.path.dirname(path)}/.removed/{file.filename}"), file.sha256.encode())


def _removed_sha256(site: Site, file: ReleaseFile) -> str:
    folder = os.path.dirname(file_path(file.project, file.record.filename))
    return (read_if_there(site.place(f"{folder}/.removed/{file.record.filename}")) or b"").decode()


def _place(site: Site, file: ReleaseFile) -> None:
    """Copy the file into the site, and what stands beside it; whole, and the file with its own time."""
    import shutil

    path = file_path(file.project, file.record.filename)
    target = site.place(path)
    if not os.path.exists(target):
        draft = f"{target}.{os.getpid()}.draft"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(file.path, draft)
        _check_copied(draft, file)
        os.replace(draft, target)
    if file.metadata is not None:
        write_whole(site.place(metadata_path(path)), file.metadata)
    if file.provenance is not None:
        write_whole(site.place(provenance_path(path)), file.provenance)


def _check_copied(draft: str, file: ReleaseFile) -> None:
    """Refuse a file that changed between being read and being copied."""
    if digest_of(draft)[1] != file.record.sha256:
        os.unlink(draft)
        raise refused("TRU880", file.record.filename, reason="it changed while it was read")


def _chosen(site: Site, spelled: Sequence[str]) -> dict[ProjectName, tuple[ProjectRecord, list[FileRecord]]]:
    """Return the projects and files that are meant. Raises :class:`Refused` with all that mean none."""
    from trued.repository.chosen_files import choose

    chosen: dict[ProjectName, tuple[ProjectRecord, list[FileRecord]]] = {}
    problems: list[Finding] = []
    for text in spelled:
        project, matches = choose(text)
        record = load_project(site, project)
        files = [file for file in record.files.values() if matches(file)] if record else []
        if record is None or not files:
            problems.append(fault("TRU882", text, reason="the index has no such file"))
            continue
        chosen.setdefault(project, (record, []))[1].extend(files)
    if problems:
        raise Refused(*problems)
    return chosen


def _write_pages(site: Site, records: Iterable[ProjectRecord]) -> None:
    """Write the pages of the projects, and when one is new the lists, which are long in a large index."""
    is_new = not os.path.exists(site.place(list_path("html")))
    for record in records:
        is_new = is_new or not os.path.exists(site.place(page_path(record.project, "html")))
        for path, data in page_bytes(record).items():
            _write_page(site, path, data)
    if is_new:
        write_lists(site)


def _write_page(site: Site, path: str, data: bytes) -> None:
    if read_if_there(site.place(path)) != data:
        write_whole(site.place(path), data)
