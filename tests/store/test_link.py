"""Laying out: every file in its place, by the best way there is."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.wheels import FILES, Store, contents, many_files, roots, tree_file, wheel
from trued.store.link import LayOut, lay_out
from trued.store.manifest import load
from trued.store.transfer import MODES


def test_every_file_arrives_with_its_content(store: Store, target: Path) -> None:
    store.lay_out(target, store.admit(wheel()))
    assert FILES.items() <= contents(target / "lib").items()


def test_hard_links_share_the_file_with_the_store(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    assert store.lay_out(target, entry) == ("hardlink",)
    assert (target / "lib/top.py").samefile(tree_file(entry, "top.py"))


def test_linked_files_are_read_only(store: Store, target: Path) -> None:
    store.lay_out(target, store.admit(wheel(executable=["demo/data.bin"])))
    assert stat.S_IMODE((target / "lib/top.py").stat().st_mode) == 0o444
    assert stat.S_IMODE((target / "lib/demo/data.bin").stat().st_mode) == 0o555


def test_each_scheme_has_its_own_root(store: Store, target: Path) -> None:
    files = {
        "demo-1.0.data/scripts/run": b"#!/bin/sh\n",
        "demo-1.0.data/headers/demo.h": b"int x;\n",
        "demo-1.0.data/data/share/demo/icon": b"icon",
        "demo-1.0.data/purelib/pure.py": b"",
        "demo-1.0.data/platlib/plat.py": b"",
    }
    store.lay_out(target, store.admit(wheel(files)))
    found = contents(target)
    assert found["scripts/run"] == b"#!/bin/sh\n"
    assert found["headers/demo/demo.h"] == b"int x;\n"
    assert found["data/share/demo/icon"] == b"icon"
    assert {"lib/pure.py", "lib/plat.py"} <= set(found)


def test_copies_belong_to_the_environment_and_keep_the_time(store: Store, target: Path) -> None:
    entry = store.admit(wheel(executable=["demo/data.bin"]))
    assert store.lay_out(target, entry, mode="copy") == ("copy",)
    copied = target / "lib/top.py"
    assert not copied.samefile(tree_file(entry, "top.py"))
    assert copied.stat().st_mtime_ns == tree_file(entry, "top.py").stat().st_mtime_ns
    assert os.access(copied, os.W_OK)
    assert os.access(target / "lib/demo/data.bin", os.X_OK)
    assert not os.access(copied, os.X_OK)


def test_a_copy_larger_than_any_buffer_is_whole(store: Store, target: Path) -> None:
    large = os.urandom(1 << 20) * 5
    store.lay_out(target, store.admit(wheel({"demo/large.bin": large})), mode="copy")
    assert (target / "lib/demo/large.bin").read_bytes() == large


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_leads_to_the_same_content(store: Store, target: Path, mode: str) -> None:
    store.lay_out(target, store.admit(wheel()), mode=mode)
    assert FILES.items() <= contents(target / "lib").items()


@pytest.fixture
def foreign_store() -> Iterator[Store]:
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(tempfile.gettempdir()).st_dev:
        pytest.skip("no second device here")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Store(Path(folder, "store"))


@pytest.mark.parametrize("mode", ["auto", "hardlink", "clone"])
def test_from_another_device_files_are_copied_and_that_is_told(
    foreign_store: Store, target: Path, mode: str
) -> None:
    entry = foreign_store.admit(wheel())
    assert foreign_store.lay_out(target, entry, mode=mode) == ("copy",)
    assert FILES.items() <= contents(target / "lib").items()


def test_a_file_with_as_many_names_as_it_can_have_is_copied(store: Store, target: Path) -> None:
    entry = store.admit(wheel({"demo.py": b"A = 1\n"}))
    full = tree_file(entry, "demo.py")
    names = target / "names"
    names.mkdir(parents=True)
    if os.pathconf(full, "PC_LINK_MAX") > 65_000:
        pytest.skip("this file system allows more names than a test can make")
    for number in range(os.pathconf(full, "PC_LINK_MAX") - 1):
        os.link(full, names / str(number))
    store.lay_out(target, entry)
    assert not (target / "lib/demo.py").samefile(full)
    assert (target / "lib/demo.py").read_bytes() == b"A = 1\n"
    shutil.rmtree(names)


def test_what_is_in_the_way_is_named_and_kept(store: Store, target: Path) -> None:
    (target / "lib/demo").mkdir(parents=True)
    (target / "lib/demo/data.bin").write_bytes(b"mine")
    with pytest.raises(FileExistsError) as raised:
        store.lay_out(target, store.admit(wheel()))
    assert raised.value.filename == str(target / "lib/demo/data.bin")
    assert (target / "lib/demo/data.bin").read_bytes() == b"mine"


def test_copying_does_not_overwrite_either(store: Store, target: Path) -> None:
    (target / "lib").mkdir(parents=True)
    (target / "lib/top.py").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        store.lay_out(target, store.admit(wheel()), mode="copy")
    assert (target / "lib/top.py").read_bytes() == b"mine"


def test_folders_that_exist_already_are_shared(store: Store, target: Path) -> None:
    first = store.admit(wheel({"space/one.py": b""}, name="one"))
    second = store.admit(wheel({"space/two.py": b""}, name="two"))
    store.lay_out(target, first)
    store.lay_out(target, second)
    assert {"one.py", "two.py"} == {path.name for path in (target / "lib/space").iterdir()}


def test_many_files_are_shared_by_two_workers(store: Store, target: Path) -> None:
    files = many_files(1500)
    store.lay_out(target, store.admit(wheel(files)))
    assert files.items() <= contents(target / "lib").items()


def test_beside_another_thread_the_second_worker_is_a_thread(store: Store, target: Path) -> None:
    files = many_files(900)
    entry = store.admit(wheel(files))
    until = threading.Event()
    other = threading.Thread(target=until.wait)
    other.start()
    try:
        store.lay_out(target, entry)
    finally:
        until.set()
        other.join()
    assert files.items() <= contents(target / "lib").items()


def test_an_error_of_any_worker_reaches_the_caller(store: Store, target: Path) -> None:
    entry = store.admit(wheel(many_files(1500)))
    for number in range(50):
        (target / f"lib/demo/part{number}").mkdir(parents=True)
        (target / f"lib/demo/part{number}/m{number * 30}.py").touch()
    with pytest.raises(FileExistsError):
        store.lay_out(target, entry)


def test_a_folder_that_may_not_be_made_is_named(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    target.mkdir()
    (target / "lib").write_bytes(b"a file")
    with pytest.raises(OSError, match="lib") as raised:
        lay_out([LayOut(entry, load(entry))], roots(target))
    assert str(raised.value.filename).startswith(str(target / "lib"))


_NAMES = st.text(alphabet=st.sampled_from("abcxyz019_é語 -+"), min_size=1, max_size=12).filter(
    lambda name: name == name.strip(" .")
)
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(_PATHS, st.binary(max_size=300), min_size=1, max_size=8))
def test_whatever_is_admitted_comes_out_the_same(files: dict[str, bytes]) -> None:
    folders = {part for path in files for part in _parents(path)}
    files = {path: content for path, content in files.items() if path not in folders}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "store"))
        target = Path(folder, "environment")
        store.lay_out(target, store.admit(wheel(files)))
        found = contents(target / "lib")
    assert {path: content for path, content in found.items() if ".dist-info/" not in path} == files


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
