"""What trued's client of a signed index costs a run: a process that looks up pages and files, cold and warm.

Run as ``python -m benchmarks.signed_client METADATA ROOT FOLDER PATHS``: the site's metadata folder, the root
file, the client's own folder, and a file of target paths. It prints its figures as JSON. The folder of the
site stands for the server; bytes are counted as they are and as gzip would send them.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trued.proof.tuf.client import TufClient
from trued.proof.tuf.folder import MetadataFolder
from trued.proof.tuf.port import Answer, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CLIENT_REQUESTS", "CLIENT_SECONDS", "ClientFigures", "measure"]

CLIENT_SECONDS = 0.2
"""What a warm run for fifty files may take longer for the index being signed."""

CLIENT_REQUESTS = 5
"""How many requests it may make before those for files; those that go out together count as one."""


@dataclass(frozen=True, kw_only=True)
class ClientFigures:
    """One run of the client. ``rounds`` are requests that go out together; ``seconds`` include imports."""

    seconds: float
    processor: float
    requests: int
    rounds: int
    size: int
    packed: int


def measure(
    metadata: str, root: bytes, paths: Sequence[str], folder: Path
) -> tuple[ClientFigures, ClientFigures]:
    """Return what a new client costs for *paths*, and the best of five further runs with what it kept."""
    (folder / "client.root.json").write_bytes(root)
    (folder / "client.paths").write_text("\n".join(paths))
    runs = [_run(metadata, folder) for _ in range(6)]
    return runs[0], min(runs[1:], key=lambda one: one.processor)


def _run(metadata: str, folder: Path) -> ClientFigures:
    names = ("client.root.json", "client.kept", "client.paths")
    words = [
        sys.executable,
        "-m",
        "benchmarks.signed_client",
        metadata,
        *(str(folder / one) for one in names),
    ]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return ClientFigures(**json.loads(done.stdout))


class _Site:
    """The port of a client onto a folder; it counts."""

    def __init__(self, folder: str) -> None:
        self.requests = self.rounds = self.size = 0
        self.bodies: list[bytes] = []
        self._folder = folder

    def fetch(self, wanted: Sequence[Wanted], _: float) -> Mapping[str, Answer]:
        self.rounds += 1
        return {one.name: self._answer(one.name) for one in wanted}

    def _answer(self, name: str) -> Answer:
        self.requests += 1
        try:
            body = Path(self._folder, name).read_bytes()
        except FileNotFoundError:
            return Answer(is_absent=True)
        self.bodies.append(body)
        return Answer(body=body)


def main() -> None:
    """Look up all paths, and print what it cost."""
    metadata, root, folder, paths = sys.argv[1:]
    site = _Site(metadata)
    wanted = Path(paths).read_text().split("\n")
    started, processor = time.perf_counter(), time.process_time()
    client = TufClient(
        "benchmark",
        address="https://index.example.org/metadata/",
        folder=MetadataFolder(folder),
        root=Path(root).read_bytes(),
        fetch=site.fetch,
        now=datetime.now(UTC),
    )
    found = client.targets(wanted)
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    assert all(found.values())
    figures = {
        "seconds": seconds,
        "processor": used,
        "requests": site.requests,
        "rounds": site.rounds,
        "size": sum(map(len, site.bodies)),
        "packed": sum(len(gzip.compress(body, 6, mtime=0)) for body in site.bodies),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
