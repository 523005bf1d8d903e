"""The launcher, built once, beside a Python with trued; and a machine whose calls go through it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.conftest import (
    Index,
    Machine,
    Ran,
    Wheel,
    asked_interpreter,
    environment,
    index,
    make_wheel,
)

__all__ = ["asked_interpreter", "environment", "index"]
"""Fixtures of the commands' tests that these take as they are."""

NATIVE = Path(__file__).parents[2] / "native"
NO_PYTHON = "#!/bin/sh\necho 'Python was started' >&2\nexit 99\n"
STARTED = 99
"""The exit status of the launcher where it starts the program that stands in for Python."""


@pytest.fixture(scope="session")
def built() -> Path:
    """The launcher as cargo builds it; whoever comes second finds it made."""
    if not sys.platform.startswith("linux"):
        pytest.skip("platform wheels with a launcher are made for Linux")
    cargo = shutil.which("cargo") or shutil.which("cargo", path=os.path.expanduser("~/.cargo/bin"))
    if cargo is None and not os.environ.get("CI"):
        pytest.skip("no cargo to build the launcher with")
    target = Path(os.environ.get("CARGO_TARGET_DIR", NATIVE / "target"))
    target.mkdir(parents=True, exist_ok=True)
    with open(target / ".tests-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [cargo or "cargo", "build", "--release", "--locked", "--target-dir", str(target)]
        subprocess.run(command, cwd=NATIVE, check=True, capture_output=True)
        return target / "release" / "trued"


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """A machine, and in *prefix* the launcher with a Python beside it, as in an environment of trued's."""

    machine: Machine
    prefix: Path
    environment: Path

    @property
    def program(self) -> Path:
        return self.prefix / "bin" / "trued"

    @property
    def python(self) -> Path:
        return self.prefix / "bin" / "python"

    @property
    def venv(self) -> Path:
        return self.machine.work / ".venv"

    @property
    def replays(self) -> list[str]:
        """The endings of the replays that there are."""
        return sorted(path.suffix[1:] for path in self.machine.home.rglob("replays/*"))

    def replay(self, ending: str = "new") -> Path:
        """The one replay with that ending."""
        (found,) = self.machine.home.rglob(f"replays/*.{ending}")
        return found

    def run(self, *arguments: str, **variables: str) -> Ran:
        """Call the launcher in the working folder."""
        return self.run_through((), *arguments, **variables)

    def run_through(self, prefix: tuple[str, ...], *arguments: str, **variables: str) -> Ran:
        """Call the launcher by the command *prefix*."""
        done = subprocess.run(
            [*prefix, str(self.program), *arguments],
            cwd=self.machine.work,
            env=self.machine.environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ran(status=done.returncode, out=done.stdout, err=done.stderr)

    def alone(self, *arguments: str, **variables: str) -> Ran:
        """Call the launcher where Python would end with :data:`STARTED`, having done nothing."""
        return self.alone_through((), *arguments, **variables)

    def alone_through(self, prefix: tuple[str, ...], *arguments: str, **variables: str) -> Ran:
        """As :meth:`alone`, by the command *prefix*."""
        kept = self.prefix / "kept"
        self.python.rename(kept)
        self.python.write_text(NO_PYTHON)
        self.python.chmod(0o755)
        try:
            return self.run_through(prefix, *arguments, **variables)
        finally:
            kept.rename(self.python)

    def renew(self) -> None:
        """Throw the environment away and make it again, empty."""
        shutil.rmtree(self.venv)
        shutil.copytree(self.environment, self.venv, symlinks=True)

    def everything(self) -> dict[str, tuple[int, bytes]]:
        """Every file and link of the environment, with its kind, mode and content."""
        found = {}
        for path in sorted(self.venv.rglob("*")):
            content = os.fsencode(os.readlink(path)) if path.is_symlink() else b""
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
            found[str(path.relative_to(self.venv))] = (path.lstat().st_mode, content)
        return found

    def noted(self, *arguments: str, **variables: str) -> dict[str, tuple[int, bytes]]:
        """Have the installation noted down, and leave an empty environment; return what Python made."""
        arguments = arguments or ("install", "-r", "requirements.txt")
        first = self.run(*arguments, **variables)
        assert first.status == 0, first.err
        full = self.everything()
        self.renew()
        second = self.run(*arguments, **variables)
        assert (second.status, self.replays) == (0, ["new"]), second.err
        warm = self.everything()
        assert contents(warm) == contents(full)
        self.renew()
        return warm


def contents(found: dict[str, tuple[int, bytes]]) -> dict[str, list[bytes]]:
    """The lines of each file, in no order: the roads write RECORD in orders, and with modes, of their own."""
    return {name: sorted(content.split(b"\n")) for name, (_, content) in found.items()}


@pytest.fixture
def machine(tmp_path: Path, environment: Path, index: Index, asked_interpreter: Path) -> Machine:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    shutil.copytree(environment, work / ".venv", symlinks=True)
    shutil.copytree(asked_interpreter, home / ".cache" / "trued")
    return Machine(home=home, work=work, index=index)


def place(built: Path, prefix: Path) -> None:
    """Put the launcher into *prefix*, with the Python of these tests beside it."""
    (prefix / "bin").mkdir(parents=True)
    shutil.copy(built, prefix / "bin" / "trued")
    (prefix / "bin" / "python").symlink_to(sys.executable)
    (prefix / "lib").symlink_to(Path(sys.prefix) / "lib")
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", prefix)


@pytest.fixture
def launcher(machine: Machine, built: Path, environment: Path, tmp_path: Path) -> Launcher:
    place(built, tmp_path / "prefix")
    return Launcher(machine=machine, prefix=tmp_path / "prefix", environment=environment)


@pytest.fixture
def wheels(machine: Machine) -> list[Wheel]:
    """Three listed wheels: a plain one, one with scripts, and one with files outside its packages."""
    files = {
        "third.py": b"third = 3\n",
        "third-1.0.data/data/share/third/third.txt": b"3\n",
        "third-1.0.data/scripts/third": b"#!python\nprint(3)\n",
    }
    scripts = "[console_scripts]\ndemo = demo:version.upper\n"
    made = [
        make_wheel("demo", files={"demo/__init__.py": b"version = '1'\n", "demo/deep/er/a.py": b"a = 1\n"}),
        make_wheel("other", entry_points=scripts),
        make_wheel("third", files=files),
    ]
    for wheel in made:
        machine.index.add(wheel)
    machine.write(*(wheel.line for wheel in made))
    return made
