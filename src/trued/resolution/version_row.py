"""Versions in rising order, of which each is parsed when it is looked at.

A project has thousands of versions, and a resolution compares a dozen of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from packaging.version import Version

__all__ = ["VersionRow"]


class VersionRow(Sequence["Version"]):
    """The versions that *texts* spell; they rise, and no two are equal."""

    __slots__ = ("_made", "texts")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._made: dict[int, Version] = {}

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, index: int) -> Version: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Version, ...]: ...
    def __getitem__(self, index: int | slice) -> Version | tuple[Version, ...]:
        if isinstance(index, slice):
            return tuple([self[position] for position in range(*index.indices(len(self.texts)))])
        version = self._made.get(index)
        if version is None:
            from packaging.version import Version

            version = self._made[index] = Version(self.texts[index])
        return version

    def position(self, version: Version) -> int | None:
        """Return where *version* stands, or ``None`` when it is none of these."""
        position = bisect_left(self, version)
        return position if position < len(self.texts) and self[position] == version else None
