"""Addresses as documents show them: without credentials, the default index not named."""

from __future__ import annotations

from trued.environment.receipt import without_credentials

__all__ = ["other_index"]


def other_index(index: str) -> str:
    """Return *index* without credentials; nothing for the default one, which a package URL does not name."""
    from trued.index.default import default_index_url

    bare = without_credentials(index)
    return "" if bare.rstrip("/") == default_index_url().rstrip("/") else bare
