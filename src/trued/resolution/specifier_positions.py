"""Which positions of a sorted listing a specifier admits, found by bisection where order allows it.

A listing of 3,000 releases meets as many specifiers; testing each against each is nine million comparisons.
The rules of PEP 440 admit a run of neighbours for all but a few operators, so that the ends of the run are
found in a dozen questions. Every question is answered by ``packaging``; where an operator's answer is not one
run (``>`` after a pre-release, ``===``), each release is asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from packaging.specifiers import Specifier
    from packaging.version import Version

__all__ = ["plain_positions", "positions_of"]


def positions_of(versions: Sequence[Version], clause: Specifier) -> int:
    """Return the positions in *versions* (rising) that *clause* admits, as bits, pre-releases included.

    *versions* holds no two equal ones.
    """
    find = _RUNS.get(clause.operator)
    if find is None:
        return sum(1 << i for i, one in enumerate(versions) if clause.contains(one, prereleases=True))
    return find(versions, clause)


def plain_positions(versions: Sequence[Version], clause: str) -> int:
    """Return what :func:`positions_of` does, of a clause that is plain.

    It is one of those that :func:`trued.requirements.plain_specifier.clauses` gives. The operators are those
    of PEP 440: ``<`` leaves out pre-releases of its version, ``>`` whatever else is of its release, and local
    versions are as good as the version that they are of.
    """
    from packaging.version import Version

    operator = clause[:2] if clause[1] == "=" else clause[0]
    stated = clause[len(operator) :]
    stem = stated.removesuffix(".*")
    if operator in ("==", "!="):
        if stem == stated:
            start, stop = bisect_left(versions, Version(stem)), _after(versions, Version(stem))
        else:
            start, stop = _beginning(versions, stem), _beyond(versions, stem)
        within = _run(start, stop)
        return within if operator == "==" else _run(0, len(versions)) & ~within
    if operator == "~=":
        return _run(bisect_left(versions, Version(stem)), _beyond(versions, stem.rpartition(".")[0]))
    if operator == ">=":
        return _run(bisect_left(versions, Version(stem)), len(versions))
    if operator == "<=":
        return _run(0, _after(versions, Version(stem)))
    if operator == "<":
        is_final = stem.replace(".", "").isdigit()
        return _run(0, _beginning(versions, stem) if is_final else bisect_left(versions, Version(stem)))
    return _run(bisect_right(versions, _release_key(Version(stem)), key=_release_key), len(versions))


def _beginning(versions: Sequence[Version], stem: str) -> int:
    """Return where versions that begin with *stem* would begin: with a development release."""
    from packaging.version import Version

    return bisect_left(versions, Version(f"{stem}.dev0"))


def _beyond(versions: Sequence[Version], stem: str) -> int:
    """Return where versions that begin with *stem*, or are lower, end."""
    prefix = tuple([int(part) for part in stem.split(".")])
    zeros = (0,) * len(prefix)

    def key(version: Version) -> tuple[int, tuple[int, ...]]:
        return version.epoch, (*version.release, *zeros)[: len(prefix)]

    return bisect_right(versions, (0, prefix), key=key)


def _after(versions: Sequence[Version], last: Version) -> int:
    """Return where versions up to *last*, its local ones included, end."""
    stop = bisect_right(versions, last)
    while stop < len(versions) and versions[stop].local is not None and _public(versions[stop]) == last:
        stop += 1
    return stop


def _public(version: Version) -> Version:
    from packaging.version import Version

    return Version(version.public)


def _release_key(version: Version) -> tuple[int, tuple[int, ...]]:
    release = version.release
    while release and not release[-1]:
        release = release[:-1]
    return version.epoch, release


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
