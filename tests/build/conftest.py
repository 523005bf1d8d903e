"""The sandbox of this machine, and benches that build hostile trees with and without it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.evil import Bench
from trued.build.discard import discard
from trued.build.no_sandbox import NoSandbox
from trued.build.sandbox import Sandbox, find_sandbox


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    if os.environ.get("CI") is None and (sys.platform != "linux" or shutil.which("bwrap") is None):
        pytest.skip("bubblewrap is not installed on this machine")
    return find_sandbox(os.environ, platform=sys.platform)


@pytest.fixture
def boxed(tmp_path: Path, sandbox: Sandbox) -> Iterator[Bench]:
    folder = tmp_path / "boxed"
    folder.mkdir()
    yield Bench(folder, sandbox)
    discard(str(folder))


@pytest.fixture
def free(tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "free"
    folder.mkdir()
    yield Bench(folder, NoSandbox())
    discard(str(folder))
