"""Static index pages over a folder of wheels: PEP 503 HTML, PEP 691 JSON and PEP 658 metadata sidecars."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_wheel_filename

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Wheel", "html_page", "json_page", "read_wheel", "write_index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """What the index says of one wheel; digests are hexadecimal sha256, ``size`` is in bytes."""

    filename: str
    project: str
    version: str
    sha256: str
    size: int
    metadata: bytes
    requires_python: str | None

    @property
    def metadata_sha256(self) -> str:
        """The digest of the sidecar."""
        return hashlib.sha256(self.metadata).hexdigest()

    @property
    def url(self) -> str:
        """The address of the file, relative to its project's page."""
        return f"../../files/{quote(self.filename)}"


def read_wheel(path: Path) -> Wheel:
    """Return what the index tells of the wheel at *path*."""
    name, version, _, _ = parse_wheel_filename(path.name)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    metadata = _metadata(path)
    headers = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
    return Wheel(
        filename=path.name,
        project=canonicalize_name(name),
        version=str(version),
        sha256=sha256,
        size=path.stat().st_size,
        metadata=metadata,
        requires_python=headers.get("Requires-Python"),
    )


def _metadata(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        [member] = [
            name
            for name in archive.namelist()
            if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        ]
        return archive.read(member)


def html_page(project: str, wheels: list[Wheel]) -> str:
    """Return the project's page in PEP 503 HTML with the attributes of PEP 658 and 714."""
    links = "".join(f"    {_anchor(wheel)}<br/>\n" for wheel in wheels)
    head = f'<meta name="pypi:repository-version" content="1.1"><title>{project}</title>'
    return f"<!DOCTYPE html>\n<html>\n  <head>{head}</head>\n  <body>\n{links}  </body>\n</html>\n"


def _anchor(wheel: Wheel) -> str:
    attributes = [f'href="{wheel.url}#sha256={wheel.sha256}"']
    if wheel.requires_python:
        attributes.append(f'data-requires-python="{html.escape(wheel.requires_python)}"')
    sidecar = f'="sha256={wheel.metadata_sha256}"'
    attributes += [f"data-core-metadata{sidecar}", f"data-dist-info-metadata{sidecar}"]
    return f"<a {' '.join(attributes)}>{wheel.filename}</a>"


def json_page(project: str, wheels: list[Wheel]) -> str:
    """Return the project's page in PEP 691 JSON, version 1.1 (PEP 700: sizes and versions)."""
    page = {
        "meta": {"api-version": "1.1"},
        "name": project,
        "versions": sorted({wheel.version for wheel in wheels}),
        "files": [_file_entry(wheel) for wheel in wheels],
    }
    return json.dumps(page)


def _file_entry(wheel: Wheel) -> dict[str, object]:
    sidecar = {"sha256": wheel.metadata_sha256}
    entry: dict[str, object] = {
        "filename": wheel.filename,
        "url": wheel.url,
        "hashes": {"sha256": wheel.sha256},
        "size": wheel.size,
        "core-metadata": sidecar,
        "dist-info-metadata": sidecar,
        "yanked": False,
    }
    if wheel.requires_python:
        entry["requires-python"] = wheel.requires_python
    return entry


def write_index(root: Path) -> None:
    """Write ``root/simple`` anew, and the sidecars, from the wheels in ``root/files``."""
    projects: dict[str, list[Wheel]] = defaultdict(list)
    for path in sorted((root / "files").glob("*.whl")):
        wheel = read_wheel(path)
        path.with_name(f"{path.name}.metadata").write_bytes(wheel.metadata)
        projects[wheel.project].append(wheel)
    shutil.rmtree(root / "simple", ignore_errors=True)
    for project, wheels in projects.items():
        folder = root / "simple" / project
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(html_page(project, wheels), encoding="utf-8")
        (folder / "index.json").write_text(json_page(project, wheels), encoding="utf-8")
