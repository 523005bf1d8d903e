"""Room made in what builds leave behind: old wheels and logs go, used ones stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trued.build.housekeeping import build_traces, prune_builds

NOW = 1_800_000_000 * 10**9
OLD = NOW - 100


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for name in ("built/ab/abcd/one.whl", "built/ab/abcd/origin.json", "logs/build/a.log", "store/x"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1234")
        os.utime(path, ns=(OLD, OLD))
    return tmp_path


def test_wheels_and_logs_are_counted(cache: Path) -> None:
    found = build_traces(str(cache))

    assert (found.wheels, found.logs, found.size) == (1, 1, 12)


def test_what_is_older_goes_with_its_empty_folders(cache: Path) -> None:
    removed = prune_builds(str(cache), before_ns=NOW)

    assert (removed.wheels, removed.logs) == (1, 1)
    assert not (cache / "built" / "ab").exists()
    assert (cache / "store" / "x").exists()


def test_what_was_used_since_stays(cache: Path) -> None:
    prune_builds(str(cache), before_ns=OLD)

    assert build_traces(str(cache)).wheels == 1


def test_an_empty_cache_has_nothing(tmp_path: Path) -> None:
    assert build_traces(str(tmp_path)).size == 0
