"""The form of what an interpreter says of itself. Only type checkers import this module."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["Facts", "Roots"]

Roots = dict[str, str]
"""Absolute folders of the schemes ``purelib``, ``platlib``, ``scripts``, ``headers`` and ``data``."""


class Facts(TypedDict):
    """One interpreter. Paths are absolute; in ``templates`` a leading ``@`` stands for the prefix."""

    version: str
    version_info: tuple[int, int, int]
    implementation: str
    cache_tag: str
    executable: str
    base_prefix: str
    stdlib: str
    paths: Roots
    templates: dict[str, Roots]
    site_packages: tuple[str, ...]
    user_base: str
    markers: dict[str, str]
    abis: list[str]
    tags: tuple[str, ...]
