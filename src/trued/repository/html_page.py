"""Pages in HTML (PEP 503, with 592, 629, 658, 714, 740 and 792 as attributes); frozen by PEP 833."""

from __future__ import annotations

from html import escape

from trued.core.tuf_paths import provenance_path
from trued.repository.project_record import API_VERSION, address, sorted_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.names import ProjectName
    from trued.repository.project_record import FileRecord, ProjectRecord

__all__ = ["html_list", "html_page"]

_HEAD = f'<!DOCTYPE html>\n<html>\n<head>\n<meta name="pypi:repository-version" content="{API_VERSION}">\n'


def html_page(record: ProjectRecord) -> bytes:
    """Return the page of one project, the same bytes for the same record."""
    lines = [
        f'{_HEAD}<meta name="pypi:project-status" content="{escape(record.status)}">',
        f"<title>Links for {record.project}</title>\n</head>\n<body>\n<h1>Links for {record.project}</h1>",
    ]
    if record.reason:
        lines.insert(1, f'<meta name="pypi:project-status-reason" content="{escape(record.reason)}">')
    lines += [_link(record.project, file) for file in sorted_files(record)]
    return ("\n".join(lines) + "\n</body>\n</html>\n").encode()


def html_list(projects: tuple[ProjectName, ...]) -> bytes:
    """Return the list of all projects."""
    links = "".join(f'<a href="{name}/">{name}</a><br>\n' for name in projects)
    return f"{_HEAD}<title>Simple index</title>\n</head>\n<body>\n{links}</body>\n</html>\n".encode()


def _link(project: ProjectName, file: FileRecord) -> str:
    url = address(project, file.filename)
    attributes = [f'href="{escape(url)}#sha256={file.sha256}"']
    if file.requires_python:
        attributes.append(f'data-requires-python="{escape(file.requires_python)}"')
    if file.metadata_sha256:
        names = ("data-core-metadata", "data-dist-info-metadata")
        attributes += [f'{name}="sha256={file.metadata_sha256}"' for name in names]
    if file.provenance:
        attributes.append(f'data-provenance="{escape(provenance_path(url))}"')
    if file.yanked is not None:
        attributes.append(f'data-yanked="{escape(file.yanked)}"')
    return f"<a {' '.join(attributes)}>{escape(file.filename)}</a><br>"
