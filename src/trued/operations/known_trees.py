"""Which tree a commit has, remembered, so that a repository need not be asked again for what was built of it.

The record only chooses among the wheels that were built of that very repository and commit, each of which is
bound to its tree's digest too.
"""

from __future__ import annotations

import hashlib
import os
import re

from trued.core.private_file import private_bytes, write_private

__all__ = ["known_tree", "remember_tree"]

_SHA256 = re.compile(rb"[0-9a-f]{64}")


def known_tree(cache: str, url: str, commit: str) -> str:
    """Return the digest of the tree of *commit* in the repository at *url*; empty when it is not known."""
    data = private_bytes(_path(cache, url, commit)) or b""
    return data.decode() if _SHA256.fullmatch(data) else ""


def remember_tree(cache: str, url: str, commit: str, tree_sha256: str) -> None:
    """Keep the digest for the next run. What cannot be written is not kept."""
    write_private(_path(cache, url, commit), (tree_sha256.encode(),))


def _path(cache: str, url: str, commit: str) -> str:
    key = hashlib.sha256(f"{url}\0{commit}".encode()).hexdigest()
    return os.path.join(cache, "git", key)
