"""Which releases of a project may be chosen, as sets of positions, without a reason worded for each.

A page names thousands of files of a few kinds: tags and ``Requires-Python`` repeat from release to release.
Each kind is judged once. A file that is yanked, and every file where upload times or pre-releases matter, is
judged by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.resolution.listing import YANKED, bits_of
from trued.resolution.releases import read_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.index.entry import Source
    from trued.policy.candidates import FileJudge
    from trued.resolution.releases import Release, Releases

    _Kind = tuple[str, str | None, str]
    """Tags, ``Requires-Python`` and location."""

__all__ = ["standings"]


def standings(releases: Releases, judge: FileJudge) -> tuple[int, int]:
    """Return the positions that nothing rules out, and those that only a yank does."""
    reader = _Reader(judge)
    found = [reader.of_release(release) for release in releases.in_order]
    return bits_of([one == _USABLE for one in found]), bits_of([one == _YANKED for one in found])


_OUT, _YANKED, _USABLE = range(3)
"""How a file or release stands; a release stands as the best of its files does."""


class _Reader:
    def __init__(self, judge: FileJudge) -> None:
        self._judge = judge
        self._kinds: dict[_Kind, int] = {}
        self._by_kind: dict[str, bool] = {}

    def of_release(self, release: Release) -> int:
        best = _OUT
        for source, entry, tags in release.entries:
            stated = entry.get("requires-python")
            if entry.get("yanked") or not (stated is None or type(stated) is str):
                standing = self._judged(source, entry, tags, release)
            else:
                key = (tags, stated, source.index)
                known = self._kinds.get(key)
                standing = self._of_kind(key, source, entry, release) if known is None else known
            if standing == _USABLE:
                return _USABLE
            best = max(best, standing)
        return best

    def _of_kind(self, key: _Kind, source: Source, entry: Mapping[str, object], release: Release) -> int:
        standing = self._judged(source, entry, key[0], release)
        if self._is_by_kind(source.index):
            self._kinds[key] = standing
        return standing

    def _is_by_kind(self, location: str) -> bool:
        known = self._by_kind.get(location)
        if known is None:
            known = self._by_kind[location] = self._judge.is_by_kind(location)
        return known

    def _judged(self, source: Source, entry: Mapping[str, object], tags: str, release: Release) -> int:
        ruling = self._judge.ruling(read_facts(entry, tags, source.index), release.version)
        if ruling is None:
            return _USABLE
        return _YANKED if ruling.reason == YANKED else _OUT
