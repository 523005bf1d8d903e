"""Which releases of a project may be chosen, as sets of positions, without a reason worded for each.

A page names thousands of files of a few kinds: tags and ``Requires-Python`` repeat from release to release.
Each kind is judged once. A file that is yanked, and every file where upload times or pre-releases matter, is
judged by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.policy.candidates import FileFacts
from trued.resolution.listing import YANKED, bits_of
from trued.resolution.packed_page import LOOK

if TYPE_CHECKING:
    from trued.policy.candidates import FileJudge
    from trued.resolution.releases import Releases

__all__ = ["standings"]


def standings(releases: Releases, judge: FileJudge) -> tuple[int, int]:
    """Return the positions that nothing rules out, and those that only a yank does."""
    reader = _Reader(releases, judge)
    by_mix = [reader.of_mix(mix) for mix in releases.packed.mixes]
    found = []
    for position, mix in enumerate(releases.packed.mix_of):
        standing = by_mix[mix]
        found.append(reader.of_release(position) if standing is None else standing)
    return bits_of([one == _USABLE for one in found]), bits_of([one == _YANKED for one in found])


_OUT, _YANKED, _USABLE = range(3)
"""How a file or release stands; a release stands as the best of its files does."""


class _Reader:
    def __init__(self, releases: Releases, judge: FileJudge) -> None:
        self._releases = releases
        self._judge = judge
        self._kinds: dict[int, int | None] = {LOOK: None}

    def of_mix(self, mix: tuple[int, ...]) -> int | None:
        """Return how releases stand that have files of these kinds; ``None`` where each is to be looked at.

        One file that can be chosen is enough, whatever the others are.
        """
        is_known = True
        for kind in mix:
            standing = self._of_kind(kind)
            if standing == _USABLE:
                return _USABLE
            is_known = is_known and standing is not None
        return _OUT if is_known else None

    def of_release(self, position: int) -> int:
        """Return how a release stands, its files looked at."""
        best = _OUT
        release = self._releases.passing(position)
        for facts in release.facts:
            ruling = self._judge.ruling(facts, release.version)
            if ruling is None:
                return _USABLE
            if ruling.reason == YANKED:
                best = _YANKED
        return best

    def _of_kind(self, kind: int) -> int | None:
        if kind not in self._kinds:
            self._kinds[kind] = self._judged(kind)
        return self._kinds[kind]

    def _judged(self, kind: int) -> int | None:
        """Judge a kind by a file without a name; the version does not matter where kinds decide."""
        tags, requires_python, source = self._releases.packed.kinds[kind]
        location = self._releases.sources[source].index
        if not self._judge.is_by_kind(location):
            return None
        facts = FileFacts("", tags, requires_python or "", "", None, location)
        return _USABLE if self._judge.ruling(facts, self._releases.versions[0]) is None else _OUT
