"""Looking after the store: what is in it, is it whole, what may go."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from trued.store.check import damaged_files
from trued.store.damage import MANIFEST_DAMAGED, StoreDamaged
from trued.store.discard import discard, remove_whole
from trued.store.layout import (
    bytecode_path,
    entries,
    manifest_path,
    prepared_path,
    seal_path,
    sha256_of,
    temporary_path,
    tree_path,
)
from trued.store.lock import alone, using
from trued.store.manifest import digest_of, is_whole, load, load_bytecode
from trued.store.staging import sweep
from trued.store.tree import Tree, bytecode_tree, wheel_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from trued.store.manifest import Manifest

__all__ = ["Checked", "Pruned", "StoreInfo", "StoredWheel", "info", "listing", "prune", "purge", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWheel:
    """One entry. ``size`` counts the unpacked and the compiled files, in bytes.

    ``last_used_ns`` is in ns since 1970. ``is_linked`` tells whether an environment shares its files by hard
    links; copies and clones leave no trace here.
    """

    entry: str
    sha256: str
    filename: str
    project: str
    version: str
    files: int
    size: int
    compiled_for: tuple[str, ...]
    last_used_ns: int
    is_linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInfo:
    """The store in figures; ``damaged`` are entries whose manifest cannot be read."""

    path: str
    entries: int
    files: int
    size: int
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a verification found: damaged files by entry, relative to it; and the entries removed for it."""

    entries: int
    files: int
    damaged: Mapping[str, Sequence[str]]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed: entries, their bytes, and folders that killed processes had left."""

    removed: tuple[StoredWheel, ...]
    size: int
    leftovers: int


def listing(store: str) -> tuple[StoredWheel, ...]:
    """Return every entry whose manifest can be read, by project and version."""
    with using(store):
        found = [_stored(entry, manifest) for entry, manifest in _manifests(store) if manifest is not None]
    return tuple(sorted(found, key=lambda wheel: (wheel.project, wheel.version, wheel.filename)))


def info(store: str) -> StoreInfo:
    """Return how much is in the store."""
    wheels = listing(store)
    with using(store):
        damaged = tuple(entry for entry, manifest in _manifests(store) if manifest is None)
    return StoreInfo(
        path=store,
        entries=len(wheels),
        files=sum(wheel.files for wheel in wheels),
        size=sum(wheel.size for wheel in wheels),
        damaged=damaged,
    )


def verify(store: str, *, repair: bool = False, workers: int = 2) -> Checked:
    """Hash every file of the store again. With *repair* the damaged entries are removed."""
    damaged: dict[str, Sequence[str]] = {}
    trees: list[Tree] = []
    with using(store):
        for entry, manifest in _manifests(store):
            if manifest is None:
                damaged[entry] = (MANIFEST_DAMAGED,)
                continue
            trees.append(wheel_tree(entry, manifest))
            for tag in _tags(entry):
                compiled = load_bytecode(entry, tag)
                if compiled is not None:
                    trees.append(bytecode_tree(entry, compiled))
        checked = {tree.entry for tree in trees} | set(damaged)
        prepared = list(_prepared(store))
        damaged.update(
            {tree.entry: (MANIFEST_DAMAGED,) for tree in prepared if not is_whole(tree.manifest_path)}
        )
        whole = [tree for tree in prepared if tree.entry not in damaged]
        damaged.update(damaged_files([*trees, *whole], workers=workers))
    removed: tuple[str, ...] = ()
    if repair and damaged:
        with alone(store):
            removed = discard(store, StoreDamaged(damaged))
    return Checked(
        entries=len(checked), files=sum(tree.count for tree in trees), damaged=damaged, removed=removed
    )


def prune(
    store: str,
    *,
    now_ns: int,
    unused_seconds: int,
    only_unlinked: bool = False,
    keep: Collection[str] = (),
) -> Pruned:
    """Remove entries that were last used at least *unused_seconds* ago.

    Those stay whose sha256 is in *keep*, and with *only_unlinked* those that an environment still shares
    files with. Waits until nobody uses the store.
    """
    with alone(store):
        leftovers = sweep(store, now_ns=now_ns)
        _prune_prepared(store, now_ns=now_ns, unused_seconds=unused_seconds)
        removed = []
        for entry, manifest in _manifests(store):
            if manifest is None or sha256_of(entry) in keep:
                continue
            wheel = _stored(entry, manifest)
            if now_ns - wheel.last_used_ns < unused_seconds * 10**9 or (only_unlinked and wheel.is_linked):
                continue
            remove_whole(store, entry)
            removed.append(wheel)
    return Pruned(removed=tuple(removed), size=sum(wheel.size for wheel in removed), leftovers=leftovers)


def purge(store: str) -> int:
    """Remove every entry, and return how many there were. Waits until nobody uses the store."""
    with alone(store):
        count = 0
        for entry in list(entries(store)):
            remove_whole(store, entry)
            count += 1
        for folder in (os.path.join(store, "wheels"), prepared_path(store), temporary_path(store)):
            shutil.rmtree(folder, ignore_errors=True)
    return count


def _prune_prepared(store: str, *, now_ns: int, unused_seconds: int) -> None:
    """Remove prepared folders that were last used so long ago; they cost little, and are made again."""
    for tree in _prepared(store):
        if now_ns - _last_used_ns(tree.entry) >= unused_seconds * 10**9:
            remove_whole(store, tree.entry)


def _prepared(store: str) -> Iterator[Tree]:
    """Yield every prepared folder; nothing of it is read."""
    try:
        names = os.listdir(prepared_path(store))
    except FileNotFoundError:
        return
    for name in names:
        path = prepared_path(store, name)
        yield Tree(path, path, digest=digest_of(manifest_path(path)))


def _manifests(store: str) -> Iterator[tuple[str, Manifest | None]]:
    """Yield every entry with its manifest, ``None`` where that cannot be read."""
    for entry in entries(store):
        try:
            yield entry, load(entry)
        except (StoreDamaged, OSError):
            yield entry, None


def _tags(entry: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(os.path.dirname(bytecode_path(entry, "any")))))
    except FileNotFoundError:
        return ()


def _stored(entry: str, manifest: Manifest) -> StoredWheel:
    files = size = 0
    groups = [manifest["groups"]]
    tags = []
    for tag in _tags(entry):
        compiled = load_bytecode(entry, tag)
        if compiled is not None:
            tags.append(tag)
            groups.append(compiled["groups"])
    for group in [group for several in groups for group in several]:
        files += len(group[3])
        size += sum(file[1] for file in group[3])
    return StoredWheel(
        entry=entry,
        sha256=manifest["sha256"],
        filename=manifest["filename"],
        project=manifest["project"],
        version=manifest["version"],
        files=files,
        size=size,
        compiled_for=tuple(tags),
        last_used_ns=_last_used_ns(entry),
        is_linked=_is_linked(entry, manifest),
    )


def _last_used_ns(entry: str) -> int:
    """Return when the seal was last renewed; without one, when the entry was made."""
    try:
        return os.stat(seal_path(entry)).st_mtime_ns
    except FileNotFoundError:
        return os.stat(entry).st_mtime_ns


def _is_linked(entry: str, manifest: Manifest) -> bool:
    """Tell by the first file that is not empty: all are linked at once."""
    for _, source, _, files in manifest["groups"]:
        for name, *_ in files:
            try:
                return os.lstat(f"{tree_path(entry)}/{source}/{name}").st_nlink > 1
            except FileNotFoundError:
                continue
    return False
