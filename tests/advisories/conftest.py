"""The real database of the fixture: as bytes, as documents, and as a local database."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trued.advisories.building import import_archive
from trued.advisories.database import AdvisoryDatabase

DATA = Path(__file__).parent / "data" / "pypa-2024-10-10.zip"


@pytest.fixture(scope="session")
def real_archive() -> bytes:
    return DATA.read_bytes()


@pytest.fixture(scope="session")
def real_documents(real_archive: bytes) -> dict[str, dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(real_archive)) as archive:
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.fixture(scope="session")
def real_path(real_archive: bytes, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("advisories") / "advisories.sqlite3")
    import_archive(path, real_archive, source="the fixture", as_of="2024-10-10T18:00:00+00:00")
    return path


@pytest.fixture
def real(real_path: str) -> Iterator[AdvisoryDatabase]:
    with AdvisoryDatabase.open(real_path) as database:
        yield database
