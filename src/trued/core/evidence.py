"""Evidence: one checked fact about one file."""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass

__all__ = ["Evidence", "Kind"]


class Kind(Enum):
    """What sort of proof stands behind a file (DESIGN: the ladder of proofs)."""

    PIN = "pin"
    INDEX_SIGNATURE = "tuf"
    ATTESTATION = "attestation"
    OPENPGP = "openpgp"
    CHECKSUM_DOCUMENT = "checksums"
    FIRST_USE = "first-use"
    OWN_SOURCE = "own-source"
    """Built here from a folder that the user named: as good as what stood in it."""
    COMMIT = "commit"
    """Built here from a full commit that the user named: as strong as git's hash (SHA-1, mostly)."""
    TREE = "tree"
    """Built here from a repository's tree whose sha256 a lock states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One checked fact: the file's sha256, the kind, who stands behind it, where that was said, and when.

    ``authority`` is a requirement line, a publisher identity or a key fingerprint. ``detail`` is what was
    compared (``sha512:…``). ``time`` is RFC 3339 UTC.
    """

    sha256: str
    kind: Kind
    authority: str
    detail: str = ""
    time: str = ""
