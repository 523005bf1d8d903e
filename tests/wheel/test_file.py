"""A wheel in a file, of whatever size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wheel.builder import FILENAME, METADATA
from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.wheel.file import mapped, metadata_at


def test_an_empty_file_is_refused_as_any_that_is_no_wheel(tmp_path: Path) -> None:
    (tmp_path / FILENAME).touch()

    with pytest.raises(Refused):
        metadata_at(str(tmp_path / FILENAME), filename=FILENAME, limits=Limits())


def test_the_content_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / FILENAME).write_bytes(METADATA)

    with mapped(str(tmp_path / FILENAME)) as data:
        assert data[:] == METADATA
