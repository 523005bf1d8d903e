"""The launcher's own tests, which read a quarter of a million damaged files among others."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.launcher.conftest import NATIVE


def test_the_launchers_own_tests_pass(built: Path) -> None:
    cargo = shutil.which("cargo") or os.path.expanduser("~/.cargo/bin/cargo")

    done = subprocess.run(
        [cargo, "test", "--locked", "--target-dir", built.parents[1]],
        cwd=NATIVE,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no_damage_ends_the_program ... ok" in done.stdout
