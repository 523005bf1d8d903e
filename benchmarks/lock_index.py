"""Records what one resolution reads of the real index: its pages, and all metadata that it looked at.

The pages list every file, of which those have a sidecar (PEP 658) that belong to a release whose metadata was
read: a tool that looks at any other release misses it. The sidecars are written anew from what was read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING

from trued.resolution.metadata_cache import MetadataCache
from trued.resolution.source import CandidateMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.resolution.listing import Exclusion
    from trued.resolution.target import Target

__all__ = ["record"]


def record(requirements: Sequence[str], root: Path) -> None:
    """Resolve *requirements* on the real index for this interpreter, and write what was read to *root*."""
    from trued.config.format_control import FormatControl
    from trued.core.finding import Place
    from trued.index.client import IndexClient
    from trued.index.credentials import CredentialSource
    from trued.index.curl import CurlTransport
    from trued.index.default import default_index_url
    from trued.index.locations import Index, Locations
    from trued.index.settings import TransportSettings
    from trued.policy.candidates import CandidateRules
    from trued.policy.exceptions import ExceptionBook
    from trued.resolution.catalogue import Catalogue, IndexSource
    from trued.resolution.solve import Root, solve

    now = dt.datetime.now(dt.UTC)
    rules = CandidateRules(
        now=now,
        exceptions=ExceptionBook(today=now.date()),
        formats=FormatControl().with_only_binary((":all:",)),
    )
    (root / "files").mkdir(parents=True, exist_ok=True)
    transport = CurlTransport(
        TransportSettings(environ=os.environ), credentials=CredentialSource(environ=os.environ)
    )
    client = IndexClient(transport, Locations(indexes=(Index(default_index_url().rstrip("/") + "/"),)))
    target = _target()
    read = _Read()
    with Catalogue(client, transport, cache=read) as catalogue:
        source = IndexSource(catalogue, target=target, rules=rules)
        roots = [Root(text, Place("requirements.in", line)) for line, text in enumerate(requirements, 1)]
        solution = solve(roots, source=source, target=target)
        for project in {*solution.pins, *(project for project, _ in read.texts)}:
            releases = catalogue.releases(project)
            files = [file for position in range(len(releases)) for file in releases.at(position).files]
            _write(root, project, files, read.texts)
    transport.close()


def _target() -> Target:
    from trued.environment.interpreter import facts_of
    from trued.resolution.target import Target

    facts = facts_of(sys.executable, None)
    return Target(name="here", markers=facts["markers"], tags=tuple(facts["tags"]))


class _Read(MetadataCache):
    """Remembers every metadata that was read, as the text of a sidecar, by project and version."""

    def __init__(self) -> None:
        super().__init__(os.devnull)
        self.texts: dict[tuple[ProjectName, str], bytes] = {}

    def has(self, file: Distribution) -> bool:
        del file
        return False

    def load(self, file: Distribution) -> CandidateMetadata | Exclusion | None:
        del file
        return None

    def keep(self, file: Distribution, metadata: CandidateMetadata | Exclusion) -> None:
        if isinstance(metadata, CandidateMetadata):
            self.texts[file.project, file.version] = _text(file.project, file.version, metadata)


def _text(project: ProjectName, version: str, metadata: CandidateMetadata) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {project}", f"Version: {version}"]
    if metadata.requires_python:
        lines.append(f"Requires-Python: {metadata.requires_python}")
    lines += [f"Provides-Extra: {extra}" for extra in sorted(metadata.provides_extra)]
    lines += [f"Requires-Dist: {requirement}" for requirement in metadata.requires_dist]
    return ("\n".join(lines) + "\n").encode()


def _write(
    root: Path,
    project: ProjectName,
    files: Sequence[Distribution],
    texts: Mapping[tuple[ProjectName, str], bytes],
) -> None:
    entries = []
    for file in files:
        entry: dict[str, object] = {
            "filename": file.filename,
            "url": f"../../files/{file.filename}",
            "hashes": {digest.algorithm: digest.value for digest in file.digests},
            "yanked": file.yanked or file.yanked is not None,
        }
        if file.requires_python:
            entry["requires-python"] = file.requires_python
        text = texts.get((project, file.version))
        if file.is_wheel and text is not None:
            entry["core-metadata"] = {"sha256": hashlib.sha256(text).hexdigest()}
            (root / "files" / f"{file.filename}.metadata").write_bytes(text)
        entries.append(entry)
    page = {"meta": {"api-version": "1.0"}, "name": project, "files": entries}
    folder = root / "simple" / project
    folder.mkdir(parents=True)
    (folder / "index.json").write_text(json.dumps(page), encoding="utf-8")
    (folder / "index.html").write_text(_html(project, entries), encoding="utf-8")


def _html(project: str, entries: Sequence[Mapping[str, object]]) -> str:
    """Return the links alone, for tools that do not accept JSON."""
    links = "".join(f'<a href="{entry["url"]}">{entry["filename"]}</a><br>\n' for entry in entries)
    return f"<!DOCTYPE html><title>{project}</title>\n{links}"
