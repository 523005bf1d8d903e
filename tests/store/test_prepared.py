"""Prepared folders: kept whole, linked like an entry, looked after like one; and trees that are read late."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.wheels import NOW_NS, Store, contents, many_files, overwrite, roots, wheel
from trued.store.damage import StoreDamaged
from trued.store.housekeeping import prune, verify
from trued.store.layout import manifest_path, prepared_path, tree_path
from trued.store.link import lay_out
from trued.store.manifest import digest_of, load
from trued.store.prepared import MEMO, keep_prepared
from trued.store.tree import Tree, cuts_of

KEY = "0" * 64
FILES = {
    "demo-1.0.dist-info": {"RECORD": b"rows\n", "REQUESTED": b""},
    "other-2.dist-info": {"RECORD": b"2\n"},
}


def keep(store: Store, files: dict[str, dict[str, bytes]] = FILES) -> str:
    """Keep *files*, by directory, and return the folder."""
    listed = [("purelib", directory, held) for directory, held in files.items()]
    keep_prepared(store.path, KEY, contents=listed, memo=lambda digest, groups: digest, now_ns=NOW_NS)  # type: ignore[arg-type] # a scheme
    return prepared_path(store.path, KEY)


def late(folder: str, *, cuts: tuple[tuple[int, int, int, int], ...]) -> Tree:
    """The tree of *folder*, of which nothing is read."""
    return Tree(folder, folder, digest=digest_of(manifest_path(folder)), cuts=cuts)


def test_what_was_kept_is_laid_out(store: Store, target: Path) -> None:
    folder = keep(store)

    lay_out([late(folder, cuts=((0, 1, 0, 5), (1, 2, 2, 5)))], roots(target))

    assert contents(target / "lib") == {
        f"{directory}/{name}": content for directory, held in FILES.items() for name, content in held.items()
    }


def test_only_the_cuts_asked_for_are_laid_out(store: Store, target: Path) -> None:
    folder = keep(store)

    lay_out([late(folder, cuts=((1, 2, 2, 5),))], roots(target))

    assert contents(target / "lib") == {"other-2.dist-info/RECORD": b"2\n"}


def test_the_memo_is_made_from_the_digest_of_the_manifest(store: Store) -> None:
    folder = keep(store)

    assert Path(folder, MEMO).read_bytes() == digest_of(manifest_path(folder))


def test_a_folder_takes_the_place_of_the_one_before(store: Store) -> None:
    keep(store)
    folder = keep(store, {"demo-1.0.dist-info": {"RECORD": b"new\n"}})

    assert contents(Path(tree_path(folder))) == {"demo-1.0.dist-info/RECORD": b"new\n"}


def test_an_edited_file_is_not_linked(store: Store, target: Path) -> None:
    folder = keep(store)
    overwrite(Path(tree_path(folder), "other-2.dist-info", "RECORD"), b"3\n")

    with pytest.raises(StoreDamaged) as caught:
        lay_out([late(folder, cuts=((0, 2, 0, 5),))], roots(target))

    assert dict(caught.value.entries) == {folder: ["tree/other-2.dist-info/RECORD"]}


def test_a_manifest_other_than_expected_is_damage(store: Store, target: Path) -> None:
    folder = keep(store)
    expected = Tree(folder, folder, digest=b"?" * 32, cuts=((0, 2, 0, 5),))

    with pytest.raises(StoreDamaged) as caught:
        lay_out([expected], roots(target))

    assert dict(caught.value.entries) == {folder: ["manifest"]}


@pytest.mark.parametrize("verify_store", ["seal", "full"])
def test_a_wheel_read_late_is_laid_out_as_one_read_before(
    store: Store, target: Path, verify_store: str
) -> None:
    entry = store.admit(wheel(many_files(700)))
    groups = load(entry)["groups"]

    lay_out([late(entry, cuts=cuts_of(groups))], roots(target / "late"), verify=verify_store)  # type: ignore[arg-type] # one of two
    store.lay_out(target / "early", entry)

    assert contents(target / "late") == contents(target / "early")


def test_an_edited_file_of_a_wheel_read_late_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel(many_files(700)))
    cuts = cuts_of(load(entry)["groups"])
    overwrite(Path(tree_path(entry), "demo", "part3", "m100.py"), b"N = 666\n")

    with pytest.raises(StoreDamaged):
        lay_out([late(entry, cuts=cuts)], roots(target))


def test_cuts_cover_every_group_once_and_know_the_first_file_and_their_bytes(store: Store) -> None:
    groups = load(store.admit(wheel(many_files(300))))["groups"]

    cuts = cuts_of(groups, files=70)

    assert [number for start, stop, _, _ in cuts for number in range(start, stop)] == list(range(len(groups)))
    for start, _, first, _ in cuts:
        assert first == sum(len(group[3]) for group in groups[:start])
    assert sum(cut[3] for cut in cuts) == sum(file[1] for group in groups for file in group[3])


def test_verification_looks_at_prepared_files_too(store: Store) -> None:
    folder = keep(store)
    overwrite(Path(tree_path(folder), "other-2.dist-info", "RECORD"), b"3\n")

    checked = verify(store.path, repair=True)

    assert checked.damaged == {folder: ["tree/other-2.dist-info/RECORD"]}
    assert not Path(folder).exists()


def test_pruning_removes_what_was_not_used(store: Store) -> None:
    folder = keep(store)

    prune(store.path, now_ns=NOW_NS + 10**18, unused_seconds=10)

    assert not Path(folder).exists()
