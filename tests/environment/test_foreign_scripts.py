"""Scripts as other installers write them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trued.environment.foreign_scripts import foreign_scripts


@pytest.mark.parametrize("text", sorted(foreign_scripts("/env/bin/python", "demo.part", "main.run")))
def test_each_text_calls_the_entry_point_and_nothing_else(text: bytes, tmp_path: Path) -> None:
    package = tmp_path / "demo"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("class main:\n    run = staticmethod(lambda: 7)\n")
    (tmp_path / "script").write_bytes(text)

    assert subprocess.run([sys.executable, "script"], cwd=tmp_path, env={"PYTHONPATH": "."}).returncode == 7


def test_a_path_with_a_space_is_started_by_the_shell() -> None:
    texts = foreign_scripts("/my env/bin/python", "demo", "main")

    assert any(one.startswith(b"#!/bin/sh\n'''exec' \"/my env/bin/python\" ") for one in texts)
