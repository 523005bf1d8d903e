"""The default index is pip's, and no file of this project names it."""

from __future__ import annotations

from pathlib import Path

import trued
from trued.index.default import default_index_url
from trued.index.url import origin_of


def test_the_default_index_is_asked_over_https() -> None:
    assert origin_of(default_index_url()).scheme == "https"


def test_no_source_file_names_its_host() -> None:
    (package,) = map(Path, trued.__path__)
    host = origin_of(default_index_url()).host

    naming = [
        path for kind in ("*.py", "*.md") for path in package.rglob(kind) if host in path.read_text("utf-8")
    ]

    assert naming == []
