"""The index that is asked when the user names none: the one pip asks, read from pip itself at run time."""

from __future__ import annotations

__all__ = ["default_index_url"]


def default_index_url() -> str:
    """Return the Simple API address of the public index, as the installed pip knows it."""
    from pip._internal.models.index import PyPI

    return str(PyPI.simple_url)
