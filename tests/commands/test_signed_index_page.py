"""``docs/how-to/signed-index.md``, run as it stands, with a real nginx and a real client."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import make_wheel

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "signed-index.md"
BLOCK = re.compile(r"^```sh( fails)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """A folder with what the page takes for granted; nginx is ended by its own process id."""
    for folder, version in (("dist", "1.0"), ("next", "1.1"), ("next", "1.2")):
        wheel = make_wheel("demo", version)
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / wheel.filename).write_bytes(wheel.content)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "trued").write_text(f'#!/bin/sh\nexec {sys.executable} -m trued "$@"\n')
    (programs / "trued").chmod(0o755)
    yield tmp_path
    pid = tmp_path / "nginx.pid"
    if pid.exists():
        os.kill(int(pid.read_text()), 15)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_every_command_of_the_page_does_what_the_page_says(work: Path) -> None:
    port = free_port()
    blocks = [(bool(fails), text) for fails, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]
    environ = {
        "HOME": str(work / "home"),
        "PATH": os.pathsep.join([str(work / "programs"), os.environ["PATH"]]),
        "PIP_CONFIG_FILE": os.devnull,
        "TRUED_INDEX_PASSPHRASE": "only for trying",
    }

    for fails, text in blocks:
        script = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=work,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == (1 if fails else 0), f"{script}\n{done.stdout}\n{done.stderr}"

    libraries = next((work / "app" / "lib").iterdir()) / "site-packages"
    assert [path.name for path in libraries.glob("demo-*")] == ["demo-1.1.dist-info"]
    assert len(blocks) >= 12
