"""Project names, normalised as PEP 503 says."""

from __future__ import annotations

from typing import NewType

__all__ = ["ProjectName", "is_valid_name", "normalize"]

ProjectName = NewType("ProjectName", str)

_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def normalize(name: str) -> ProjectName:
    """Return *name* lower-cased, each run of ``-``, ``_`` and ``.`` turned into one ``-`` (PEP 503)."""
    folded = name.lower().replace("_", "-").replace(".", "-")
    while "--" in folded:
        folded = folded.replace("--", "-")
    return ProjectName(folded)


def is_valid_name(name: str) -> bool:
    """Tell whether *name* is a project name as PEP 508 defines it: ASCII, alphanumeric at both ends."""
    lowered = name.lower()
    return (
        bool(name)
        and name.isascii()
        and set(lowered) <= _ALLOWED
        and lowered[0].isalnum()
        and lowered[-1].isalnum()
    )
