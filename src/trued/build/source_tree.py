"""What ``pyproject.toml`` says about building a tree (PEP 518, PEP 517)."""

from __future__ import annotations

from trued.core.record import dataclass

__all__ = ["BuildSystem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """The ``[build-system]`` table, or what stands for it where there is none (``is_legacy``)."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()
    is_legacy: bool = False
