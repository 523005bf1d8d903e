"""Sweeping: what no snapshot names any more, removed once its last readers are through (PEP 458: an hour)."""

from __future__ import annotations

import os

from trued.core.tuf_paths import FILES, METADATA, PAGES, hashed_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.repository.signed_state import SignedState
    from trued.repository.site import Site

__all__ = ["is_hashed_name", "sweep"]

_DIGEST_LENGTH = 64


def sweep(site: Site, state: SignedState, *, now: float, keep_seconds: int = 3600) -> int:
    """Remove old metadata and hashed names that the published snapshot does not name; return how many.

    Roots stay for ever. A file stays *keep_seconds* after its inode last changed, which losing its plain name
    is: a client that began before the change comes to its end. *now* is in seconds since the epoch.
    """
    kept = _metadata_names(state)
    for name in state.scheme.names:
        kept |= {hashed_path(path, target.sha256) for path, target in state.bin(name).items()}
    removed = 0
    for folder in (METADATA, PAGES, FILES):
        for path in site.walk(folder):
            if path not in kept and _is_generation(path) and _is_old(site.place(path), now - keep_seconds):
                os.unlink(site.place(path))
                removed += 1
    return removed


def _metadata_names(state: SignedState) -> set[str]:
    versions = {f"{METADATA}/{version}.{role}.json" for role, version in state.versions.items()}
    return versions | {f"{METADATA}/{state.snapshot_version}.snapshot.json", f"{METADATA}/timestamp.json"}


def _is_generation(path: str) -> bool:
    """Tell whether the name is one that a later snapshot replaces; roots and plain names are not."""
    folder, _, name = path.rpartition("/")
    head, _, rest = name.partition(".")
    if folder == METADATA:
        return head.isdigit() and rest != "root.json"
    return is_hashed_name(name)


def is_hashed_name(name: str) -> bool:
    """Tell whether *name* is ``HASH.NAME``."""
    head, _, rest = name.partition(".")
    return len(head) == _DIGEST_LENGTH and not set(head) - set("0123456789abcdef") and bool(rest)


def _is_old(place: str, before: float) -> bool:
    return os.stat(place).st_ctime <= before
