"""Sources that want more than they were given: another project's rights, a leave that nobody gave."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.commands.conftest import Machine, make_wheel
from tests.commands.projects import make_project, make_repository, write_project
from tests.commands.sources import make_sdist

TRUSTING = "--trust-on-first-use"
ESCAPES = """
try:
    with open({path!r}, "w") as file:
        file.write("evil")
except OSError:
    pass
"""


def open_sandbox(machine: Machine, name: str = "own") -> None:
    policy = machine.home / ".config" / "trued" / "trued.toml"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(f'[[build]]\nproject = "{name}"\nno-sandbox = true\n')


def hostile(machine: Machine, *, stated: bool = True) -> Path:
    """Make a folder ``cloned`` that calls itself ``own``; return what its backend writes if not held."""
    loot = machine.home / "loot"
    write_project(machine.work / "cloned", code=ESCAPES.format(path=str(loot)), stated=stated)
    return loot


# Attack: a cloned folder calls itself like a project whose sandbox the user's policy opens.
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize(
    "words",
    [
        ("install", "./cloned"),
        ("install", "-e", "./cloned"),
        ("wheel", "./cloned", "--no-deps"),
        ("lock", "./cloned"),
    ],
)
def test_a_folder_that_calls_itself_trusted_gets_no_rights_by_that(
    words: tuple[str, ...], stated: bool, machine: Machine
) -> None:
    open_sandbox(machine)
    loot = hostile(machine, stated=stated)

    ran = machine.trued(*words)

    assert (ran.status, ran.codes, loot.exists()) == (1, ["TRU466"], False), ran.err


# Attack: as above; the option was meant for something that the folder needs.
def test_the_option_for_a_name_is_not_for_a_folder_that_takes_it(machine: Machine) -> None:
    loot = hostile(machine)

    ran = machine.trued("install", "./cloned", "--no-sandbox", "own")

    assert (ran.status, ran.codes, loot.exists()) == (1, ["TRU466"], False)


# Attack: a repository at a commit, and a lock that was cloned, name what they bring.
def test_a_repository_that_calls_itself_trusted_gets_no_rights_by_that(machine: Machine) -> None:
    open_sandbox(machine)
    repository, commit = make_repository(machine.work / "repository")

    ran = machine.trued("install", f"{repository.url}@{commit}")

    assert (ran.status, ran.codes) == (1, ["TRU466"])


def test_a_lock_that_calls_a_folder_trusted_gives_it_no_rights(machine: Machine) -> None:
    loot = hostile(machine)
    machine.write(
        'lock-version = "1.0"',
        'created-by = "somebody"',
        "[[packages]]",
        'name = "own"',
        "[packages.directory]",
        'path = "cloned"',
        name="pylock.toml",
    )
    open_sandbox(machine)

    ran = machine.trued("install", "-r", "pylock.toml")

    assert (ran.status, "TRU466" in ran.codes, loot.exists()) == (1, True, False), ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("own @ file://{work}/cloned",),
        ("-e", "own @ file://{work}/cloned"),
        ("-e", "file://{work}/cloned#egg=own"),
    ],
)
def test_who_names_project_and_folder_opens_the_sandbox(words: tuple[str, ...], machine: Machine) -> None:
    open_sandbox(machine)
    loot = hostile(machine)

    ran = machine.trued("install", *(word.format(work=machine.work) for word in words))

    assert (ran.status, "TRU475" in ran.codes, loot.exists()) == (0, True, True), ran.err


# Attack: a list of constraints, fetched from somewhere, turns a wheel of the index into source to be built.
@pytest.mark.parametrize("command", ["install", "lock"])
@pytest.mark.parametrize("kind", ["folder", "repository", "archive"])
def test_a_constraint_opens_no_build(kind: str, command: str, machine: Machine) -> None:
    machine.index.add(make_wheel("own", "9.0"))
    if kind == "folder":
        line = f"own @ file://{make_project(machine.work)}"
    elif kind == "repository":
        repository, commit = make_repository(machine.work / "repository")
        line = f"own @ {repository.url}@{commit}"
    else:
        sdist = make_sdist("own")
        (machine.work / sdist.filename).write_bytes(sdist.content)
        line = f"own @ file://{machine.work}/{sdist.filename}"
    machine.write(line, name="constraints.txt")

    refused = machine.trued(command, "own", "-c", "constraints.txt", TRUSTING)
    opened = machine.trued(command, "own", "-c", "constraints.txt", TRUSTING, "--allow-build", "own")

    assert (refused.status, "TRU470" in refused.codes) == (1, True), refused.err
    assert opened.status == 0, opened.err


# Attack: the hook that is asked first leaves a pipe in place of the project file: opening it never ends.
def test_a_project_file_that_became_a_pipe_is_told(machine: Machine) -> None:
    code = """
