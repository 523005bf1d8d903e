"""Metadata kept on disk, so that no release is asked twice what it requires.

One small file each. The key holds the digests that the index states of the file and of its sidecar, and the
file's address: what one index says of a file is never told of another's. Files do not change, so nothing
here grows stale.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from trued.core.private_file import write_private
from trued.resolution.listing import Exclusion
from trued.resolution.source import CandidateMetadata

if TYPE_CHECKING:
    from trued.core.distribution import Distribution

__all__ = ["MetadataCache"]

_FORMAT = 1


class MetadataCache:
    """Keeps metadata, and the reasons why there is none, below *folder*.

    What cannot be read, is damaged or is of another format counts as absent; what cannot be written is not
    kept. Local files, and files of which neither digest nor size is stated, are not kept.
    """

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "metadata")
        self._known: dict[str, bool] = {}

    def has(self, file: Distribution) -> bool:
        """Tell whether something was kept for *file* when first asked; it may yet turn out to be damaged."""
        key = _key(file)
        if key is None:
            return False
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = os.path.exists(self._path(key))
        return known

    def load(self, file: Distribution) -> CandidateMetadata | Exclusion | None:
        """Return what is kept for *file*, or ``None``."""
        key = _key(file)
        if key is None:
            return None
        try:
            with open(self._path(key), "rb") as kept:
                digest, _, text = kept.read().partition(b"\n")
        except OSError:
            return None
        if digest != hashlib.sha256(text).hexdigest().encode():
            return None
        return _parsed(text, key)

    def keep(self, file: Distribution, metadata: CandidateMetadata | Exclusion) -> None:
        """Write *metadata*, whole or not at all, readable by this user only."""
        import json

        key = _key(file)
        if key is None:
            return
        text = json.dumps({"format": _FORMAT, "key": key, **_fields(metadata)}).encode()
        write_private(self._path(key), (hashlib.sha256(text).hexdigest().encode(), b"\n", text))

    def _path(self, key: str) -> str:
        name = hashlib.sha256(key.encode()).hexdigest()
        return os.path.join(self._folder, name[:1], name[1:])


def _key(file: Distribution) -> str | None:
    if file.url.startswith("file:") or not (file.digests or file.size is not None):
        return None
    parts = [file.url, file.filename, *map(str, file.digests)]
    if not file.digests:
        parts.append(str(file.size))
    parts.append("sidecar" if file.metadata is not None else "none")
    parts += map(str, file.metadata or ())
    return " ".join(parts)


def _fields(metadata: CandidateMetadata | Exclusion) -> dict[str, object]:
    if isinstance(metadata, Exclusion):
        return {"reason": metadata.reason, "text": metadata.text}
    return {
        "requires_dist": metadata.requires_dist,
        "provides_extra": sorted(metadata.provides_extra),
        "requires_python": metadata.requires_python,
        "source": metadata.source,
    }


def _parsed(text: bytes, key: str) -> CandidateMetadata | Exclusion | None:
    import json

    try:
        stored = json.loads(text)
        if (stored["format"], stored["key"]) != (_FORMAT, key):
            return None
        if "reason" in stored:
            return Exclusion(str(stored["reason"]), str(stored["text"]))
        return CandidateMetadata(
            requires_dist=tuple(map(str, stored["requires_dist"])),
            provides_extra=frozenset(map(str, stored["provides_extra"])),
            requires_python=str(stored["requires_python"]),
            source=str(stored["source"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
