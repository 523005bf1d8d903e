"""Project names, normalised as PEP 503 says."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NewType

    ProjectName = NewType("ProjectName", str)
else:
    ProjectName = str  # as it is at run time anyway, and typing takes long to import

__all__ = ["ProjectName", "is_valid_name", "normalize"]

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
