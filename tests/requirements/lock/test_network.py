"""A lock that uv made a moment ago, against uv's own export of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trued.requirements.lock.model import Lock
from trued.requirements.lock.pylock import read_pylock
from trued.requirements.lock.uv_lock import read_uv_lock

PROJECT = """[project]
name = "demo"
version = "0.1"
requires-python = ">=3.11"
dependencies = ["requests[socks]>=2.30", "click"]
[dependency-groups]
dev = ["pytest"]
"""


@pytest.mark.network
def test_a_lock_of_uv_holds_the_same_files_as_its_export(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    uv = [str(Path(sys.executable).parent / "uv")]
    subprocess.run([*uv, "lock", "-q"], cwd=tmp_path, check=True)
    export = ["export", "-q", "--all-groups", "--format", "pylock.toml", "-o", "pylock.toml"]
    subprocess.run([*uv, *export], cwd=tmp_path, check=True)

    ours = read_uv_lock((tmp_path / "uv.lock").read_bytes(), file="uv.lock")
    theirs = read_pylock((tmp_path / "pylock.toml").read_bytes(), file="pylock.toml")

    def held(lock: Lock) -> dict[str, list[str]]:
        return {one.text: sorted(file.filename.lower() for file in one.files) for one in lock.packages}

    assert held(ours) == held(theirs)
