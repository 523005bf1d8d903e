"""The proof called pin: the bytes have a digest that the user chose earlier.

What an index or a page says of its own file is compared too, against corruption, and is never a proof. When
the bytes do not pass there are four different stories, and each is told as itself: the user's list does not
have this file; the file changed since; the index contradicts itself; or, where nobody else says anything, the
bytes are simply others.
"""

from __future__ import annotations

from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.digest import Digest
    from trued.requirements.allowed import Allowed

__all__ = ["prove"]


def prove(
    *,
    filename: str,
    computed: Mapping[str, str],
    allowed: Allowed,
    claimed: tuple[Digest, ...],
    place: Place | None,
    time: str,
) -> tuple[tuple[Evidence, ...], tuple[Finding, ...]]:
    """Compare one file's *computed* digests (algorithm to lower-case hex) with all that is said of it.

    *allowed* is what the user stated, *claimed* every digest that the index states. *computed* must hold
    sha256 and each algorithm of both; :class:`ValueError` is raised otherwise, for a digest that is not
    looked at is none. *place* is the requirement's line, *time* RFC 3339 UTC.
    """
    missing = {"sha256", *allowed.algorithms, *(claim.algorithm for claim in claimed)} - computed.keys()
    if missing:
        raise ValueError(f"{filename}: {', '.join(sorted(missing))} was not computed")
    evidence = _evidence(computed, allowed, place, time)
    told = _Told(filename, place, computed)
    broken = tuple(claim for claim in claimed if computed[claim.algorithm] != claim.value)
    if evidence and allowed.is_weak:
        told.tell("TRU194", {"stated": _lines(allowed.digests)}, level=Level.WARNING)
    if evidence or allowed.is_empty:
        if broken:
            told.broken_claims(broken)
    else:
        told.refusal(allowed, claimed, broken)
    return evidence, tuple(told.findings)


def _evidence(
    computed: Mapping[str, str], allowed: Allowed, place: Place | None, time: str
) -> tuple[Evidence, ...]:
    if not allowed.admits(computed):
        return ()
    detail = " ".join(str(digest) for digest in allowed.matching(computed))
    authority = "" if place is None else str(place)
    return (
        Evidence(sha256=computed["sha256"], kind=Kind.PIN, authority=authority, detail=detail, time=time),
    )


class _Told:
    """The findings about one file."""

    def __init__(self, filename: str, place: Place | None, computed: Mapping[str, str]) -> None:
        self.findings: list[Finding] = []
        self._filename = filename
        self._place = place
        self._computed = computed

    def refusal(self, allowed: Allowed, claimed: tuple[Digest, ...], broken: tuple[Digest, ...]) -> None:
        """Tell why bytes that the user's digests do not admit are not admitted."""
        values = {"listed": _lines(allowed.digests), "got": self.got(allowed.digests)}
        if not claimed:
            self.tell("TRU193", values)
        elif not broken:
            self.tell("TRU190", values)
        elif allowed.may_admit(claimed):
            self.tell("TRU191", values)
        else:
            self.broken_claims(broken)
            if allowed.may_admit(claimed) is False:
                self.tell("TRU190", values)

    def got(self, expected: tuple[Digest, ...]) -> str:
        """Return the bytes' own digests by the algorithms of *expected*."""
        algorithms = dict.fromkeys(digest.algorithm for digest in expected)
        return ", ".join(f"{algorithm}:{self._computed[algorithm]}" for algorithm in algorithms)

    def broken_claims(self, broken: tuple[Digest, ...]) -> None:
        """Tell which of the index's own digests the bytes do not have."""
        self.tell("TRU192", {"stated": _lines(broken), "got": self.got(broken)})

    def tell(self, code: str, values: Mapping[str, str], *, level: Level = Level.ERROR) -> None:
        self.findings.append(
            Finding(code=code, level=level, subject=self._filename, place=self._place, values=values)
        )


def _lines(digests: tuple[Digest, ...]) -> str:
    """Return the digests on lines of their own, below what introduces them."""
    return "".join(f"\n  {digest}" for digest in digests)
