"""Environments that belong to a program: made by ``uv tool``, ``uvx`` or pipx to hold it and what it needs.

Nobody works in such an environment, and what is put there is gone when the program is updated, or breaks it.
LEAN: part of finding the target.
"""

from __future__ import annotations

import os

__all__ = ["tool_of"]

_MARKS = (("uv-receipt.toml", "uv tool"), ("pipx_metadata.json", "pipx"))
_CACHE_MARK = "CACHEDIR.TAG"
"""Stands at the top of a cache folder; environments of ``uvx`` lie in uv's, and go when it is pruned."""


def tool_of(prefix: str) -> str:
    """Return what keeps the virtual environment at *prefix* for a program; empty when nothing does."""
    if not os.path.isfile(os.path.join(prefix, "pyvenv.cfg")):
        return ""
    for name, tool in _MARKS:
        if os.path.isfile(os.path.join(prefix, name)):
            return tool
    folder = os.path.dirname(os.path.realpath(prefix))  # not itself: ordinary environments have the mark too
    while folder != os.path.dirname(folder):
        if os.path.isfile(os.path.join(folder, _CACHE_MARK)):
            return "a cache"
        folder = os.path.dirname(folder)
    return ""
