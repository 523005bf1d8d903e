"""One fact, one sentence: versions as ranges over what is listed, requirements as their authors wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass
from trued.resolution.fact import Asked, Excluded, Fact, Forbidden, Needs
from trued.resolution.listing import Listing, positions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.resolution.package import Package
    from trued.resolution.provider import PackageProvider

__all__ = ["Teller", "version_ranges"]

_MOST_RUNS = 3
_MOST_TEXTS = 2


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells facts in words, with the listings and metadata that the failed run has read."""

    provider: PackageProvider

    def sentence(self, fact: Fact, others: Sequence[Fact]) -> str:
        """Return *fact* as a sentence without its full stop; empty where another of *others* tells it."""
        match fact:
            case Asked():
                return f"{fact.root.place} asks for {_plain(fact.root.text)}{self._missing(fact)}"
            case Forbidden():
                return f"{fact.root.place} allows only {_plain(fact.root.text)}"
            case Excluded():
                base = fact.package._replace(extra="")
                if fact.package.extra and any(
                    isinstance(one, Excluded) and one.package == base and one.exclusion == fact.exclusion
                    for one in others
                ):
                    return ""
                return (
                    f"{self._releases(fact.package, fact.positions)} cannot be chosen: {fact.exclusion.text}"
                )
            case Needs():
                return self._needs(fact)

    def _needs(self, fact: Needs) -> str:
        verb = "needs" if fact.positions.bit_count() == 1 else "need"
        releases = self._releases(fact.package, fact.positions)
        texts = self._texts(fact)
        if len(texts) == 1:
            return f"{releases} {verb} {texts[0]}{self._missing(fact)}"
        if fact.positions.bit_count() == 1:
            return f"{releases} needs {' and '.join(texts)}"
        if len(texts) <= _MOST_TEXTS:
            return f"{releases} need {' or '.join(texts)}"
        wanted = self._releases(fact.needed, fact.versions)
        return f"{releases} each need their own range of {fact.needed}, all within {wanted}"

    def _texts(self, fact: Needs) -> list[str]:
        """Return the distinct requirements behind *fact*, as the metadata writes them."""
        texts: dict[str, None] = {}
        for position in positions(fact.positions):
            for dependency in self.provider.needs(fact.package, position):
                extras = ("", *dependency.extras)
                if dependency.project == fact.needed.project and fact.needed.extra in extras:
                    texts[_plain(dependency.text)] = None
        return sorted(texts)

    def _missing(self, fact: Asked | Needs) -> str:
        """Say when nothing listed is what *fact* wants at all."""
        wanted, bits = (
            (fact.package, fact.positions) if isinstance(fact, Asked) else (fact.needed, fact.versions)
        )
        listing = self.provider.listing(wanted.project)
        if not listing.candidates:
            return f", and no index has a project named {wanted.project}"
        if not bits & listing.all_bits:
            newest = (listing.final_bits or listing.all_bits).bit_length() - 1
            return f", and the newest {wanted.project} listed is {listing.version(newest)}"
        return ""

    def _releases(self, package: Package, bits: int) -> str:
        return f"{package} {version_ranges(self.provider.listing(package.project), bits)}"


def version_ranges(listing: Listing, bits: int) -> str:
    """Return the listed versions at *bits* as few ranges: ``3.0, 3.1.0 to 3.1.2``.

    A range runs over pre-releases and excluded releases when *bits* holds none of their kind: nobody would
    choose them anyway.
    """
    bits &= listing.all_bits
    passable = bits | (listing.all_bits & ~listing.usable_bits)
    if not bits & ~listing.final_bits:
        passable |= listing.all_bits & ~listing.final_bits
    runs: list[tuple[int, int]] = []
    for position in positions(bits):
        between = (1 << position) - (1 << (runs[-1][1] + 1)) if runs else 0
        if runs and not between & ~passable:
            runs[-1] = (runs[-1][0], position)
        else:
            runs.append((position, position))
    if len(runs) > _MOST_RUNS:
        return f"{_range(listing, runs[0][0], runs[-1][1])} ({bits.bit_count()} releases)"
    return ", ".join(_range(listing, first, last) for first, last in runs)


def _range(listing: Listing, first: int, last: int) -> str:
    if first == last:
        return str(listing.version(first))
    return f"{listing.version(first)} to {listing.version(last)}"


def _plain(text: str) -> str:
    """Return a requirement without its marker, which held, or it would not count."""
    return " ".join(text.partition(";")[0].split())
