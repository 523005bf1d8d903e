"""What the cache keeps of earlier runs goes with the rest of it."""

from __future__ import annotations

import os
from pathlib import Path

from trued.operations.memos import prune_memos


def kept(folder: Path, name: str, *, mtime_ns: int) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"memo")
    os.utime(file, ns=(mtime_ns, mtime_ns))
    return file


def test_what_is_older_goes(tmp_path: Path) -> None:
    old = [
        kept(tmp_path, name, mtime_ns=1_000) for name in ("locks/ab/cd", "replays/ef.new", "replays/ef.old")
    ]
    new = [kept(tmp_path, name, mtime_ns=3_000) for name in ("locks/ab/ce", "replays/ee.new")]
    other = kept(tmp_path, "pages/project", mtime_ns=1_000)
    assert prune_memos(str(tmp_path), before_ns=2_000) == len(old)
    assert not any(file.exists() for file in old)
    assert all(file.exists() for file in [*new, other])


def test_there_may_be_nothing(tmp_path: Path) -> None:
    assert prune_memos(str(tmp_path), before_ns=2_000) == 0
