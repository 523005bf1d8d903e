"""An index on 127.0.0.1 that offers real wheels and sdists, and sources over it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from tests.index.network import Network
from tests.index.server import Asked, Reply, Server
from tests.wheel import builder
from trued.core.names import ProjectName, normalize
from trued.index.client import IndexClient
from trued.index.locations import Index, Locations
from trued.index.page_cache import PageCache
from trued.policy.candidates import CandidateRules
from trued.policy.exceptions import ExceptionBook
from trued.resolution.catalogue import Catalogue, IndexSource
from trued.resolution.listing_shelf import ListingShelf
from trued.resolution.metadata_cache import MetadataCache
from trued.resolution.target import Target

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
RULES = CandidateRules(now=NOW, exceptions=ExceptionBook(today=date(2026, 5, 10)))
TARGET = Target(
    name="linux 3.11",
    markers={"python_full_version": "3.11.7"},
    tags=("cp311-cp311-linux_x86_64", "py3-none-any"),
)
PAGE_TYPE = "application/vnd.pypi.simple.v1+json"


def metadata_text(project: str, version: str, *requires: str, head: str = "2.1") -> bytes:
    lines = [f"Metadata-Version: {head}", f"Name: {project}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    return ("\n".join(lines) + "\n").encode()


def wheel(project: str, version: str, *requires: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a real wheel that requires *requires*."""
    module = project.replace("-", "_")
    return builder.build(
        files if files is not None else {f"{module}/__init__.py": b""},
        dist_info=f"{module}-{version}.dist-info",
        metadata=metadata_text(project, version, *requires),
    )


def sdist(project: str, version: str, files: Mapping[str, bytes], *, mode: str = "w:gz") -> bytes:
    """Return an sdist of *files* below its top folder, in their order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload] # a mode told at run time
        for name, content in files.items():
            member = tarfile.TarInfo(f"{project}-{version}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class Offers:
    """What one index offers; ``ranges`` lets files be asked for in parts."""

    server: Server
    ranges: bool = True
    page_headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "max-age=600"})
    status: dict[str, object] = field(default_factory=dict)
    _entries: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def wheel(
        self,
        project: str,
        version: str,
        *requires: str,
        tags: str = "py3-none-any",
        sidecar: bool = True,
        content: bytes | None = None,
        said: Mapping[str, object] | None = None,
    ) -> str:
        """Offer a wheel, with its metadata beside it unless told otherwise; return its path on the server."""
        name = f"{project.replace('-', '_')}-{version}-{tags}.whl"
        data = content if content is not None else wheel(project, version, *requires)
        if sidecar:
            text = metadata_text(project, version, *requires)
            self.server.routes[f"/files/{name}.metadata"] = Reply(body=text)
            said = {"core-metadata": {"sha256": hashlib.sha256(text).hexdigest()}, **(said or {})}
        return self.file(project, name, data, said=said)

    def sdist(self, project: str, version: str, files: Mapping[str, bytes]) -> str:
        """Offer an sdist; return its path on the server."""
        return self.file(project, f"{project}-{version}.tar.gz", sdist(project, version, files))

    def file(self, project: str, name: str, data: bytes, *, said: Mapping[str, object] | None = None) -> str:
        """Offer any file; *said* adds to what the page says, ``None`` takes away."""
        path = f"/files/{name}"
        self.server.routes[path] = (lambda asked: in_parts(asked, data)) if self.ranges else Reply(body=data)
        stated: dict[str, object] = {
            "filename": name,
            "url": self.server.url(path),
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            "size": len(data),
            "upload-time": "2026-01-01T00:00:00Z",
            **(said or {}),
        }
        key = normalize(project)
        self._entries.setdefault(key, []).append({k: v for k, v in stated.items() if v is not None})
        self._publish(key)
        return path

    def _publish(self, project: str) -> None:
        page = {
            "meta": {"api-version": "1.4"},
            "name": project,
            "files": self._entries[project],
            "project-status": self.status,
        }
        self.server.routes[f"/simple/{project}/"] = Reply(
            body=json.dumps(page).encode(), headers={"Content-Type": PAGE_TYPE, **self.page_headers}
        )


def in_parts(asked: Asked, data: bytes) -> Reply:
    """Answer a request for a range of *data* (RFC 9110)."""
    unit, _, span = asked.headers.get("range", "").partition("=")
    if unit != "bytes":
        return Reply(body=data)
    first, _, last = span.partition("-")
    start = int(first) if first else max(0, len(data) - int(last))
    stop = min(len(data), int(last) + 1) if first and last else len(data)
    described = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
    return Reply(status=206, body=data[start:stop], headers=described)


@dataclass
class World:
    """Opens sources over one server, with one cache folder."""

    server: Server
    network: Network
    folder: Path
    locations: Locations = field(init=False)
    offline: bool = False

    def __post_init__(self) -> None:
        self.locations = Locations(indexes=(Index(self.server.url("/simple/")),))

    @contextmanager
    def catalogue(self, *, cached: bool = True) -> Iterator[Catalogue]:
        """Open a catalogue as a new run would."""
        from trued.index.settings import TransportSettings

        transport = self.network.transport(TransportSettings(offline=self.offline))
        pages = PageCache(str(self.folder / "cache"), now=lambda: 1_700_000_000.0)
        client = IndexClient(transport, self.locations, cache=pages if cached else None)
        kept = MetadataCache(str(self.folder / "cache")) if cached else None
        shelf = ListingShelf(str(self.folder / "cache"), least=1) if cached else None
        with Catalogue(client, transport, cache=kept, shelf=shelf) as opened:
            yield opened

    @contextmanager
    def source(
        self, *, rules: CandidateRules = RULES, target: Target = TARGET, cached: bool = True
    ) -> Iterator[IndexSource]:
        """Open a source for one target as a new run would."""
        with self.catalogue(cached=cached) as catalogue:
            yield IndexSource(catalogue, target=target, rules=rules)

    def fetched(self) -> list[str]:
        """Return the paths asked for since the last call, sorted."""
        paths = sorted(asked.path for asked in self.server.asked)
        self.server.asked.clear()
        return paths


def names(*projects: str) -> Iterable[ProjectName]:
    return [ProjectName(project) for project in projects]


def with_rules(**changes: object) -> CandidateRules:
    return replace(RULES, **changes)  # type: ignore[arg-type] # passed on by name, checked there
