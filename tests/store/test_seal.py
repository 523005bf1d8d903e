"""The seal: what moved past it is hashed again, and what then differs is never linked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.wheels import FILES, Store, contents, many_files, overwrite, roots, tree_file, wheel
from trued.store import seal as seals
from trued.store.damage import StoreDamaged
from trued.store.layout import manifest_path, seal_path
from trued.store.link import LayOut, lay_out
from trued.store.manifest import load

MODULE = "demo/deep/er/module.py"
CHANGED = FILES[MODULE].replace(b"42", b"66")


def damage_of(store: Store, target: Path, *entries: str, full: bool = False) -> dict[str, list[str]]:
    with pytest.raises(StoreDamaged) as raised:
        store.lay_out(target, *entries, full=full)
    return {entry: sorted(paths) for entry, paths in raised.value.entries.items()}


def linked(target: Path) -> dict[str, bytes]:
    return contents(target / "lib")


def seal_of(entry: str) -> seals.Seal:
    return seals.read(seal_path(entry), manifest_path(entry))


def moved(entry: str) -> list[str]:
    """Return the files that the seal does not vouch for."""
    found: list[str] = []
    first = 0
    for _, source, _, files in load(entry)["groups"]:
        directory = os.open(tree_file(entry, source), os.O_RDONLY)
        try:
            there = seals.moved(files, directory, seal=seal_of(entry), first=first)
            found.extend(f"{source}/{files[position][0]}" for position in there)
        finally:
            os.close(directory)
        first += len(files)
    return found


def test_nothing_has_moved_in_a_new_entry(store: Store) -> None:
    assert moved(store.admit(wheel())) == []


def test_nothing_has_moved_after_laying_out_though_links_change_the_ctime(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    before = tree_file(entry, MODULE).stat().st_ctime_ns
    store.lay_out(target, entry)
    assert tree_file(entry, MODULE).stat().st_ctime_ns > before
    assert moved(entry) == []


def test_deleting_an_environment_moves_its_files_and_using_them_once_settles_that(
    store: Store, target: Path
) -> None:
    entry = store.admit(wheel())
    store.lay_out(target / "one", entry)
    (target / "one/lib" / MODULE).unlink()
    assert moved(entry) == [MODULE]
    store.lay_out(target / "two", entry)
    assert moved(entry) == []


def test_a_file_edited_in_the_store_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, MODULE), CHANGED)
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}
    assert MODULE not in linked(target)


def test_an_edit_that_keeps_size_and_time_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, MODULE), CHANGED, keep_time=True)
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_an_edit_through_the_hard_link_of_an_environment_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    store.lay_out(target / "one", entry)
    overwrite(target / "one/lib" / MODULE, CHANGED, keep_time=True)
    assert tree_file(entry, MODULE).read_bytes() == CHANGED
    assert damage_of(store, target / "two", entry) == {entry: [f"tree/{MODULE}"]}


def test_a_longer_file_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, "demo/empty.txt"), b"x")
    assert damage_of(store, target, entry) == {entry: ["tree/demo/empty.txt"]}


def test_another_file_in_its_place_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    other = tree_file(entry, "other")
    other.write_bytes(CHANGED)
    other.replace(tree_file(entry, MODULE))
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_a_symbolic_link_in_its_place_is_found_even_to_the_right_content(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    aside = target.parent / "aside.py"
    aside.write_bytes(FILES[MODULE])
    tree_file(entry, MODULE).unlink()
    tree_file(entry, MODULE).symlink_to(aside)
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_an_equal_file_in_its_place_is_accepted_and_sealed(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    other = tree_file(entry, "other")
    other.write_bytes(FILES[MODULE])
    other.replace(tree_file(entry, MODULE))
    store.lay_out(target, entry)
    assert linked(target)[MODULE] == FILES[MODULE]
    assert moved(entry) == []


def test_a_touched_file_gets_back_its_time_and_its_mode(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    before = tree_file(entry, MODULE).stat()
    tree_file(entry, MODULE).chmod(0o666)
    os.utime(tree_file(entry, MODULE))
    store.lay_out(target, entry)
    after = tree_file(entry, MODULE).stat()
    assert (after.st_mtime_ns, after.st_mode) == (before.st_mtime_ns, before.st_mode)


def test_a_missing_file_is_damage(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    tree_file(entry, MODULE).unlink()
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_a_missing_directory_is_damage(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    tree_file(entry, "demo/deep").rename(tree_file(entry, "demo/elsewhere"))
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_a_file_that_somebody_added_is_never_linked(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    tree_file(entry, "evil.pth").write_bytes(b"import os\n")
    tree_file(entry, "demo/evil.py").write_bytes(b"import os\n")
    store.lay_out(target, entry)
    assert not {"evil.pth", "demo/evil.py"} & set(linked(target))


def test_all_damaged_files_of_all_entries_are_named_at_once(store: Store, target: Path) -> None:
    first = store.admit(wheel(many_files(300)))
    second = store.admit(
        wheel({f"other/{path}": content for path, content in many_files(300).items()}, name="other")
    )
    for path in ("demo/part0/m1.py", "demo/part9/m299.py"):
        overwrite(tree_file(first, path), b"N = 0\n")
    overwrite(tree_file(second, "other/demo/part5/m160.py"), b"N = 0\n")
    assert damage_of(store, target, first, second) == {
        first: ["tree/demo/part0/m1.py", "tree/demo/part9/m299.py"],
        second: ["tree/other/demo/part5/m160.py"],
    }


def test_an_edit_in_the_window_of_another_run_is_found_at_the_next_use(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, MODULE), CHANGED)
    seals.renew((seal_path(entry),))  # as if a run had checked the file just before it was written
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_full_verification_finds_an_edit_that_the_seal_covers(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, MODULE), CHANGED, keep_time=True)
    seals.renew((seal_path(entry),))
    store.lay_out(target / "unseen", entry)
    assert damage_of(store, target / "full", entry, full=True) == {entry: [f"tree/{MODULE}"]}


def test_full_verification_passes_whole_entries(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    store.lay_out(target, entry, full=True)
    assert FILES.items() <= linked(target).items()


def _cut(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-3])


def _garbage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"\xff" * 40)


def _of_another_format(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"(\x00\x00\x00\x00")


@pytest.mark.parametrize("harm", [Path.unlink, _cut, _garbage, _of_another_format])
def test_without_a_readable_seal_everything_is_hashed_and_sealed_anew(
    store: Store, target: Path, harm: Callable[[Path], None]
) -> None:
    entry = store.admit(wheel())
    times = {path: path.stat().st_mtime_ns for path in Path(entry, "tree").rglob("*.py")}
    harm(Path(seal_path(entry)))
    store.lay_out(target, entry)
    assert moved(entry) == []
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_without_a_seal_an_edit_is_found(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    Path(seal_path(entry)).unlink()
    overwrite(tree_file(entry, MODULE), CHANGED, keep_time=True)
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def _as_if_of_another_boot(entry: str) -> None:
    seal = seal_of(entry)
    os.unlink(seal_path(entry))
    seals.write(seal_path(entry), inodes=seal.inodes, mtime=seal.mtime, boot="another boot")


def test_the_first_use_after_another_boot_hashes_what_may_have_been_lost(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    overwrite(tree_file(entry, MODULE), bytes(len(CHANGED)), keep_time=True)  # what a power cut leaves
    _as_if_of_another_boot(entry)
    assert damage_of(store, target, entry) == {entry: [f"tree/{MODULE}"]}


def test_after_that_the_seal_names_no_boot(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    _as_if_of_another_boot(entry)
    store.lay_out(target, entry)
    assert seal_of(entry).boot == ""
    assert moved(entry) == []


def test_a_new_entry_names_the_boot_unless_its_files_were_synchronised(store: Store) -> None:
    assert seal_of(store.admit(wheel())).boot == seals.boot_id()


def test_a_manifest_that_changed_is_damage_although_it_can_be_read(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    path = Path(manifest_path(entry))
    overwrite(path, path.read_bytes().replace(b"A demonstration", b"A DEMONSTRATION"))
    assert load(entry)["summary"] == "A DEMONSTRATION"
    assert damage_of(store, target, entry) == {entry: ["manifest"]}


def test_a_failed_layout_renews_no_seal(store: Store, target: Path) -> None:
    entry = store.admit(wheel())
    before = os.stat(seal_path(entry)).st_ctime_ns
    (target / "lib").mkdir(parents=True)
    (target / "lib/top.py").touch()
    with pytest.raises(FileExistsError):
        lay_out([LayOut(entry, load(entry))], roots(target))
    assert os.stat(seal_path(entry)).st_ctime_ns == before
