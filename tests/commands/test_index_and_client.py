"""The operator's side and the client of trued together: what one signs the other believes, and no more."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Machine
from tests.repository.ground import LIMITS, Ground
from trued.repository.recover import recover
from trued.repository.serve import server_of


@pytest.fixture
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A signed index with ``demo`` 1.0, on another machine."""
    made = Ground(tmp_path_factory.mktemp("operator"))
    made.add()
    made.begin()
    made.collect("alice", "bob")
    made.publish()
    return made


@pytest.fixture
def url(ground: Ground, machine: Machine) -> Iterator[str]:
    """The address of the index, which the machine trusts from its first root on."""
    server = server_of(ground.site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}/simple/"
    root = machine.work / "first.root.json"
    root.write_bytes(ground.folder.chain()[0][0])
    added = machine.trued("trust", "add", "corp", address, "--root", str(root), "--fingerprint", sha256(root))
    assert added.status == 0, added.err
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def install(machine: Machine, url: str, version: str) -> int:
    return machine.trued("install", f"demo=={version}", "--index-url", url).status


def test_a_release_that_was_signed_is_installed(machine: Machine, ground: Ground, url: str) -> None:
    assert install(machine, url, "1.0") == 0
    ground.add(version="2.0")
    assert install(machine, url, "2.0") != 0  # on the page, and not signed yet
    ground.publish()

    assert install(machine, url, "2.0") == 0


def test_every_rotation_is_followed(machine: Machine, ground: Ground, url: str) -> None:
    install(machine, url, "1.0")
    ground.rotate("offline", add=["dora"], remove=["alice"])
    ground.collect("bob", "carol")
    ground.publish()
    ground.rotate("online", add=["second"], remove=["online"])
    ground.collect("bob", "carol")
    ground.publish()
    ground.rotate("bins", bits=5)
    ground.collect("carol", "dora")
    ground.add(version="2.0")
    ground.publish()

    assert install(machine, url, "2.0") == 0


def test_what_a_thief_signed_is_gone_after_the_recovery(machine: Machine, ground: Ground, url: str) -> None:
    shutil.copytree(ground.site.root, ground.tmp / "good")
    ground.add(version="6.6.6")
    for _ in range(3):
        ground.publish(everything=True)
    assert install(machine, url, "6.6.6") == 0  # until somebody notices

    online = ground.key("fresh")
    recover(ground.site, ground.folder, online=online, limits=LIMITS, now=ground.now)
    for folder in ("simple", "files"):
        shutil.rmtree(Path(ground.site.root) / folder)
        shutil.copytree(ground.tmp / "good" / folder, Path(ground.site.root) / folder)
    ground.collect("alice", "bob")
    ground.publish()

    machine.trued("uninstall", "-y", "demo")
    assert install(machine, url, "6.6.6") != 0
    assert install(machine, url, "1.0") == 0


def test_a_page_that_somebody_wrote_is_not_seen(machine: Machine, ground: Ground, url: str) -> None:
    page = Path(ground.site.place("simple/demo/index.json"))
    text = page.read_text()
    page.unlink()
    page.write_text(text.replace("demo-1.0", "demo-9.0"))

    assert install(machine, url, "9.0") != 0
    assert install(machine, url, "1.0") == 0


@pytest.mark.parametrize("tool", [("-m", "pip", "download", "--no-deps"), ("-m", "uv", "pip", "install")])
def test_pip_and_uv_read_it_as_any_index(
    machine: Machine, ground: Ground, url: str, tool: tuple[str, ...]
) -> None:
    ground.add(version="2.0")
    where = {"download": ("-d", "files"), "install": ("--target", "files", "--no-cache")}[
        "download" if "download" in tool else "install"
    ]

    done = subprocess.run(
        [sys.executable, *tool, "--index-url", url, *where, "demo"],
        cwd=machine.work,
        env={"HOME": str(machine.home), "PATH": machine.environ["PATH"], "PIP_CONFIG_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert [path.name for path in (machine.work / "files").glob("demo-2.0*")]
