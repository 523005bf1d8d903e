"""What a page takes for granted: an empty home, a folder, an index with known projects, an advisory service.

The projects have the names that a reader knows, and nothing in them but a version; they are made here and
served from 127.0.0.1. Pages call the index and the service by hosts of ``example.org``.
"""

from __future__ import annotations

import hashlib
import io
import os
import venv
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.commands.advisories import OsvService, flaw
from tests.commands.conftest import Index, Machine, Wheel, make_wheel
from tests.docs.shell_session import ShellSession, programs
from tests.index.server import Reply, Server

__all__ = ["ADVISORIES", "CATALOGUE", "Reader", "a_reader", "offer"]

HOST = "packages.example.org"
UPLOADED = "2024-03-01T12:00:00Z"
_REQUESTS_NEEDS = (
    "certifi>=2017.4.17",
    "charset_normalizer<4,>=2",
    "idna<4,>=2.5",
    "urllib3<3,>=1.21.1",
)
CATALOGUE = (
    make_wheel("requests", "2.31.0", requires=_REQUESTS_NEEDS),
    make_wheel("requests", "2.32.4", requires=_REQUESTS_NEEDS),
    make_wheel("certifi", "2026.10.18"),
    make_wheel(
        "charset_normalizer",
        "3.5.2",
        metadata=b"Metadata-Version: 2.1\nName: charset-normalizer\nVersion: 3.5.2\n",
    ),
    make_wheel("idna", "3.6"),
    make_wheel("idna", "3.20"),
    make_wheel("urllib3", "2.8.0"),
    make_wheel("flask", "3.1.0", requires=("click>=8.1.3",)),
    make_wheel("click", "8.1.7"),
    make_wheel("click", "8.3.0", entry_points="[console_scripts]\nclick = click:version\n"),
    make_wheel("six", "1.17.0"),
    make_wheel("example", "1.0", requires=("six",)),
)
"""What the index has."""

ADVISORIES = (
    flaw(
        "PYSEC-2024-60",
        "idna",
        events="introduced=0 fixed=3.7",
        summary="Specially crafted input makes encoding take very long",
        aliases=["CVE-2024-3651", "GHSA-jjg7-2v4v-x38h"],
    ),
)


class Reader:
    """Who reads a page: their session, and the machine that it is on."""

    def __init__(self, folder: Path, index: Index, *, hosts: dict[str, str]) -> None:
        self.home, self.folder = folder / "home", folder / "project"
        self.index = index
        for made in (self.home, self.folder):
            made.mkdir()
        self._make_environment()
        self.machine = Machine(home=self.home, work=self.folder, index=index)
        self.session = ShellSession(folder=self.folder, environ=self._environ(folder), hosts=hosts)

    def _make_environment(self) -> None:
        """Make an empty ``.venv``: without one, commands would mean that of the tests themselves."""
        venv.create(self.folder / ".venv", symlinks=True)

    def _environ(self, folder: Path) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": programs(folder / "programs"),
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": self.index.url,
            "PYTHONUNBUFFERED": "1",
            "TRUED_OSV_URL": self.index.server.url("/osv", host="localhost"),
            "TRUED_PUBLIC_INDEXES": self.index.url,
            "UV_DEFAULT_INDEX": self.index.url,
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "XDG_CONFIG_DIRS": str(self.home / "etc"),
        }

    def has(self, *wheels: Wheel, folder: str) -> None:
        """Put *wheels* into *folder* of the project."""
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        for wheel in wheels:
            (self.folder / folder / wheel.filename).write_bytes(wheel.content)


def offer(index: Index, wheel: Wheel) -> None:
    """Offer *wheel* as a public index does: with its size, upload time and metadata beside it."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        metadata = next(archive.read(name) for name in archive.namelist() if name.endswith("/METADATA"))
    index.server.routes[f"/files/{wheel.filename}.metadata"] = Reply(body=metadata)
    digest = hashlib.sha256(metadata).hexdigest()
    index.add(wheel, size=len(wheel.content), upload_time=UPLOADED, core_metadata={"sha256": digest})


@contextmanager
def a_reader(folder: Path) -> Iterator[Reader]:
    """Yield a reader with an index of the catalogue and a service that has the advisories."""
    with ExitStack() as stack:
        server = stack.enter_context(Server())
        index = Index(server)
        for wheel in CATALOGUE:
            offer(index, wheel)
        OsvService(server, *ADVISORIES)
        here = server.url("")
        yield Reader(folder, index, hosts={f"https://{HOST}": here, HOST: here.partition("://")[2]})
