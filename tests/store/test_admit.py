"""Admitting a wheel: verified, whole or absent, and nothing left behind whatever happens."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.store import admit_step
from tests.store.wheels import (
    FILES,
    NOW_NS,
    Store,
    Wheel,
    contents,
    leftovers,
    many_files,
    names,
    tree_file,
    wheel,
)
from trued.core.errors import Refused
from trued.store.admit import admit
from trued.store.damage import StoreUnusable
from trued.store.layout import entries, entry_path, origin_path
from trued.store.manifest import load

STEPS = ("staged", "unpacked", "described", "sealed", "renamed")


def test_an_entry_is_found_by_the_digest_of_the_archive(store: Store) -> None:
    one = wheel()
    assert store.admit(one) == entry_path(store.path, one.sha256)
    assert list(entries(store.path)) == [entry_path(store.path, one.sha256)]


def test_the_tree_holds_the_files_read_only(store: Store) -> None:
    entry = store.admit(wheel(executable=["demo/data.bin"]))
    assert FILES.items() <= contents(Path(entry, "tree")).items()
    assert stat.S_IMODE(tree_file(entry, "top.py").stat().st_mode) == 0o444
    assert stat.S_IMODE(tree_file(entry, "demo/data.bin").stat().st_mode) == 0o555


def test_the_manifest_says_what_installing_needs(store: Store) -> None:
    one = wheel(entry_points="[console_scripts]\nrun = demo:main\n[gui_scripts]\nshow = demo.gui:App.main\n")
    manifest = load(store.admit(one))
    assert manifest["sha256"] == one.sha256
    assert manifest["archive_bytes"] == len(one.data)
    assert (manifest["project"], manifest["version"]) == ("demo", "1.0")
    assert manifest["filename"] == one.filename
    assert manifest["dist_info"] == "demo-1.0.dist-info"
    assert manifest["tags"] == ("py3-none-any",)
    assert manifest["summary"] == "A demonstration"
    assert manifest["requires"] == ("other>=2",)
    assert manifest["requires_python"] == ">=3.8"
    assert manifest["extras"] == ("more",)
    assert manifest["entry_points"] == (
        ("console", "run", "demo", "main"),
        ("gui", "show", "demo.gui", "App.main"),
    )


def test_startup_hooks_are_remembered_for_the_policy(store: Store) -> None:
    manifest = load(store.admit(wheel({"demo.pth": b"import os; os.system('true')\n"})))
    ((path, _, kind, known),) = manifest["hooks"]
    assert (path, kind, known) == ("demo.pth", "pth-import", None)


def test_record_rows_are_ready_to_be_written(store: Store) -> None:
    files = {
        "demo.py": b"A = 1\n",
        'odd,"name".txt': b"",
        "demo-1.0.data/data/share/x": b"x",
        "demo-1.0.data/platlib/plat.py": b"",
    }
    rows = load(store.admit(wheel(files)))["record"].decode().splitlines()
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"A = 1\n").digest()).decode().rstrip("=")
    assert f"demo.py,sha256={digest},6" in rows
    assert '"odd,""name"".txt",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0' in rows
    assert any(row.startswith("plat.py,") for row in rows)
    assert not any("share" in row or row.startswith("demo-1.0.dist-info/RECORD") for row in rows)


def test_record_and_its_signatures_are_not_kept(store: Store) -> None:
    manifest = load(store.admit(wheel({"demo/RECORD": b""}, lies={"demo-1.0.dist-info/RECORD.jws": b"{}"})))
    assert names(manifest, "purelib") == [
        "demo/RECORD",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/WHEEL",
    ]


def test_a_platform_wheel_goes_to_platlib(store: Store) -> None:
    manifest = load(store.admit(wheel({"demo.py": b""}, purelib=False)))
    assert "demo.py" in names(manifest, "platlib")
    assert not manifest["root_is_purelib"]


def test_a_script_for_the_interpreter_is_rewritten_not_linked(store: Store) -> None:
    files = {
        "demo-1.0.data/scripts/run": b"#!python\nprint()\n",
        "demo-1.0.data/scripts/plain": b"#!/bin/sh\n",
        "demo/run": b"#!python\n",
    }
    manifest = load(store.admit(wheel(files)))
    assert [(source, name, size) for source, name, size, _ in manifest["rewrites"]] == [
        ("demo-1.0.data/scripts", "run", 17)
    ]
    assert names(manifest, "scripts") == ["plain"]
    assert "demo/run" in names(manifest, "purelib")


def test_every_script_is_executable(store: Store) -> None:
    entry = store.admit(wheel({"demo-1.0.data/scripts/plain": b"#!/bin/sh\n"}))
    assert stat.S_IMODE(tree_file(entry, "demo-1.0.data/scripts/plain").stat().st_mode) == 0o555


def test_two_wheels_of_one_second_differ_in_the_time_of_their_files(store: Store) -> None:
    """Else a compiled file that stayed behind would pass for that of a source of the same size."""
    first = tree_file(store.admit(wheel(version="1.0")), "top.py").stat().st_mtime_ns
    second = tree_file(store.admit(wheel(version="2.0")), "top.py").stat().st_mtime_ns
    assert first // 10**9 != second // 10**9
    assert {first % 10**9, second % 10**9} == {0}


def test_what_is_there_already_is_not_unpacked_again(store: Store) -> None:
    one = wheel()
    store.admit(one)
    steps: list[str] = []
    admit(store.path, one.opened(), sha256=one.sha256, now_ns=NOW_NS, checkpoint=steps.append)
    assert steps == []


def test_several_threads_unpack_the_same(store: Store) -> None:
    files = many_files(400) | {"demo/large.bin": os.urandom(1 << 20) * 3}
    entry = store.admit(wheel(files), threads=3)
    assert files.items() <= contents(Path(entry, "tree")).items()


def test_the_origin_of_a_built_wheel_is_kept(store: Store) -> None:
    one = wheel()
    entry = admit(store.path, one.opened(), sha256=one.sha256, now_ns=NOW_NS, origin=b'{"sdist": "x"}')
    assert Path(origin_path(entry)).read_bytes() == b'{"sdist": "x"}'


def test_a_file_that_is_not_what_record_says_leaves_nothing(store: Store) -> None:
    with pytest.raises(Refused):
        store.admit(wheel(lies={"demo/__init__.py": b"VALUE = 2\n"}))
    assert list(entries(store.path)) == []
    assert leftovers(store) == []


def test_an_unfinished_entry_of_another_run_does_not_count(store: Store) -> None:
    one = wheel()
    os.makedirs(os.path.dirname(entry_path(store.path, one.sha256)))
    assert FILES.items() <= contents(Path(store.admit(one), "tree")).items()


def run_step(store: Store, one: Wheel, folder: Path, step: str = "") -> subprocess.Popen[bytes]:
    path = folder / one.filename
    path.write_bytes(one.data)
    command = [sys.executable, str(admit_step.__file__), store.path, str(path), step]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, errors = process.communicate()
    return process.returncode, errors


@pytest.mark.parametrize("step", STEPS)
def test_after_kill_9_the_entry_is_whole_or_absent_and_the_next_run_cleans_up(
    store: Store, tmp_path: Path, target: Path, step: str
) -> None:
    one = wheel()
    assert finish(run_step(store, one, tmp_path, step)) == (-signal.SIGKILL, b"")
    assert (list(entries(store.path)) != []) == (step == "renamed")
    store.lay_out(target, store.admit(one))
    store.admit(wheel(name="another"))
    assert FILES.items() <= contents(target / "lib").items()
    assert leftovers(store) == []


def test_two_processes_may_admit_one_wheel_at_once(store: Store, tmp_path: Path, target: Path) -> None:
    one = wheel(many_files(300))
    both = [run_step(store, one, tmp_path), run_step(store, one, tmp_path)]
    assert [finish(process) for process in both] == [(0, b""), (0, b"")]
    store.lay_out(target, entry_path(store.path, one.sha256))
    assert leftovers(store) == []


def test_the_folder_of_a_living_run_is_left_alone(store: Store) -> None:
    one, other = wheel(), wheel(name="other")

    def admit_another(step: str) -> None:
        if step == "unpacked":
            store.admit(other)

    admit(store.path, one.opened(), sha256=one.sha256, now_ns=NOW_NS, checkpoint=admit_another)
    assert len(list(entries(store.path))) == 2


def test_whoever_comes_second_keeps_the_first(store: Store) -> None:
    one = wheel()
    inodes: list[int] = []

    def admit_first(step: str) -> None:
        if step == "sealed":
            inodes.append(tree_file(store.admit(one), "top.py").stat().st_ino)

    entry = admit(store.path, one.opened(), sha256=one.sha256, now_ns=NOW_NS, checkpoint=admit_first)
    assert [tree_file(entry, "top.py").stat().st_ino] == inodes
    assert leftovers(store) == []


def test_a_full_disk_leaves_nothing(store: Store) -> None:
    """Stands for a disk: no file of this process may grow past a limit."""
    one = wheel({"demo/large.bin": os.urandom(300_000)})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StoreUnusable) as raised:
            store.admit(one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert raised.value.findings[0].code == "TRU403"
    assert (list(entries(store.path)), leftovers(store)) == ([], [])


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no mount here")
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    return folder


def test_a_disk_that_is_really_full_leaves_nothing(small_disk: Path) -> None:
    try:
        store = Store(small_disk / "store")
        with pytest.raises(StoreUnusable) as raised:
            store.admit(wheel({"demo/large.bin": os.urandom(300_000)}))
        assert dict(raised.value.findings[0].values)["reason"] == "No space left on device"
        assert (list(entries(store.path)), leftovers(store)) == ([], [])
        store.admit(wheel({"demo/small.py": b"A = 1\n"}))
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


NOBODY = 65534

OtherUser = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def other_user() -> OtherUser:
    """Something that becomes another user for a while."""
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")

    @contextmanager
    def become() -> Iterator[None]:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)

    return become


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_a_store_that_may_not_be_written_is_told(open_folder: Path, other_user: OtherUser) -> None:
    store = Store(open_folder / "store")
    store.admit(wheel(name="other"))
    with other_user(), pytest.raises(StoreUnusable, match="TRU403"):
        store.admit(wheel())


def test_entries_of_somebody_else_are_copied(open_folder: Path, other_user: OtherUser) -> None:
    """The system's ``protected_hardlinks`` forbids to link what one may not write."""
    store = Store(open_folder / "store")
    entry = store.admit(wheel())
    target = open_folder / "environment"
    target.mkdir()
    os.chown(target, NOBODY, NOBODY)
    with other_user():
        assert store.lay_out(target, entry, mode="auto") == ("copy",)
    assert FILES.items() <= contents(target / "lib").items()
