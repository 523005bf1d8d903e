"""What a resolution is for: one Python on one platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One environment to resolve for.

    ``markers`` is the whole marker environment of PEP 508 (``python_version``, ``sys_platform``, …): a name
    that is missing would be answered from the running interpreter. ``tags`` are the supported wheel tags,
    best first; ``name`` is how the target is told to people (``linux-x86_64 3.12``).

    A target that stands for all patch releases of a Python names the others that count in ``also``: a
    requirement holds when its marker holds in any of the environments, so that the lock lacks none.
    """

    name: str
    markers: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    also: tuple[Mapping[str, str], ...] = ()

    @property
    def environments(self) -> tuple[Mapping[str, str], ...]:
        """All marker environments of the target, its own first."""
        return (self.markers, *self.also)

    @property
    def python_full_version(self) -> str:
        """The target's ``python_full_version`` marker value."""
        return self.markers.get("python_full_version", "")
