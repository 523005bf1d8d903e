"""Throwing away what is damaged: the entry, or only what was compiled of it."""

from __future__ import annotations

import os

from trued.store.layout import bytecode_path, temporary_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.store.damage import StoreDamaged

__all__ = ["discard", "remove_whole"]


def discard(store: str, damage: StoreDamaged) -> tuple[str, ...]:
    """Remove what *damage* names, and return the entries that are now gone and have to be acquired anew.

    Where only compiled files are damaged, only those go. Safe while others use the store: they miss a file at
    worst, which is damage to them too.
    """
    gone = []
    for entry, paths in damage.entries.items():
        tags = _tags(paths)
        if tags is None:
            remove_whole(store, entry)
            gone.append(entry)
        else:
            for tag in tags:
                remove_whole(store, bytecode_path(entry, tag))
    return tuple(gone)


def remove_whole(store: str, path: str) -> None:
    """Remove the folder at *path* from *store* so that nobody finds it half removed."""
    parent = temporary_path(store)
    os.makedirs(parent, mode=0o700, exist_ok=True)
    aside = f"{parent}{os.sep}{os.urandom(12).hex()}"
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return  # somebody else was quicker
    from shutil import rmtree

    rmtree(aside, ignore_errors=True)


def _tags(paths: Sequence[str]) -> set[str] | None:
    """Return the interpreter tags whose compiled files *paths* are; ``None`` when others are among them."""
    tags = set()
    for path in paths:
        parts = path.replace(os.sep, "/").split("/")
        if parts[0] != "bytecode" or len(parts) < 2:
            return None
        tags.add(parts[1])
    return tags
