"""``trued protect`` from the outside: what stays possible, what does not, who learns that it was lifted."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, Ran, make_wheel, run_pip
from trued.environment.immutable import is_immutable, set_immutable, why_not_immutable
from trued.environment.read_only_mount import why_no_mount

OLD = make_wheel("demo", entry_points="[console_scripts]\ndemo = demo:main\n")
NEW = make_wheel("demo", "2.0", entry_points="[console_scripts]\ndemo = demo:main\n")
READ_ONLY = ("protect", "--means", "read-only")
UV = Path(sys.executable).parent / "uv"

needs_immutable = pytest.mark.skipif(
    why_not_immutable("/tmp") != "", reason=f"nothing can be made immutable here: {why_not_immutable('/tmp')}"
)
needs_mount = pytest.mark.skipif(
    why_no_mount() != "" or shutil.which("unshare") is None, reason="nothing can be mounted here"
)


@pytest.fixture
def settled(machine: Machine) -> Iterator[Machine]:
    """Return a machine with demo 1.0 installed by trued, and both its releases on the index."""
    machine.index.add(OLD)
    machine.index.add(NEW)
    assert machine.install(OLD.line).status == 0
    (machine.work / NEW.filename).write_bytes(NEW.content)
    yield machine
    for path in (machine.work, *machine.work.rglob("*")):
        if not path.is_symlink() and is_immutable(str(path)):
            set_immutable(str(path), immutable=False)


def writable(machine: Machine) -> list[str]:
    """Return the files of the environment that somebody may write."""
    files = (path for path in (machine.work / ".venv").rglob("*") if path.is_file() and not path.is_symlink())
    return [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o222]


def modes(machine: Machine) -> dict[str, int]:
    files = (path for path in (machine.work / ".venv").rglob("*") if not path.is_symlink())
    return {str(path): path.stat().st_mode for path in files}


def by_pip(machine: Machine, *arguments: str) -> None:
    run_pip(machine, *arguments)


def by_uv(machine: Machine, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(UV), "pip", *arguments, "--python", ".venv"]
    return subprocess.run(command, cwd=machine.work, env=machine.environ, capture_output=True, text=True)


def test_no_file_can_be_written_and_unprotect_gives_each_its_permissions_back(settled: Machine) -> None:
    before = modes(settled)

    ran = settled.trued(*READ_ONLY)

    assert (ran.status, writable(settled)) == (0, [])
    assert settled.trued("protect", "--unprotect").status == 0
    assert modes(settled) == before


def test_programs_run_as_before(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    python = settled.work / ".venv/bin/python"
    done = subprocess.run([python, "-c", "import demo; print(demo.version)"], capture_output=True, text=True)

    assert done.stdout == "1.0\n"


def test_what_is_read_only_can_be_upgraded_by_pip(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    by_pip(settled, "install", "--index-url", settled.index.url, "demo==2.0")

    assert settled.installed == {"demo": "2.0"}


def test_what_is_read_only_can_be_uninstalled_by_pip(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    by_pip(settled, "uninstall", "-y", "demo")

    assert settled.installed == {}
    assert not (settled.libraries / "demo").exists()


def test_what_is_read_only_can_be_upgraded_and_uninstalled_by_uv(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    upgraded = by_uv(settled, "install", "--no-index", NEW.filename)
    assert (upgraded.returncode, settled.installed) == (0, {"demo": "2.0"}), upgraded.stderr
    removed = by_uv(settled, "uninstall", "demo")

    assert (removed.returncode, settled.installed) == (0, {}), removed.stderr


def test_what_is_read_only_can_be_deleted(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    subprocess.run(["rm", "-rf", ".venv"], cwd=settled.work, check=True)

    assert not (settled.work / ".venv").exists()
    assert settled.trued("cache", "verify").status == 0


def test_the_store_is_as_it_was_after_all_of_it(settled: Machine) -> None:
    before = modes_of(settled.store)

    settled.trued(*READ_ONLY)
    by_pip(settled, "install", "--index-url", settled.index.url, "demo==2.0")
    settled.trued("protect", "--unprotect")

    assert modes_of(settled.store) == before


def modes_of(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mode for path in (folder / "wheels").rglob("*")}


def test_trued_itself_protects_what_it_adds_to_a_read_only_environment(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    assert settled.install(NEW.line).status == 0

    assert writable(settled) == []
    assert settled.trued("verify") == Ran(status=0, out="", err="")
    settled.trued("protect", "--unprotect")
    assert "demo" in writable(settled)


def test_verify_tells_that_a_file_was_made_writable_again(settled: Machine) -> None:
    settled.trued(*READ_ONLY)
    (settled.work / ".venv/bin/activate").chmod(0o644)

    ran = settled.trued("verify")

    assert "protection TRU566" in ran.out
    assert settled.trued("protect", "--status").status == 1


def test_verify_tells_that_another_tool_left_files_that_can_be_written(settled: Machine) -> None:
    settled.trued(*READ_ONLY)
    by_pip(settled, "install", "--index-url", settled.index.url, "demo==2.0")

    assert "TRU566" in settled.trued("verify").out


def test_status_is_told_as_json_with_what_is_to_be_had(settled: Machine) -> None:
    settled.trued(*READ_ONLY)

    result = settled.trued("protect", "--status", "--json").document["result"]

    assert isinstance(result, dict)
    assert result["means"] == ["read-only"]
    assert set(result["available"]) == {"read-only", "immutable", "mount"}


def test_without_protection_status_and_unprotect_say_so(settled: Machine) -> None:
    assert "is not protected" in settled.trued("protect", "--status").err
    assert "is not protected" in settled.trued("protect", "--unprotect").err


def test_dry_run_changes_nothing(settled: Machine) -> None:
    before = modes(settled)

    ran = settled.trued("protect", "--dry-run")

    assert "would protect" in ran.err
    assert modes(settled) == before


def test_a_file_that_another_environment_shares_keeps_its_permissions_there(settled: Machine) -> None:
    shared = settled.libraries / "demo/shared.txt"
    shared.write_text("shared\n")
    other = settled.work / "other.txt"
    os.link(shared, other)

    settled.trued(*READ_ONLY)

    assert stat.S_IMODE(other.stat().st_mode) & 0o200
    assert not stat.S_IMODE(shared.stat().st_mode) & 0o222
    assert shared.read_text() == "shared\n"


def test_a_state_that_cannot_be_read_refuses_changes_and_is_told(settled: Machine) -> None:
    (settled.work / ".venv/.trued-protection.json").write_text("[")

    assert settled.install(NEW.line).codes == ["TRU567"]
    assert "TRU567" in settled.trued("verify").out
    assert settled.installed == {"demo": "1.0"}


def test_the_interpreter_of_the_system_is_not_protected(settled: Machine) -> None:
    base = os.path.realpath(sys.executable)

    assert settled.trued("protect", base).codes == ["TRU563"]


def test_two_ways_at_once_are_refused(settled: Machine) -> None:
    assert settled.trued("protect", "--unprotect", "--status").codes == ["TRU506"]


@needs_immutable
def test_nobody_changes_what_is_immutable(settled: Machine) -> None:
    assert settled.trued("protect", "--means", "immutable").status == 0

    with pytest.raises(PermissionError):
        (settled.libraries / "planted.py").write_text("evil = 1\n")
    with pytest.raises(PermissionError):
        (settled.libraries / "demo/__init__.py").open("a")
    with pytest.raises(PermissionError):
        (settled.work / ".venv/pyvenv.cfg").unlink()


@needs_immutable
def test_rm_leaves_what_is_immutable_whole(settled: Machine) -> None:
    settled.trued("protect")
    before = settled.snapshot()

    subprocess.run(["rm", "-rf", ".venv"], cwd=settled.work, capture_output=True)

    assert settled.snapshot() == before


@needs_immutable
def test_pip_and_uv_fail_on_what_is_immutable_and_leave_it_whole(settled: Machine) -> None:
    settled.trued("protect")
    before = settled.snapshot()

    with pytest.raises(subprocess.CalledProcessError):
        by_pip(settled, "install", "--index-url", settled.index.url, "demo==2.0")
    ran = by_uv(settled, "install", "--no-index", NEW.filename)

    assert ran.returncode != 0
    assert settled.snapshot() == before


@needs_immutable
@pytest.mark.parametrize("command", ["install", "uninstall", "sync", "verify"])
def test_trued_says_to_unprotect_first(settled: Machine, command: str) -> None:
    arguments = {
        "install": ("install", "-r", "requirements.txt"),
        "uninstall": ("uninstall", "-y", "demo"),
        "sync": ("sync", "requirements.txt"),
        "verify": ("verify", "--fix"),
    }
    (settled.libraries / "demo/__init__.py").unlink()
    settled.trued("protect")
    settled.write(NEW.line)

    ran = settled.trued(*arguments[command])

    assert (ran.status, ran.codes) == (2, ["TRU565"])
    assert "trued protect --unprotect" in ran.err


@needs_immutable
def test_the_store_and_other_environments_stay_free(settled: Machine) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "other"], cwd=settled.work, check=True)
    settled.trued("install", "-r", "requirements.txt", "--venv", "other")

    settled.trued("protect")

    assert settled.trued("uninstall", "-y", "demo", "--venv", "other").status == 0
    assert settled.trued("cache", "purge").status == 0
    assert settled.trued("verify").status == 0


@needs_immutable
def test_after_unprotect_everything_goes_again(settled: Machine) -> None:
    before = modes(settled)
    settled.trued("protect")

    ran = settled.trued("protect", "--unprotect")

    assert "immutable" in ran.err
    assert modes(settled) == before
    assert settled.install(NEW.line).status == 0


@needs_immutable
def test_to_protect_again_keeps_what_stands(settled: Machine) -> None:
    settled.trued("protect")

    assert settled.trued("protect").status == 0

    assert is_immutable(str(settled.libraries / "demo/__init__.py"))


@needs_immutable
def test_a_lifted_flag_is_an_error_of_verify(settled: Machine) -> None:
    settled.trued("protect")
    set_immutable(str(settled.libraries), immutable=False)

    ran = settled.trued("verify")

    assert ran.status == 1
    assert "1 places" not in ran.out
    assert "protection TRU566" in ran.out


@needs_immutable
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there is no setpriv")
def test_without_the_right_to_it_nothing_is_called_immutable(settled: Machine) -> None:
    command = f"setpriv --bounding-set -linux_immutable --inh-caps -linux_immutable {sys.executable} -m trued"

    plain = settled.shell(f"{command} protect")
    asked = settled.shell(f"{command} protect --means immutable")

    assert plain.status == 0
    assert "not immutable: it needs root" in plain.err
    assert asked.codes == ["TRU564"]
    assert not is_immutable(str(settled.libraries))


@needs_mount
def test_a_read_only_mount_keeps_everybody_from_writing_and_goes_when_it_is_lifted(settled: Machine) -> None:
    script = (
        f'trued() {{ {sys.executable} -m trued "$@"; }}; trued protect --means mount; '
        "touch .venv/x; trued install -r requirements.txt --force-reinstall; trued protect --status; echo $?;"
        "trued protect --unprotect && touch .venv/x && trued protect --status"
    )
    command = ["unshare", "--mount", "bash", "-c", script]  # a namespace of its own: nothing stays mounted

    done = subprocess.run(command, cwd=settled.work, env=settled.environ, capture_output=True, text=True)

    assert "Read-only file system" in done.stderr
    assert "TRU565" in done.stderr
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["read-only", "on"],
        ["immutable", *done.stdout.splitlines()[1].split()[1:]],
        ["mount", "on"],
        ["0"],
        ["read-only", "off"],
        ["immutable", *done.stdout.splitlines()[5].split()[1:]],
        ["mount", "off"],
    ]
    assert (settled.work / ".venv/x").exists()


@needs_mount
def test_to_protect_again_keeps_the_mount(settled: Machine) -> None:
    calls = "trued protect --means mount; trued protect; trued protect --status"
    script = f'trued() {{ "$PYTHON" -m trued "$@"; }}; {calls}'
    command = ["unshare", "--mount", "bash", "-c", script]
    variables = settled.environ | {"PYTHON": sys.executable}

    done = subprocess.run(command, cwd=settled.work, env=variables, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1].split() == ["mount", "on"]


@needs_mount
def test_a_mount_that_is_gone_is_told(settled: Machine) -> None:
    command = ["unshare", "--mount", sys.executable, "-m", "trued", "protect", "--means", "mount"]
    subprocess.run(command, cwd=settled.work, env=settled.environ, check=True, capture_output=True)

    assert "TRU566" in settled.trued("verify").out  # as after the system was started again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_ends_it_in_the_middle_finds_everything_as_before(
    settled: Machine, number: signal.Signals
) -> None:
    many = settled.libraries / "many"
    many.mkdir()
    for count in range(3000):
        (many / f"file{count}.txt").write_text("text\n")
    before = modes(settled)
    process = subprocess.Popen(
        [sys.executable, "-m", "trued", "protect"],
        cwd=settled.work,
        env=settled.environ,
        stderr=subprocess.PIPE,
    )
    state = settled.work / ".venv/.trued-protection.json"
    while not state.exists() and process.poll() is None:
        time.sleep(0.001)

    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode in (130, 143, 0)
    if process.returncode:
        assert modes(settled) == before
    assert not (settled.work / ".venv/.trued-protecting").exists()
