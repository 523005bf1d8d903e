"""An index on 127.0.0.1 and a machine of its own for each test: a home, a working folder, an environment."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pip
import pytest

from tests.commands.fork_server import ForkServer
from tests.index.server import Reply, Server
from tests.wheel.builder import build
from trued.environment.interpreter import facts_of

if TYPE_CHECKING:
    from tests.commands.attested import Attested

JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
_STARTED = ("test_code_bundle", "test_ended", "test_warm")
"""What looks at how Python starts: each call in these is ``python -m trued``."""


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One wheel file and its true sha256."""

    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def line(self) -> str:
        """The requirement that pins it."""
        name, version = self.filename.split("-")[:2]
        return f"{name}=={version} --hash=sha256:{self.sha256}"


def make_wheel(
    name: str,
    version: str = "1.0",
    *,
    requires: tuple[str, ...] = (),
    extras: tuple[str, ...] = (),
    files: dict[str, bytes] | None = None,
    entry_points: str | None = None,
    record: bytes | None = None,
    tag: str = "py3-none-any",
    metadata: bytes | None = None,
) -> Wheel:
    """Return a wheel that is well formed unless *record* or *metadata* lies."""
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {name}, a demonstration\n"
    text += "".join(f"Provides-Extra: {extra}\n" for extra in extras)
    text += "".join(f"Requires-Dist: {line}\n" for line in requires)
    content = build(
        files or {f"{name}/__init__.py": f"version = {version!r}\n".encode()},
        dist_info=f"{name}-{version}.dist-info",
        metadata=text.encode() if metadata is None else metadata,
        wheel=f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        entry_points=entry_points,
        record=record,
    )
    return Wheel(filename=f"{name}-{version}-{tag}.whl", content=content)


@dataclass
class Index:
    """Serves the wheels it was given, with JSON pages that say their digests."""

    server: Server
    pages: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    status: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url("/simple/")

    def add(self, wheel: Wheel, *, hashes: dict[str, str] | None = None, **entry: object) -> Wheel:
        """Offer *wheel*; *entry* adds keys to its entry on the page, ``_`` standing for ``-``."""
        project = wheel.filename.split("-")[0].lower().replace("_", "-")
        path = f"/files/{wheel.filename}"
        self.server.routes[path] = Reply(body=wheel.content)
        stated = {"sha256": wheel.sha256} if hashes is None else hashes
        row: dict[str, object] = {"filename": wheel.filename, "url": path, "hashes": stated}
        row |= {key.replace("_", "-"): value for key, value in entry.items()}
        self.pages.setdefault(project, []).append(row)
        document: dict[str, object] = {
            "meta": {"api-version": "1.4"},
            "name": project,
            "files": self.pages[project],
        }
        if project in self.status:
            document["project-status"] = self.status[project]
        self.server.routes[f"/simple/{project}/"] = Reply(body=json.dumps(document).encode(), headers=JSON)
        return wheel


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one call printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes told on the terminal, in order, each once."""
        words = (line.partition("]")[0].partition("[")[2] for line in self.err.splitlines() if "[TRU" in line)
        return list(dict.fromkeys(words))

    @property
    def document(self) -> dict[str, object]:
        """What ``--json`` printed."""
        found: dict[str, object] = json.loads(self.out)
        return found


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A home, a working folder with a virtual environment ``.venv``, and an index."""

    home: Path
    work: Path
    index: Index
    server: ForkServer | None = None

    @property
    def libraries(self) -> Path:
        major, minor = sys.version_info[:2]
        return self.work / ".venv" / "lib" / f"python{major}.{minor}" / "site-packages"

    @property
    def store(self) -> Path:
        return self.home / ".cache" / "trued" / "store"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "PIP_CONFIG_FILE": os.devnull,
            "TRUED_INDEX_URL": self.index.url,
            "XDG_CONFIG_DIRS": str(self.home / "etc"),
        }

    def write(self, *lines: str, name: str = "requirements.txt") -> Path:
        """Write a file of the working folder, one line each."""
        path = self.work / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def trued(self, *arguments: str, stdin: str = "", **variables: str) -> Ran:
        """Call trued in the working folder, with *stdin* to be read; forked where there is a server."""
        environ = self.environ | variables
        if self.server is not None and self.server.can_run(environ):
            called = self.server.run(arguments, cwd=self.work, environ=environ, stdin=stdin)
            return Ran(status=called.returncode, out=called.stdout, err=called.stderr)
        done = subprocess.run(
            [sys.executable, "-m", "trued", *arguments],
            cwd=self.work,
            env=environ,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=60,
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    def shell(self, script: str) -> Ran:
        """Run *script* in bash, where ``trued`` is a command."""
        prologue = f'trued() {{ {shlex.quote(sys.executable)} -m trued "$@"; }}\n'
        done = subprocess.run(
            ["bash", "-c", prologue + script],
            cwd=self.work,
            env=self.environ,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    def install(self, *lines: str, options: tuple[str, ...] = ()) -> Ran:
        """Write requirements.txt with *lines* and install from it."""
        self.write(*lines)
        return self.trued("install", "-r", "requirements.txt", *options)

    @property
    def installed(self) -> dict[str, str]:
        """The version of each installed project."""
        names = (path.name[: -len(".dist-info")] for path in self.libraries.glob("*.dist-info"))
        return dict(name.rsplit("-", 1) for name in names)

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the environment's packages and scripts with its content."""
        roots = (self.libraries, self.work / ".venv" / "bin")
        files = (path for root in roots for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.work)): path.read_bytes() for path in files}


