"""The files of an installed distribution, hashed as they are on disk."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from trued.report.inventory import ContainedFile

if TYPE_CHECKING:
    from trued.environment.installed import Installed

__all__ = ["contained_files"]

_CHUNK = 1 << 20


def contained_files(one: Installed, prefix: str) -> tuple[ContainedFile, ...]:
    """Return what RECORD lists and is there, sorted by path; bytecode is left out, as any run makes it.

    Only regular files below the environment's *prefix* are read: a RECORD may name anything.
    """
    from trued.environment.installed import recorded_paths

    try:
        paths = recorded_paths(one) or ()
    except ValueError:
        return ()
    root = os.path.realpath(prefix) + os.sep
    found = {}
    for path in paths:
        if path.endswith(".pyc") or not os.path.realpath(path).startswith(root):
            continue
        file = _hashed(path, prefix)
        if file is not None:
            found[file.path] = file
    return tuple(found[path] for path in sorted(found))


def _hashed(path: str, prefix: str) -> ContainedFile | None:
    from trued.core.regular_file import open_regular

    try:
        with open_regular(path) as file:
            digests = (hashlib.sha256(), hashlib.sha1(usedforsecurity=False))
            while chunk := file.read(_CHUNK):
                for digest in digests:
                    digest.update(chunk)
            size = file.tell()
    except OSError:
        return None
    shown = os.path.relpath(path, prefix).replace(os.sep, "/")
    sha256, sha1 = (digest.hexdigest() for digest in digests)
    return ContainedFile(path=shown, sha256=sha256, sha1=sha1, size=size)
