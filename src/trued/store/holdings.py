"""Which wheels a store holds: a release lists dozens of digests, of which one may be here."""

from __future__ import annotations

import os

from trued.store.layout import entry_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["held"]


def held(store: str, sha256s: Iterable[str]) -> frozenset[str]:
    """Return those of *sha256s* that *store* has an entry of; each folder is read once."""
    folders: dict[str, frozenset[str]] = {}
    found = []
    for sha256 in sha256s:
        folder = os.path.dirname(entry_path(store, sha256))
        if folder not in folders:
            folders[folder] = _names(folder)
        if sha256 in folders[folder]:
            found.append(sha256)
    return frozenset(found)


def _names(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()
