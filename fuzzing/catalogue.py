"""All targets, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzing import build_targets, file_targets, lock_targets, machine_targets, proof_targets

if TYPE_CHECKING:
    from fuzzing.target import Target

__all__ = ["catalogue"]


def catalogue() -> dict[str, Target]:
    """Return the targets by name, in the order in which a file meets their readers."""
    modules = (lock_targets, file_targets, build_targets, proof_targets, machine_targets)
    return {target.name: target for module in modules for target in module.targets()}
