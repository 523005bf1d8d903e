"""Which bytes a user allows for one project: digests that must all hold, and lists to choose from.

One line's ``--hash`` options are alternatives between the files of a release, so one of them is enough. What
is bound to one file (a URL's fragment, a lock's entry) must hold altogether, and when several lines ask for
one project each line's list must be met. pip takes any single digest of the union, or the first line's alone.
"""

from __future__ import annotations

from itertools import chain, combinations
from operator import attrgetter

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trued.core.digest import Digest

__all__ = ["NOTHING_STATED", "Allowed"]

_order = attrgetter("algorithm", "value")
"""As digests compare, without a call for each comparison: a release has dozens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The digests that stand beside a requirement.

    Every digest of ``bound`` must hold, and of every group in ``alternatives`` at least one.
    """

    bound: tuple[Digest, ...] = ()
    alternatives: tuple[frozenset[Digest], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no digest is stated at all."""
        return not self.bound and not self.alternatives

    @property
    def algorithms(self) -> frozenset[str]:
        """The algorithms that have to be computed to decide."""
        return frozenset([digest.algorithm for digest in chain(self.bound, *self.alternatives)])

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Every digest stated, once each: bound ones first, then the lists', sorted."""
        return self._in_order(lambda _: True)

    @property
    def is_weak(self) -> bool:
        """Whether digests are stated, and none of them is collision resistant."""
        stated = chain(self.bound, *self.alternatives)
        return not self.is_empty and not any(digest.is_strong for digest in stated)

    @property
    def is_contradictory(self) -> bool:
        """Whether two of the groups exclude each other, so that no file at all can satisfy both."""
        return any(not _share_a_file(one, other) for one, other in combinations(self._groups(), 2))

    def admits(self, computed: Mapping[str, str]) -> bool:
        """Tell whether a file with the *computed* digests (algorithm to lower-case hex) is allowed.

        Where nothing is stated nothing is allowed, and an algorithm that was not computed does not hold.
        """
        if self.is_empty:
            return False
        return all(_holds(digest, computed) for digest in self.bound) and all(
            any(_holds(digest, computed) for digest in group) for group in self.alternatives
        )

    def matching(self, computed: Mapping[str, str]) -> tuple[Digest, ...]:
        """Return the stated digests that the *computed* ones confirm."""
        return self._in_order(lambda digest: _holds(digest, computed))

    def _in_order(self, wanted: Callable[[Digest], bool]) -> tuple[Digest, ...]:
        listed = sorted(filter(wanted, set().union(*self.alternatives)), key=_order)
        return tuple(dict.fromkeys((*filter(wanted, self.bound), *listed)))

    def may_admit(self, claimed: tuple[Digest, ...]) -> bool | None:
        """Foretell :meth:`admits` from what an index claims; ``None`` when its claims do not decide."""
        if self.is_empty:
            return None
        answers = [_foretold(group, claimed) for group in self._groups()]
        if False in answers:
            return False
        return None if None in answers else True

    def merged(self, other: Allowed) -> Allowed:
        """Return what satisfies both: everything bound by either, and every list of either."""
        return Allowed(
            bound=tuple(dict.fromkeys((*self.bound, *other.bound))),
            alternatives=tuple(dict.fromkeys((*self.alternatives, *other.alternatives))),
        )

    def _groups(self) -> tuple[frozenset[Digest], ...]:
        return (*(frozenset((digest,)) for digest in self.bound), *self.alternatives)


NOTHING_STATED = Allowed()


def _holds(digest: Digest, computed: Mapping[str, str]) -> bool:
    return computed.get(digest.algorithm) == digest.value


def _foretold(group: frozenset[Digest], claimed: tuple[Digest, ...]) -> bool | None:
    if any(digest in group for digest in claimed):
        return True
    claimed_algorithms = {digest.algorithm for digest in claimed}
    return False if all(digest.algorithm in claimed_algorithms for digest in group) else None


def _share_a_file(one: frozenset[Digest], other: frozenset[Digest]) -> bool:
    return any(mine == theirs or mine.algorithm != theirs.algorithm for mine in one for theirs in other)
