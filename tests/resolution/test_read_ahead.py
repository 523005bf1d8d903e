"""What is asked for ahead while one release of a project after the other is rejected."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import Version

from tests.resolution.catalogue import Catalogue
from trued.core.names import ProjectName
from trued.resolution.read_ahead import ReadAhead


class Asked(Catalogue):
    """Notes what is asked for ahead."""

    def __init__(self) -> None:
        super().__init__({"demo": {f"1.{number}": () for number in range(200)}})
        self.asked: list[int] = []

    def prefetch_metadata(self, wanted: Iterable[tuple[ProjectName, Version]]) -> None:
        self.asked += [version.minor for _, version in wanted]


def tried_one_by_one(source: Asked, positions: range, *, others: int) -> None:
    """Try each of *positions*, each time with no other candidate."""
    listing = source.listing(ProjectName("demo"))
    ahead = ReadAhead(source)
    for position in positions:
        ahead.trying(listing, 1 << position, position, others=others)


def test_releases_that_are_tried_in_step_with_another_project_are_asked_for_ahead() -> None:
    source = Asked()

    tried_one_by_one(source, range(199, 150, -1), others=(1 << 200) - 1)

    assert set(range(150, 190)) <= set(source.asked)
    assert len(source.asked) == len(set(source.asked))


def test_the_first_tries_ask_for_nothing_but_candidates() -> None:
    source = Asked()

    tried_one_by_one(source, range(199, 195, -1), others=(1 << 200) - 1)

    assert source.asked == []
