"""Housekeeping: figures, verification with repair, pruning by age and by use, purging."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.store.wheels import NOW_NS, Store, contents, leftovers, many_files, overwrite, tree_file, wheel
from trued.store.bytecode import compile_entries
from trued.store.damage import StoreDamaged
from trued.store.discard import discard
from trued.store.housekeeping import info, listing, prune, purge, verify
from trued.store.layout import entries, manifest_path, seal_path, sha256_of

DAY = 24 * 3600


def age(entry: str, days: int) -> None:
    """Let the entry have been used so many days ago."""
    then = time.time_ns() - days * DAY * 10**9
    os.utime(seal_path(entry), ns=(then, then))


def test_an_absent_store_is_an_empty_one(store: Store) -> None:
    assert listing(store.path) == ()
    assert (info(store.path).entries, info(store.path).size) == (0, 0)
    assert verify(store.path).entries == 0
    assert purge(store.path) == 0


def test_the_listing_names_wheels_by_project_and_version(store: Store) -> None:
    for name, version in (("zeta", "1.0"), ("alpha", "2.0"), ("alpha", "1.0")):
        store.admit(wheel(name=name, version=version))
    assert [(one.project, one.version) for one in listing(store.path)] == [
        ("alpha", "1.0"),
        ("alpha", "2.0"),
        ("zeta", "1.0"),
    ]


def test_sizes_are_those_of_the_files(store: Store) -> None:
    entry = store.admit(wheel())
    files = contents(Path(entry, "tree"))
    (one,) = listing(store.path)
    assert (one.files, one.size) == (len(files), sum(map(len, files.values())))
    assert (info(store.path).files, info(store.path).size) == (one.files, one.size)


def test_bytecode_is_counted_and_its_interpreters_named(store: Store) -> None:
    entry = store.admit(wheel())
    tag = str(sys.implementation.cache_tag)
    compile_entries(store.path, [entry], python=sys.executable, cache_tag=tag, now_ns=NOW_NS)
    (one,) = listing(store.path)
    assert one.compiled_for == (tag,)
    assert one.files == len(contents(Path(entry, "tree"))) + 3


def test_an_entry_with_an_unreadable_manifest_is_told(store: Store) -> None:
    entry = store.admit(wheel())
    overwrite(Path(manifest_path(entry)), b"")
    assert listing(store.path) == ()
    assert info(store.path).damaged == (entry,)


def test_use_is_seen_by_hard_links_and_by_time(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    age(entry, 3)
    (before,) = listing(store.path)
    store.lay_out(target, entry)
    (after,) = listing(store.path)
    assert (before.is_linked, after.is_linked) == (False, True)
    assert after.last_used_ns - before.last_used_ns > 2 * DAY * 10**9


def test_a_whole_store_passes(store: Store) -> None:
    store.admit(wheel(many_files(500)))
    found = verify(store.path)
    assert (found.entries, found.damaged, found.files) == (1, {}, 502)


def test_verification_finds_what_the_seal_covers(store: Store) -> None:
    entry = store.admit(wheel(many_files(500)))
    whole = store.admit(wheel())
    overwrite(tree_file(entry, "demo/part3/m100.py"), b"N = 999\n", keep_time=True)
    os.utime(seal_path(entry))
    found = verify(store.path)
    assert dict(found.damaged) == {entry: ["tree/demo/part3/m100.py"]}
    assert (found.entries, found.removed) == (2, ())
    assert set(entries(store.path)) == {entry, whole}


@pytest.mark.parametrize("path", ["manifest", "tree/demo", "tree/demo/deep/er/module.py"])
def test_verification_finds_what_is_gone(store: Store, path: str) -> None:
    entry = store.admit(wheel())
    lost = Path(entry, path)
    lost.rename(lost.with_name("elsewhere"))
    assert list(verify(store.path).damaged) == [entry]


def test_verification_looks_at_bytecode_too(store: Store) -> None:
    entry = store.admit(wheel())
    tag = str(sys.implementation.cache_tag)
    compile_entries(store.path, [entry], python=sys.executable, cache_tag=tag, now_ns=NOW_NS)
    path = f"bytecode/{tag}/tree/__pycache__/top.{tag}.pyc"
    overwrite(Path(entry, path), b"x")
    assert dict(verify(store.path).damaged) == {entry: [path]}


def test_repair_removes_what_is_damaged_and_nothing_else(store: Store) -> None:
    entry = store.admit(wheel())
    unreadable = store.admit(wheel(version="2.0"))
    whole = store.admit(wheel(name="whole"))
    overwrite(tree_file(entry, "top.py"), b"import omed\n")
    overwrite(Path(manifest_path(unreadable)), b"")
    assert set(verify(store.path, repair=True).removed) == {entry, unreadable}
    assert list(entries(store.path)) == [whole]
    assert leftovers(store) == []


def test_a_repaired_entry_can_be_admitted_again(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, "top.py"), b"import omed\n")
    verify(store.path, repair=True)
    store.lay_out(target, store.admit(wheel()))
    assert (target / "lib/top.py").read_bytes() == b"import demo\n"


def test_discarding_what_somebody_discarded_already_is_fine(store: Store) -> None:
    entry = store.admit(wheel())
    damage = StoreDamaged({entry: ("tree/top.py",)})
    assert discard(store.path, damage) == (entry,)
    assert discard(store.path, damage) == (entry,)


def test_pruning_removes_what_was_not_used_for_long(store: Store) -> None:
    old, new = store.admit(wheel()), store.admit(wheel(name="new"))
    age(old, 100)
    found = prune(store.path, now_ns=time.time_ns(), unused_seconds=90 * DAY)
    assert [one.entry for one in found.removed] == [old]
    assert found.size == found.removed[0].size
    assert list(entries(store.path)) == [new]


def test_pruning_keeps_what_it_is_told_to_keep(store: Store) -> None:
    old = store.admit(wheel())
    age(old, 100)
    found = prune(store.path, now_ns=time.time_ns(), unused_seconds=0, keep={sha256_of(old)})
    assert found.removed == ()


def test_pruning_can_spare_what_environments_share(store: Store, target: Path) -> None:
    shared, alone = store.admit(wheel()), store.admit(wheel(name="alone"))
    store.lay_out(target, shared)
    age(shared, 100)
    age(alone, 100)
    found = prune(store.path, now_ns=time.time_ns(), unused_seconds=DAY, only_unlinked=True)
    assert [one.entry for one in found.removed] == [alone]


def test_an_environment_outlives_its_pruned_entry(store: Store, target: Path) -> None:
    store.lay_out(target, store.admit(wheel()))
    purge(store.path)
    assert (target / "lib/top.py").read_bytes() == b"import demo\n"


def test_pruning_takes_away_what_killed_processes_left(store: Store) -> None:
    store.admit(wheel())
    left = Path(store.path, "tmp/left/tree")
    left.mkdir(parents=True)
    (left / "half.py").write_bytes(b"")
    assert prune(store.path, now_ns=time.time_ns(), unused_seconds=DAY).leftovers == 1
    assert leftovers(store) == []


def test_purging_empties_the_store(store: Store) -> None:
    store.admit(wheel())
    store.admit(wheel(version="2.0"))
    assert purge(store.path) == 2
    assert list(entries(store.path)) == []
    store.admit(wheel())


def test_what_is_no_entry_is_not_taken_for_one(store: Store) -> None:
    entry = store.admit(wheel())
    Path(store.path, "wheels/README").write_bytes(b"")
    Path(store.path, "wheels/zz").mkdir()
    shutil.copytree(entry, Path(store.path, "wheels/zz/short"))
    assert list(entries(store.path)) == [entry]
