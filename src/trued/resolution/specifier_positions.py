"""Which positions of a sorted listing a specifier admits, found by bisection where order allows it.

A listing of 3,000 releases meets as many specifiers; testing each against each is nine million comparisons.
The rules of PEP 440 admit a run of neighbours for all but a few operators, so that the ends of the run are
found in a dozen questions. Every question is answered by ``packaging``; where an operator's answer is not one
run (``>`` after a pre-release, ``===``), each release is asked.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.specifiers import Specifier
    from packaging.version import Version

__all__ = ["positions_of"]


def positions_of(versions: Sequence[Version], clause: Specifier) -> int:
    """Return the positions in *versions* (rising) that *clause* admits, as bits, pre-releases included.

    *versions* holds no two equal ones.
    """
    find = _RUNS.get(clause.operator)
    if find is None:
        return sum(1 << i for i, one in enumerate(versions) if clause.contains(one, prereleases=True))
    return find(versions, clause)


def _at_most(versions: Sequence[Version], clause: Specifier) -> int:
    return _run(0, _first_refused(versions, clause, 0))


def _at_least(versions: Sequence[Version], clause: Specifier) -> int:
    start = bisect_left(versions, x=True, key=lambda one: clause.contains(one, prereleases=True))
    return _run(start, len(versions))


def _equal(versions: Sequence[Version], clause: Specifier) -> int:
    """``==1.0`` admits 1.0 and its local versions, which follow it; ``==1.0.*`` all that begins so."""
    from packaging.version import Version

    stem = clause.version.removesuffix(".*")
    start = bisect_left(versions, Version(stem if stem == clause.version else f"{stem}.dev0"))
    return _run(start, _first_refused(versions, clause, start))


def _compatible(versions: Sequence[Version], clause: Specifier) -> int:
    """``~=2.2`` is ``>=2.2, ==2.*`` (PEP 440)."""
    from packaging.version import Version

    start = bisect_left(versions, Version(clause.version))
    return _run(start, _first_refused(versions, clause, start))


def _unequal(versions: Sequence[Version], clause: Specifier) -> int:
    from packaging.specifiers import Specifier

    return _run(0, len(versions)) & ~_equal(versions, Specifier(f"=={clause.version}"))


def _first_refused(versions: Sequence[Version], clause: Specifier, start: int) -> int:
    return bisect_left(versions, x=True, lo=start, key=lambda one: not clause.contains(one, prereleases=True))


def _run(start: int, stop: int) -> int:
    return ((1 << (stop - start)) - 1) << start


_RUNS: dict[str, Callable[[Sequence[Version], Specifier], int]] = {
    "<": _at_most,
    "<=": _at_most,
    ">=": _at_least,
    "==": _equal,
    "!=": _unequal,
    "~=": _compatible,
}
