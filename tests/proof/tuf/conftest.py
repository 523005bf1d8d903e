"""A signed repository, and clients that keep its metadata in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.proof.tuf.simulator import NOW, Simulator
from trued.core.errors import OperationalError, TruedError
from trued.core.limits import Limits
from trued.proof.tuf.client import TufClient
from trued.proof.tuf.folder import MetadataFolder
from trued.proof.tuf.port import Answer, Fetch

WHEEL = "files/demo/demo-1.0-py3-none-any.whl"


@dataclass
class Clients:
    """Makes clients of one repository over one folder, as runs that follow each other."""

    folder: Path
    repository: Simulator
    root: bytes = b""
    made: list[TufClient] = field(default_factory=list)

    def client(
        self,
        *,
        now: datetime = NOW,
        root: bytes | None = None,
        limits: Limits | None = None,
        offline: bool = False,
        fetch: Fetch | None = None,
    ) -> TufClient:
        return TufClient(
            "corp",
            address="https://index.example.org/metadata/",
            folder=MetadataFolder(str(self.folder), most_seconds=5),
            root=self.root if root is None else root,
            fetch=fetch or (no_network if offline else self.repository.fetch),
            now=now,
            limits=limits,
            offline=offline,
        )

    def codes(self, call: Callable[[], object]) -> list[str]:
        """Return the codes of what *call* raises."""
        with pytest.raises(TruedError) as caught:
            call()
        assert isinstance(caught.value, OperationalError)
        return [finding.code for finding in caught.value.findings]

    def refused(self, **options: object) -> list[str]:
        """Return the codes that a refresh of a new client is refused with."""
        return self.codes(self.client(**options).refresh)  # type: ignore[arg-type] # options of client()


def no_network(wanted: object, seconds: float) -> dict[str, Answer]:
    raise AssertionError("nothing may be asked for")


@pytest.fixture
def repository() -> Simulator:
    made = Simulator()
    made.add(WHEEL, b"a wheel")
    made.publish()
    return made


@pytest.fixture
def clients(tmp_path: Path, repository: Simulator) -> Clients:
    return Clients(folder=tmp_path / "signed", repository=repository, root=repository.trusted_root)
