"""What holds for all tests: how they run side by side, and that a busy machine fails none of them."""

from __future__ import annotations

import _thread
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("CI", settings.get_profile("any machine"), derandomize=True, database=None)
settings.load_profile("CI" if os.environ.get("CI") else "any machine")
"""Elsewhere each run tries other examples; in CI a change is judged by the same ones before and after."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is marked ``alone`` in a process of its own, when this one has other threads.

    Workers of pytest-xdist talk to their parent in a thread; what forks only without one would not fork.
    """
    if pyfuncitem.get_closest_marker("alone") is None or _thread._count() == 0:
        return None
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", pyfuncitem.nodeid],
        cwd=pyfuncitem.config.rootpath,
        env=environ,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or "1 passed" not in done.stdout:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return True
