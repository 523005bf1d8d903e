"""A store that is not as it was: nothing of it is linked by the launcher, and Python mends it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Wheel
from tests.launcher.conftest import STARTED, Launcher, contents

INSTALL = ("install", "-r", "requirements.txt")


def stored(launcher: Launcher, name: str) -> Path:
    """A file of the store."""
    (found,) = launcher.machine.store.rglob(name)
    return found


def edited(path: Path) -> None:
    """Change the content, and put size and time back."""
    described = path.stat()
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b"#" * len(content))
    path.chmod(described.st_mode & 0o777)
    os.utime(path, ns=(described.st_atime_ns, described.st_mtime_ns))


def replaced(path: Path) -> None:
    """Put another file with the same content, mode and times in its place."""
    shutil.copy2(path, path.with_name("fresh"))
    path.with_name("fresh").rename(path)


def linked(path: Path) -> None:
    """Put a link to the file in its place."""
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def retimed(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def prepared_receipt(launcher: Launcher) -> Path:
    (found,) = (launcher.machine.store / "prepared").rglob("tree/demo-1.0.dist-info/trued-receipt.json")
    return found


def extended(path: Path) -> None:
    """Write more at the end, with the modification time as it was."""
    described = path.stat()
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, ns=(described.st_atime_ns, described.st_mtime_ns))


def seals(launcher: Launcher) -> list[Path]:
    return [path for path in launcher.machine.store.rglob("*seal") if path.is_file()]


def beginning_changed(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"\0" * 32 + path.read_bytes()[32:])


def manifest(launcher: Launcher) -> Path:
    return next(launcher.machine.store.glob("wheels/*/*/manifest"))


def another_with_newer_seals(launcher: Launcher) -> None:
    beginning_changed(manifest(launcher))
    for path in seals(launcher):
        os.utime(path)


STORED: dict[str, Callable[[Launcher], object]] = {
    "a file edited": lambda one: edited(stored(one, "a.py")),
    "a file replaced": lambda one: replaced(stored(one, "a.py")),
    "a file gone": lambda one: stored(one, "a.py").unlink(),
    "a file of another mode": lambda one: stored(one, "a.py").chmod(0o755),
    "a file that all may write": lambda one: stored(one, "a.py").chmod(0o666),
    "a file of another time": lambda one: retimed(stored(one, "a.py")),
    "a link instead of a file": lambda one: linked(stored(one, "a.py")),
    "a receipt edited": lambda one: edited(prepared_receipt(one)),
    "a receipt longer": lambda one: extended(prepared_receipt(one)),
    "a manifest touched": lambda one: extended(manifest(one)),
    "another manifest": lambda one: beginning_changed(manifest(one)),
    "another manifest, and newer seals": another_with_newer_seals,
    "a manifest gone": lambda one: manifest(one).unlink(),
    "seals gone": lambda one: [path.rename(f"{path}-gone") for path in seals(one)],
    "seals empty": lambda one: [path.write_bytes(b"") for path in seals(one)],
    "seals of nothing": lambda one: [path.write_bytes(b"\xa9\x04" + b"\xff" * 20) for path in seals(one)],
    "everything purged": lambda one: one.run("cache", "purge"),
    "wheels gone": lambda one: shutil.rmtree(one.machine.store / "wheels"),
    "prepared receipts gone": lambda one: shutil.rmtree(one.machine.store / "prepared"),
    "the store's lock gone": lambda one: (one.machine.store / "lock").unlink(),
}


@pytest.mark.parametrize("change", STORED.values(), ids=STORED)
def test_a_store_that_changed_is_left_to_python_which_mends_it(
    launcher: Launcher, wheels: list[Wheel], change: Callable[[Launcher], object]
) -> None:
    made = launcher.noted()
    change(launcher)
    before = launcher.everything()

    assert launcher.alone(*INSTALL).status == STARTED
    assert launcher.everything() == before
    ran = launcher.run(*INSTALL)

    assert ran.status == 0, ran.err
    assert untimed(launcher.everything()) == untimed(made)


def untimed(found: dict[str, tuple[int, bytes]]) -> dict[str, list[bytes]]:
    """Every file without the times of receipts, and so without their digests in RECORD."""
    lines = contents(found)
    for name in lines:
        if name.endswith("/RECORD"):
            lines[name] = [line for line in lines[name] if b"/trued-receipt.json," not in line]
        elif name.endswith("/trued-receipt.json"):
            lines[name] = [line for line in lines[name] if b'"time": ' not in line]
    return lines
