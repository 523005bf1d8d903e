"""The manifest of an entry: what the wheel holds, and everything that installing it needs.

Written once, by :mod:`trued.store.admit`, after every byte was verified; so that a warm installation reads
one small file for each wheel and neither opens the archive nor parses metadata. Kept as ``marshal`` version
4, which every Python from 3.4 on reads, and which loads a thousand times faster than the archive's own
lists.
"""

from __future__ import annotations

import marshal
import os

from trued.store.damage import MANIFEST_DAMAGED, StoreDamaged
from trued.store.layout import bytecode_path, manifest_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias, TypedDict

    Scheme: TypeAlias = Literal["purelib", "platlib", "scripts", "headers", "data"]

    File: TypeAlias = tuple[str, int, str, bool]
    """Name, size in bytes, sha256 in hexadecimal, executable."""

    Group: TypeAlias = tuple[Scheme, str, str, tuple[File, ...]]
    """Files of one directory: scheme, source below the tree, target below the scheme's root, files.

    Directories are relative, with ``/``, and empty for the root. A target of scheme ``headers`` begins with
    the project's name, as pip installs headers.
    """

    Rewrite: TypeAlias = tuple[str, str, int, str]
    """A script that begins with ``#!python``: source directory, name, size, sha256 in hexadecimal.

    It is copied with the target's interpreter in its first line, never linked.
    """

    class Manifest(TypedDict):
        """What one wheel holds. ``sha256`` and ``archive_bytes`` are the archive's.

        ``record`` holds RECORD rows, ready to be written, of the files of purelib and platlib (not of the
        other schemes, nor of rewritten scripts, nor of RECORD itself).
        """

        format: int
        sha256: str
        filename: str
        project: str
        version: str
        archive_bytes: int
        dist_info: str
        tags: tuple[str, ...]
        root_is_purelib: bool
        summary: str
        requires: tuple[str, ...]
        requires_python: str
        extras: tuple[str, ...]
        hooks: tuple[tuple[str, str, str, str | None], ...]
        entry_points: tuple[tuple[str, str, str, str], ...]
        groups: tuple[Group, ...]
        rewrites: tuple[Rewrite, ...]
        record: bytes

    class BytecodeManifest(TypedDict):
        """What was compiled of one wheel for one interpreter tag.

        Sources are below ``bytecode/<cache tag>/tree/``; ``record`` holds the rows of all files.
        """

        format: int
        cache_tag: str
        groups: tuple[Group, ...]
        record: bytes


__all__ = ["DIGEST", "FORMAT", "digest_of", "dump", "groups_if", "is_whole", "load", "load_bytecode"]

FORMAT = 1
"""Raised when an older trued could not use what a newer one wrote."""

DIGEST = 32
"""Bytes of its own sha256 that a manifest file begins with."""

_KEYS = frozenset(
    {
        "format", "sha256", "filename", "project", "version", "archive_bytes", "dist_info", "tags",
        "root_is_purelib", "summary", "requires", "requires_python", "extras", "hooks", "entry_points",
        "groups", "rewrites", "record",
    }
)  # fmt: skip
_BYTECODE_KEYS = frozenset({"format", "cache_tag", "groups", "record"})


def load(entry: str) -> Manifest:
    """Return the manifest of *entry*.

    Raises:
        FileNotFoundError: the store has no such entry.
        StoreDamaged: the manifest cannot be read as one, or is missing from the entry.

    """
    try:
        found = _read(manifest_path(entry), _KEYS)
    except FileNotFoundError:
        if not os.path.isdir(entry):
            raise
        found = None
    if found is None:
        raise StoreDamaged({entry: (MANIFEST_DAMAGED,)})
    manifest: Manifest = found  # type: ignore[assignment] # just checked: a manifest by its keys
    return manifest


def load_bytecode(entry: str, cache_tag: str) -> BytecodeManifest | None:
    """Return what was compiled of *entry* for *cache_tag*; ``None`` when nothing usable is there."""
    try:
        found = _read(manifest_path(bytecode_path(entry, cache_tag)), _BYTECODE_KEYS)
    except FileNotFoundError:
        return None
    if found is None or found["cache_tag"] != cache_tag:
        return None
    manifest: BytecodeManifest = found  # type: ignore[assignment] # just checked: a manifest by its keys
    return manifest


def digest_of(path: str) -> bytes:
    """Return the digest that the manifest file at *path* begins with; empty when there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(DIGEST)
    except OSError:
        return b""


def groups_if(path: str, digest: bytes) -> tuple[Group, ...] | None:
    """Return the groups of the manifest file at *path* when it begins with *digest*, else ``None``."""
    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
        if data[:DIGEST] != digest:
            return None
        found = marshal.loads(memoryview(data)[DIGEST:])  # noqa: S302 - written by trued, see seal.py
    except (OSError, EOFError, ValueError, TypeError, MemoryError):
        return None
    groups: tuple[Group, ...] = found["groups"]
    return groups


def dump(manifest: Manifest | BytecodeManifest) -> bytes:
    """Return *manifest* as it is written: its own sha256, then the manifest."""
    from trued.store.rehash import sha256

    written = marshal.dumps(manifest, 4)  # type: ignore[arg-type] # a dictionary of what marshal knows
    return sha256(written).digest() + written


def is_whole(path: str) -> bool:
    """Tell whether the manifest file at *path* is as it was written.

    Asked where the seal does not vouch for anything, as after a power cut; reading it every time would cost
    more than reading the rest.
    """
    from trued.store.rehash import sha256

    try:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
    except OSError:
        return False
    return sha256(data[DIGEST:]).digest() == data[:DIGEST]


def _read(path: str, keys: frozenset[str]) -> dict[str, Any] | None:
    with open(path, "rb", buffering=0) as file:
        data = file.read()
    try:
        found = marshal.loads(memoryview(data)[DIGEST:])  # noqa: S302 - written by trued, see seal.py
    except (EOFError, ValueError, TypeError, MemoryError):
        return None
    if type(found) is not dict or found.keys() != keys or found["format"] != FORMAT:
        return None
    return found
