"""Which files are locks, by their names alone: no reader of locks is imported for asking."""

from __future__ import annotations

import os

__all__ = ["PIPFILE_LOCK", "is_lock_name", "is_pylock_name", "is_read_as_lock"]

PIPFILE_LOCK = "Pipfile.lock"


def is_lock_name(path: str) -> bool:
    """Tell whether a file is a lock by its name, and not a requirements file."""
    name = os.path.basename(path)
    return is_pylock_name(name) or name in ("uv.lock", "poetry.lock", "pdm.lock")


def is_read_as_lock(path: str) -> bool:
    """Tell whether a file is a lock by its name, be it one that can only be looked into.

    ``Pipfile.lock`` names no files, so nothing is installed from it.
    """
    return is_lock_name(path) or os.path.basename(path) == PIPFILE_LOCK


def is_pylock_name(name: str) -> bool:
    """Tell whether a file's name (without folders) is one that PEP 751 gives to lock files."""
    middle = name.removeprefix("pylock.").removesuffix(".toml")
    return name == "pylock.toml" or (name == f"pylock.{middle}.toml" and bool(middle) and "." not in middle)