def get_requires_for_build_wheel(config_settings=None):
    os.unlink("pyproject.toml")
    os.mkfifo("pyproject.toml")
    return []

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(os.path.join(folder, "own-1.0.dist-info"))
    with open(os.path.join(folder, "own-1.0.dist-info", "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\n")
    return "own-1.0.dist-info"
"""
    write_project(machine.work / "cloned", code=code)

    ran = machine.trued("lock", "./cloned")

    assert (ran.status, ran.codes) == (2, ["TRU448"]), ran.err


# Attack: what a hook asks for is a line on which a parser recurses, or a comparison that has no answer.
@pytest.mark.parametrize(
    "line",
    ["a; " + "(" * 1500 + "os_name == ''" + ")" * 1500, "a; os_name ~= 'x'", "a @ https://example.org/a"],
)
def test_a_build_dependency_that_no_parser_takes_is_told(line: str, machine: Machine) -> None:
    asks = f"\ndef get_requires_for_build_wheel(config_settings=None): return [{line!r}]\n"
    write_project(machine.work / "cloned", code=asks)

    ran = machine.trued("install", "./cloned")

    assert (ran.status, ran.codes) == (1, ["TRU469"]), ran.err


# Attack: a cloned lock names a folder of the user that is no project, for it to be copied.
def test_a_folder_that_is_no_project_is_not_copied(machine: Machine) -> None:
    (machine.work / "data").mkdir()
    (machine.work / "data" / "huge").touch()
    os.truncate(machine.work / "data" / "huge", 2**42)
    machine.write(
        'lock-version = "1.0"',
        'created-by = "somebody"',
        "[[packages]]",
        'name = "own"',
        "[packages.directory]",
        'path = "data"',
        name="pylock.toml",
    )

    ran = machine.trued("install", "-r", "pylock.toml")

    assert (ran.status, ran.codes) == (2, ["TRU450"]), ran.err


# Code that ran with all rights is told whatever came of it: not only where a wheel did.
@pytest.mark.parametrize("code", ["", "raise SystemExit(1)"])
@pytest.mark.parametrize("command", ["lock", "install"])
def test_what_ran_without_a_sandbox_is_told_each_time(command: str, code: str, machine: Machine) -> None:
    write_project(machine.work / "own", code=code)

    ran = machine.trued(command, f"own @ file://{machine.work}/own", "--no-sandbox", "own")

    assert (ran.status == 0, "TRU475" in ran.codes) == (not code, True), ran.err
    assert "without a sandbox" in ran.err.splitlines()[0]


# Attack: an editable project writes into the cache and the environment that CI keeps in its folder.
def test_an_editable_project_writes_into_nothing_that_outlives_it(machine: Machine) -> None:
    code = """
for path in (".cache/trued/evil", ".venv/evil", ".tmp/evil"):
    try:
        open(path, "w").close()
    except OSError:
        pass
    try:
        for folder in os.listdir(".tmp"):
            open(os.path.join(".tmp", folder, "evil"), "w").close()
    except OSError:
        pass
"""
    write_project(machine.work, code=code)
    (machine.work / ".tmp").mkdir()

    ran = machine.trued(
        "install", "-e", ".", "--cache-dir", ".cache/trued", TMPDIR=str(machine.work / ".tmp")
    )

    assert ran.status == 0, ran.err
    assert [path.relative_to(machine.work) for path in machine.work.rglob("evil")] == [Path(".tmp/evil")]


# A wheel for another interpreter could not be chosen of an index; as what was built it was installed.
def test_a_wheel_for_another_interpreter_is_not_taken(machine: Machine) -> None:
    code = """
honest = write_wheel
TAG = b"Tag: cp27-cp27m-win32\\n"
def write_wheel(folder, files, **named):
    made = os.path.join(folder, honest(folder, files, **named))
    with zipfile.ZipFile(made) as archive:
        inner = {one: archive.read(one) for one in archive.namelist() if not one.endswith("RECORD")}
    os.unlink(made)
    inner["own-1.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n" + TAG
    rows = "".join(_row(path, data) for path, data in inner.items())
    with zipfile.ZipFile(os.path.join(folder, "own-1.0-cp27-cp27m-win32.whl"), "w") as archive:
        for path, data in inner.items():
            archive.writestr(path, data)
        archive.writestr("own-1.0.dist-info/RECORD", rows + "own-1.0.dist-info/RECORD,,\\n")
    return "own-1.0-cp27-cp27m-win32.whl"
"""
    make_project(machine.work)
    backend = machine.work / "own" / "backend" / "own_backend.py"
    backend.write_text(backend.read_text() + code)

    ran = machine.trued("install", "./own")
    crossed = machine.trued("wheel", "./own", "--no-deps", _PYTHON_HOST_PLATFORM="win32")

    assert (ran.status, ran.codes, machine.installed) == (1, ["TRU474"], {}), ran.err
    assert crossed.status == 0, crossed.err


# Attack: one release says which Pythons it is for in words that no lock can hold; locking ended at a fault.
def test_a_release_for_pythons_that_are_no_set_of_versions_is_locked_without_them(machine: Machine) -> None:
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3,junk\n"
    machine.index.add(make_wheel("demo", metadata=metadata))
    make_project(machine.work)
    backend = machine.work / "own" / "backend" / "own_backend.py"
    header = '"Metadata-Version: 2.1'
    backend.write_text(backend.read_text().replace(header, f"{header}\\nRequires-Python: x"))

    ran = machine.trued("lock", "demo", "./own")

    assert ran.status == 0, ran.err
    assert "requires-python" not in (machine.work / "pylock.toml").read_text()


# An archive that unpacks to more than there is room for is no fault of trued's own.
def test_a_source_that_there_is_no_room_for_is_told(machine: Machine, tmp_path: Path) -> None:
    machine.index.add(make_sdist("demo", files={"big.py": b"#" * 5_000_000}))
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be made by this user")
    try:
        ran = machine.trued("install", "demo", "--allow-build", "demo", TRUSTING, TMPDIR=str(small))
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)

    assert (ran.status, ran.codes) == (2, ["TRU490"]), ran.err


# Attack: a cloned project asks for something by a comparison that has no answer; locking it ended at a fault.
def test_a_project_whose_marker_has_no_answer_is_told(machine: Machine) -> None:
    machine.write(
        "[project]", 'name = "own"', 'version = "1"', """dependencies = ["a; os_name ~= 'x'"]""",
        name="pyproject.toml",
    )  # fmt: skip

    ran = machine.trued("lock")

    assert (ran.status, ran.codes) == (2, ["TRU365"]), ran.err
