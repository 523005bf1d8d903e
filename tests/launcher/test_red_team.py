"""Calls and surroundings made to mislead the launcher: names, folders, links, and what finds Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands.conftest import Wheel
from tests.launcher.conftest import STARTED, Launcher, place

INSTALL = ("install", "-r", "requirements.txt")


@pytest.mark.parametrize("umask", ["000", "077", "027"])
def test_files_get_the_modes_that_the_user_wants_today(
    launcher: Launcher, wheels: list[Wheel], umask: str
) -> None:
    # Noted under one mask, replayed under another: modes are those that Python would give now.
    launcher.noted()
    masked = ("sh", "-c", f'umask {umask}; exec "$@"', "sh")
    assert launcher.alone_through(masked, *INSTALL).status == 0
    replayed = launcher.everything()
    launcher.renew()
    launcher.replay().unlink()

    launcher.run_through(masked, *INSTALL)

    assert launcher.everything() == replayed


@pytest.mark.parametrize("epoch", ["0", "315532800"])
def test_a_date_for_sources_changes_nothing_of_a_replay(
    launcher: Launcher, wheels: list[Wheel], epoch: str
) -> None:
    made = launcher.noted(*INSTALL, "--compile")

    assert launcher.alone(*INSTALL, "--compile", SOURCE_DATE_EPOCH=epoch).status in (0, STARTED)
    launcher.run(*INSTALL, "--compile")

    assert launcher.everything() == made


STRANGE = ["with space", "line\nbreak", "quote'\"", "equals=sign", "-dash", "ünï", "back\\slash"]


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_of_folders_are_names(launcher: Launcher, wheels: list[Wheel], name: str) -> None:
    inside = launcher.machine.work / name
    inside.mkdir()
    shutil.copy(launcher.machine.work / "requirements.txt", inside / "requirements.txt")
    arguments = ("install", "-r", f"{inside}/requirements.txt", f"--cache-dir={inside}/cache")
    full = launcher.run(*arguments)
    assert full.status == 0, full.err
    launcher.renew()
    assert launcher.run(*arguments).status == 0
    made = launcher.everything()
    assert [path.suffix for path in (inside / "cache" / "replays").iterdir()] == [".new"]
    launcher.renew()

    assert launcher.alone(*arguments).status == 0
    assert launcher.everything() == made


def test_a_folder_whose_name_is_no_text_is_a_folder(launcher: Launcher, wheels: list[Wheel]) -> None:
    cache = os.fsencode(launcher.machine.home) + b"/caf\xe9\xff"
    command = [os.fsencode(launcher.program), b"install", b"-r", b"requirements.txt", b"--cache-dir", cache]
    for _ in range(3):
        launcher.renew()
        done = subprocess.run(
            command, cwd=launcher.machine.work, env=launcher.machine.environ, capture_output=True
        )
        assert done.returncode == 0, done.stderr

    assert len(launcher.machine.installed) == 3
    assert len(os.listdir(cache + b"/replays")) == 1


def test_a_cache_named_from_the_folder_is_another_in_another_folder(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    relative = (*INSTALL, "--cache-dir", "cache")
    launcher.run(*relative)
    launcher.renew()
    launcher.run(*relative)
    launcher.renew()
    assert launcher.alone(*relative).status == 0
    other = launcher.machine.work.with_name("other")
    shutil.copytree(launcher.machine.work, other, symlinks=True)
    launcher.machine.work.rename(launcher.machine.work.with_name("before"))
    other.rename(launcher.machine.work)
    launcher.renew()

    ran = launcher.alone(*relative)  # the copied replay meets copied files: none is the one that was noted

    assert ran.status == STARTED
    assert len(launcher.machine.installed) == 0


def test_a_folder_that_is_gone_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    gone = launcher.machine.work / "gone"
    gone.mkdir()

    ran = launcher.alone_through(("sh", "-c", 'cd gone && rmdir ../gone && exec "$@"', "sh"), *INSTALL)

    assert ran.status == STARTED


def test_a_folder_reached_by_a_link_is_the_folder(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted()
    (launcher.machine.home / "link").symlink_to(launcher.machine.work)

    ran = launcher.alone_through(("sh", "-c", 'cd "$HOME/link" && exec "$@"', "sh"), *INSTALL)

    assert ran.status == 0
    assert launcher.everything() == made


def test_an_environment_that_became_a_link_is_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    elsewhere = launcher.venv.rename(launcher.machine.home / "elsewhere")
    launcher.venv.symlink_to(elsewhere)

    assert launcher.alone(*INSTALL).status == STARTED
    assert not any(elsewhere.rglob("demo*"))


@pytest.mark.parametrize("where", ["lib", "bin", "share", "lib/python"])
def test_a_link_that_leads_out_of_the_environment_is_not_followed(
    launcher: Launcher, wheels: list[Wheel], where: str
) -> None:
    launcher.noted()
    outside = launcher.machine.home / "outside"
    path = next(launcher.venv.glob(f"{where}3*")) if where == "lib/python" else launcher.venv / where
    if path.exists():
        path.rename(outside)
    else:
        outside.mkdir()
    path.symlink_to(outside)
    before = sorted(outside.rglob("*"))

    ran = launcher.alone(*INSTALL)

    assert ran.status == STARTED
    assert sorted(outside.rglob("*")) == before


def test_a_script_is_not_written_through_a_link(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()
    mine = launcher.machine.home / "mine"
    mine.write_text("mine")
    (launcher.venv / "bin" / "demo").symlink_to(mine)

    assert launcher.alone(*INSTALL).status == STARTED
    launcher.run(*INSTALL)

    assert mine.read_text() == "mine"


def test_a_module_in_the_folder_is_not_imported(launcher: Launcher, wheels: list[Wheel]) -> None:
    for name in ("trued", "sys", "os", "gc", "encodings", "site"):
        (launcher.machine.work / f"{name}.py").write_text("raise SystemExit('imported from the folder')")

    ran = launcher.run(*INSTALL)

    assert ran.status == 0, ran.err


def test_python_reads_its_variables_as_before(launcher: Launcher, wheels: list[Wheel]) -> None:
    shadow = launcher.machine.home / "shadow" / "trued"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise SystemExit('that of PYTHONPATH')")

    ran = launcher.run(*INSTALL, PYTHONPATH=str(shadow.parent))

    assert (ran.status, ran.err) == (1, "that of PYTHONPATH\n")


def test_a_name_that_lies_finds_the_same_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    made = launcher.noted()
    decoy = launcher.machine.home / "bin"
    decoy.mkdir()
    for name in ("python", "python3", "trued"):
        (decoy / name).write_text("#!/bin/sh\necho decoy >&2\nexit 7\n")
        (decoy / name).chmod(0o755)

    done = subprocess.run(
        [str(decoy / "trued"), *INSTALL],
        executable=launcher.program,
        cwd=launcher.machine.work,
        env=launcher.machine.environ | {"PATH": f"{decoy}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert launcher.everything() == made


def test_without_a_name_it_runs(launcher: Launcher) -> None:
    ran = launcher.run_through(("bash", "-c", 'exec -a "" "$@"', "bash"), "--version")

    assert (ran.status, ran.err) == (0, "")


def test_without_python_it_says_so(launcher: Launcher) -> None:
    launcher.python.unlink()

    ran = launcher.run("--version")

    assert ran.status == 127
    assert ran.err == f"trued: cannot run {launcher.python}: No such file or directory (os error 2)\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a view of the files without /proc")
def test_without_proc_python_is_found_all_the_same(launcher: Launcher) -> None:
    hidden = ("unshare", "--mount", "sh", "-c", 'umount -l /proc; exec "$@"', "sh")
    if subprocess.run([*hidden, "true"], capture_output=True).returncode:
        pytest.skip("no view of one's own to be had here")

    ran = launcher.run_through(hidden, "--version")

    assert (ran.status, ran.err) == (0, "")


def test_the_python_of_an_installation_without_an_environment_is_found(
    launcher: Launcher, built: Path, tmp_path: Path
) -> None:
    # As below ~/.local: the packages lie beside, Python does not.
    prefix = tmp_path / "local"
    place(built, prefix)
    for name in ("pyvenv.cfg", "bin/python", "lib"):
        (prefix / name).unlink()
    packages = prefix / "lib" / "python3.99" / "site-packages" / "trued"
    packages.mkdir(parents=True)
    (packages / "__main__.py").touch()
    python = prefix / "bin" / "python3.99"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)

    done = subprocess.run([prefix / "bin" / "trued", "--version"], capture_output=True, text=True)

    assert done.stdout.startswith("-P -X trued_replay= -c import sys")
    assert done.stdout.endswith("--version\n")


def test_the_same_name_in_another_case_is_another_environment(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    launcher.noted(*INSTALL, "--venv", ".venv")
    shutil.copytree(launcher.venv, launcher.machine.work / ".VENV", symlinks=True)

    assert launcher.alone(*INSTALL, "--venv", ".VENV").status == STARTED


def test_dots_in_a_path_name_the_same_environment(launcher: Launcher, wheels: list[Wheel]) -> None:
    (launcher.machine.work / "sub").mkdir()
    dotted = (*INSTALL, "--venv", "sub/../.venv")
    made = launcher.noted(*dotted)
    assert launcher.alone(*dotted).status == 0
    assert launcher.everything() == made
    launcher.renew()

    far = launcher.machine.home / "far" / "sub"
    far.mkdir(parents=True)
    (launcher.machine.work / "sub").rmdir()
    (launcher.machine.work / "sub").symlink_to(far)

    assert launcher.alone(*dotted).status in (0, STARTED)
    assert not any((launcher.machine.home / "far").rglob("demo*"))


def test_very_long_paths_are_left_to_python(launcher: Launcher, wheels: list[Wheel]) -> None:
    launcher.noted()

    ran = launcher.alone(*INSTALL, "--cache-dir", "/".join(["a" * 200] * 40))

    assert ran.status == STARTED


def test_an_argument_that_only_looks_the_same_is_another_call(
    launcher: Launcher, wheels: list[Wheel]
) -> None:
    launcher.noted(*INSTALL, "--level", "standard")

    for other in (
        ("--level=standard",),
        ("--level", "standard "),
        ("--level", "standard", ""),
        ("--levelstandard",),
    ):
        assert launcher.alone(*INSTALL, *other).status == STARTED
