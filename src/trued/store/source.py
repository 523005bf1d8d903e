"""Where an entry's archive was first taken from: what a receipt says when the wheel comes out of the store.

It proves nothing and is not sealed; an entry without it is as good as any other. LEAN.
"""

from __future__ import annotations

import os

__all__ = ["remember_source", "source_of"]

_NAME = "source"


def source_of(entry: str) -> tuple[str, str]:
    """Return (URL, index) that the archive of *entry* came from, without credentials; empty if unknown."""
    try:
        with open(os.path.join(entry, _NAME), encoding="utf-8") as file:
            url, _, index = file.read().partition("\n")
    except (OSError, UnicodeDecodeError):
        return "", ""
    return url, index


def remember_source(entry: str, *, url: str, index: str) -> None:
    """Note where the archive of *entry* came from, unless that is noted already."""
    path = os.path.join(entry, _NAME)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except OSError:
        return
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{url}\n{index}")
