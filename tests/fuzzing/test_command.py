"""``python -m fuzzing`` as it is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def fuzzing(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fuzzing", *arguments], cwd=CHECKOUT, capture_output=True, text=True
    )


def test_the_readers_are_listed() -> None:
    run = fuzzing("--list")

    assert run.returncode == 0
    assert {"requirements", "wheel", "page-html", "provenance", "journal"} <= set(run.stdout.split())


def test_an_unknown_reader_is_told() -> None:
    run = fuzzing("nothing")

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "fuzzing: no reader is called nothing: see --list\n"
