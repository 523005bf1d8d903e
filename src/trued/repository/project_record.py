"""One project of an index: its files and its status, and the page that keeps them (PEP 691, API 1.4)."""

from __future__ import annotations

from trued.core.record import dataclass, replace
from trued.core.tuf_paths import FILES, file_path, metadata_path, provenance_path
from trued.index.filename import is_safe_filename, version_in_filename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.names import ProjectName

__all__ = [
    "API_VERSION",
    "STATUSES",
    "FileRecord",
    "ProjectRecord",
    "address",
    "json_list",
    "json_page",
    "read_page",
    "sorted_files",
]

API_VERSION = "1.4"
STATUSES = ("active", "archived", "quarantined", "deprecated")
"""The project statuses of PEP 792."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One wheel or sdist of the index.

    ``size`` is in bytes, ``upload_time`` RFC 3339 in UTC. ``metadata_sha256`` is that of the sidecar, which
    every wheel has. ``yanked`` is ``None`` or the reason, perhaps empty (PEP 592).
    """

    filename: str
    version: str
    sha256: str
    size: int
    upload_time: str
    requires_python: str = ""
    metadata_sha256: str = ""
    provenance: bool = False
    yanked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRecord:
    """One project: the files by name, the status and why."""

    project: ProjectName
    files: Mapping[str, FileRecord]
    status: str = "active"
    reason: str = ""

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version that has a file, oldest first; what is no PEP 440 version comes before."""
        return tuple(sorted({file.version for file in self.files.values()}, key=_version_key))

    def targets(self) -> tuple[str, ...]:
        """Return the target paths of the files and of what stands beside them; not of the pages."""
        paths = []
        for file in self.files.values():
            path = file_path(self.project, file.filename)
            paths.append(path)
            if file.metadata_sha256:
                paths.append(metadata_path(path))
            if file.provenance:
                paths.append(provenance_path(path))
        return tuple(paths)

    def with_files(self, *files: FileRecord) -> ProjectRecord:
        """Return the project with *files* put in, over those of the same names."""
        return replace(self, files={**self.files, **{file.filename: file for file in files}})

    def without(self, *filenames: str) -> ProjectRecord:
        """Return the project without these files."""
        return replace(self, files={name: file for name, file in self.files.items() if name not in filenames})


def json_page(record: ProjectRecord) -> bytes:
    """Return the page, the same bytes for the same record: keys sorted, files by version and name."""
    status = {"status": record.status} | ({"reason": record.reason} if record.reason else {})
    page = {
        "meta": {"api-version": API_VERSION},
        "name": record.project,
        "project-status": status,
        "versions": list(record.versions),
        "files": [_file_entry(record.project, file) for file in sorted_files(record)],
    }
    return _json(page)


def json_list(projects: tuple[ProjectName, ...]) -> bytes:
    """Return the list of all projects."""
    return _json({"meta": {"api-version": API_VERSION}, "projects": [{"name": name} for name in projects]})


def sorted_files(record: ProjectRecord) -> list[FileRecord]:
    """Return the files, by version and then by name."""
    keys = {version: number for number, version in enumerate(record.versions)}
    return sorted(record.files.values(), key=lambda file: (keys[file.version], file.filename))


def address(project: ProjectName, filename: str) -> str:
    """Return the file's address as a page states it, relative to the page."""
    from urllib.parse import quote

    return f"../../{FILES}/{project}/{quote(filename, safe='!+~')}"


def read_page(data: bytes, project: ProjectName) -> ProjectRecord:
    """Read a page that :func:`json_page` wrote. Raises :class:`ValueError` when it is none of that kind."""
    import json

    try:
        page = json.loads(data)
        files = [_read_file(entry, project) for entry in page["files"]]
        status = page["project-status"]
        record = ProjectRecord(
            project=project,
            files={file.filename: file for file in files},
            status=_text(status["status"]),
            reason=_text(status.get("reason", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no page of trued index: {type(error).__name__} {error}") from error
    if page["name"] != project or record.status not in STATUSES:
        raise ValueError("no page of this project")
    return record


def _file_entry(project: ProjectName, file: FileRecord) -> dict[str, object]:
    entry: dict[str, object] = {
        "filename": file.filename,
        "url": address(project, file.filename),
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        "upload-time": file.upload_time,
        "yanked": file.yanked or True if file.yanked is not None else False,
    }
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    if file.metadata_sha256:
        entry["core-metadata"] = entry["dist-info-metadata"] = {"sha256": file.metadata_sha256}
    if file.provenance:
        entry["provenance"] = provenance_path(address(project, file.filename))
    return entry


def _read_file(entry: Mapping[str, object], project: ProjectName) -> FileRecord:
    filename = _text(entry["filename"])
    version = version_in_filename(filename, project)
    if version is None or not is_safe_filename(filename):
        raise ValueError(f"{filename!r} is no file of {project}")
    hashes, metadata, yanked = entry["hashes"], entry.get("core-metadata"), entry["yanked"]
    if not isinstance(hashes, dict) or not isinstance(entry["size"], int):
        raise TypeError("hashes or size")
    return FileRecord(
        filename=filename,
        version=version,
        sha256=_hex(hashes["sha256"]),
        size=entry["size"],
        upload_time=_text(entry["upload-time"]),
        requires_python=_text(entry.get("requires-python", "")),
        metadata_sha256=_hex(metadata["sha256"]) if isinstance(metadata, dict) else "",
        provenance="provenance" in entry,
        yanked=yanked if isinstance(yanked, str) else "" if yanked else None,
    )


def _hex(value: object) -> str:
    text = _text(value)
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise ValueError("no sha256")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} where a text belongs")
    return value


def _version_key(text: str) -> tuple[bool, object, str]:
    from packaging.version import InvalidVersion, Version

    try:
        return True, Version(text), text
    except InvalidVersion:
        return False, (), text


def _json(value: object) -> bytes:
    import json

    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
