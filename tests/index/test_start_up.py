"""What importing the station costs: nothing heavy before the first request."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pycurl",
    "pycurl._pycurl",
    "ssl",
    "socket",
    "email",
    "packaging",
    "http.client",
    "html.parser",
    "json",
    "subprocess",
)


@pytest.mark.parametrize("module", ["trued.index.transport", "trued.index.curl", "trued.index.locations"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert shown.stdout.split() == []