def run_pip(machine: Machine, *arguments: str) -> None:
    """Run pip over the environment of *machine*, as ``pip --python`` starts itself; it has to succeed."""
    runner = Path(pip.__file__).with_name("__pip-runner__.py")
    command = [".venv/bin/python", str(runner), *arguments, "-q", "--disable-pip-version-check"]
    subprocess.run(command, cwd=machine.work, env=machine.environ, check=True)


def install_newest(project: str, folder: Path) -> None:
    """Make an environment with the newest *project* of the real index in *folder*, beside a cache of its own.

    pip takes ten times as long for the forty packages of such a tool.
    """
    cache = folder.with_name(f"{folder.name}-cache")
    options = ("--level", "permissive", "--venv", str(folder), "--cache-dir", str(cache))
    subprocess.run(
        [sys.executable, "-m", "trued", "install", "-q", *options, project], check=True, capture_output=True
    )


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment, made once and copied."""
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


@pytest.fixture
def index() -> Iterator[Index]:
    with Server() as server:
        yield Index(server)


@pytest.fixture(scope="session")
def asked_interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with nothing in it but what Python says of itself."""
    folder = tmp_path_factory.mktemp("cache")
    facts_of(sys.executable, str(folder))
    return folder


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Start nothing until it is called."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def python_started() -> None:
    """Have each call of a test be ``python -m trued``, as a user's is: for what each main road has to do."""


@pytest.fixture
def machine(
    tmp_path: Path,
    environment: Path,
    index: Index,
    fork_server: ForkServer,
    asked_interpreter: Path,
    request: pytest.FixtureRequest,
) -> Machine:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    shutil.copytree(environment, work / ".venv", symlinks=True)
    module = request.module.__name__.rpartition(".")[2]
    if module in _STARTED or "python_started" in request.fixturenames:
        return Machine(home=home, work=work, index=index)
    shutil.copytree(asked_interpreter, home / ".cache" / "trued")
    return Machine(home=home, work=work, index=index, server=fork_server)


@pytest.fixture
def attested(machine: Machine) -> Attested:
    from tests.commands.attested import Attested
    from tests.proof.attestation.toy_instance import ToyInstance

    made = Attested(machine, ToyInstance())
    made.policy()
    return made
