"""A look at the store without reading its files: what is gone, or of another size or date than verified."""

from __future__ import annotations

import os

from trued.core.lock import is_held
from trued.store.damage import MANIFEST_DAMAGED, StoreDamaged
from trued.store.layout import entries, lock_path
from trued.store.manifest import load
from trued.store.tree import wheel_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["QuickLook", "is_being_emptied", "quick_look"]

QuickLook = tuple[int, int, dict[str, list[str]]]
"""Entries looked at, entries left out, and what is not as it was: paths by entry, relative to it."""


def quick_look(store: str, *, is_over: Callable[[], bool]) -> QuickLook:
    """Look at each entry until *is_over* says that the time is up. The caller has the store in use."""
    looked = left = 0
    found: dict[str, list[str]] = {}
    for entry in entries(store):
        if is_over():
            left += 1
            continue
        looked += 1
        changed = _changed(entry)
        if changed:
            found[entry] = changed
    return looked, left, found


def _changed(entry: str) -> list[str]:
    try:
        manifest = load(entry)
        tree = wheel_tree(entry, manifest)
        mtime = tree.seal.mtime
    except (StoreDamaged, OSError):
        return [MANIFEST_DAMAGED]
    found = []
    for _, source, _, files in tree.groups:
        folder = f"{tree.path}/{source}" if source else tree.path
        for name, size, *_ in files:
            path = f"{folder}/{name}"
            try:
                seen = os.lstat(path)
            except OSError:
                found.append(os.path.relpath(path, entry))
                continue
            if seen.st_size != size or seen.st_mtime_ns != mtime:
                found.append(os.path.relpath(path, entry))
    return found


def is_being_emptied(store: str) -> bool:
    """Tell whether somebody deletes entries just now, for whom users of the store would wait."""
    return is_held(lock_path(store))
