"""Where things lie in the store.

::

    <store>/lock                                  shared by users, held alone by whoever deletes
    <store>/tmp/<random>/                         an entry that is being made, or archives to be proven
    <store>/wheels/<sha256[:2]>/<sha256>/         an entry: whole, or not there
        tree/                                     the unpacked wheel, files 0444 or 0555
        manifest                                  what the wheel holds and what installing needs
        seal                                      what the files looked like when last known good
        blake3                                    quicker digests of what was hashed, see blake3_digests.py
        origin.json                               built wheels only: what they were built from
        bytecode/<cache tag>/                     compiled for one interpreter tag: tree/, manifest, seal
    <store>/prepared/<key>/                       what one list of wheels needs beside them: tree/, manifest,
                                                  seal, memo
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "blake3_path",
    "bytecode_path",
    "entries",
    "entry_path",
    "lock_path",
    "manifest_path",
    "origin_path",
    "prepared_path",
    "seal_path",
    "sha256_of",
    "temporary_path",
    "tree_path",
]


def entry_path(store: str, sha256: str) -> str:
    """Return the entry of the wheel whose archive has this sha256 (64 lower-case hexadecimal digits)."""
    return f"{store}{os.sep}wheels{os.sep}{sha256[:2]}{os.sep}{sha256}"


def sha256_of(entry: str) -> str:
    """Return the sha256 that *entry* is named after."""
    return os.path.basename(entry)


def tree_path(entry: str) -> str:
    """Return the folder of the unpacked files."""
    return f"{entry}{os.sep}tree"


def manifest_path(entry: str) -> str:
    """Return the file that says what the entry holds."""
    return f"{entry}{os.sep}manifest"


def seal_path(entry: str) -> str:
    """Return the file that says what the unpacked files looked like when they were last known good."""
    return f"{entry}{os.sep}seal"


def blake3_path(entry: str) -> str:
    """Return the file that keeps BLAKE3 digests of the unpacked files."""
    return f"{entry}{os.sep}blake3"


def origin_path(entry: str) -> str:
    """Return the file that says what a locally built wheel was built from."""
    return f"{entry}{os.sep}origin.json"


def bytecode_path(entry: str, cache_tag: str) -> str:
    """Return the folder of what was compiled for *cache_tag* (``cpython-311``); in it, as in an entry."""
    return f"{entry}{os.sep}bytecode{os.sep}{cache_tag}"


def prepared_path(store: str, key: str = "") -> str:
    """Return the prepared folder of that name; without one, the folder of them all."""
    return f"{store}{os.sep}prepared{os.sep}{key}" if key else f"{store}{os.sep}prepared"


def temporary_path(store: str) -> str:
    """Return the folder in which entries are made; on the same device as the entries."""
    return f"{store}{os.sep}tmp"


def lock_path(store: str) -> str:
    """Return the file whose lock keeps users and deleters apart."""
    return f"{store}{os.sep}lock"


def entries(store: str) -> Iterator[str]:
    """Yield the path of every entry, in order of digest."""
    wheels = f"{store}{os.sep}wheels"
    for prefix in _names(wheels):
        for sha256 in _names(f"{wheels}{os.sep}{prefix}"):
            if len(sha256) == 64 and sha256[:2] == prefix:
                yield entry_path(store, sha256)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
