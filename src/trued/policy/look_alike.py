"""Names made to be mistaken for another project's: one slip of the finger or one trick away.

The kinds are those seen in attacks on package indexes: an edit or two (``reqeusts``), characters that look
alike (``d1scord``), separators moved (``beautiful-soup4``), and ``python-`` or ``py`` put before or after.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Level
from trued.core.record import dataclass
from trued.policy.cooldown import spelled_age
from trued.policy.level import PolicyLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.core.names import ProjectName

__all__ = ["KnownNames", "Likeness", "look_alike_finding"]

_YOUNG = timedelta(days=30)
_SHORTEST = 4
"""Names below this length are one edit from too many others to mean anything."""
_LONG = 10
"""From this length on two edits still read as the same name."""
_PREFIXES = ("python-", "python3-", "py-", "python", "py")
_SUFFIXES = ("-python", "-python3", "-py", "python", "py")
_CONFUSED = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_LETTERS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "3": "e", "4": "a", "2": "z", "-": None})


@dataclass(frozen=True, slots=True)
class Likeness:
    """The known name that a name resembles, and how, as words that follow "it"."""

    known: ProjectName
    how: str


class KnownNames:
    """The names that others may be mistaken for: the most used projects, and those the user has already."""

    def __init__(self, popular: Iterable[ProjectName], own: Iterable[ProjectName] = ()) -> None:
        self._names = frozenset(popular) | frozenset(own)
        self._folded = {_folded(name): name for name in sorted(self._names)}
        self._bare = {name.replace("-", ""): name for name in sorted(self._names)}
        self._shapes = [(name, len(name), _letters_in(name)) for name in sorted(self._names)]

    def likeness(self, name: ProjectName) -> Likeness | None:
        """Return the known name that *name* resembles; a known name resembles none."""
        if name in self._names or len(name) < _SHORTEST:
            return None
        return self._by_separators(name) or self._by_affix(name) or self._by_edits(name)

    def _by_separators(self, name: ProjectName) -> Likeness | None:
        known = self._bare.get(name.replace("-", ""))
        if known is not None:
            return Likeness(known, "differs by separators only")
        known = self._folded.get(_folded(name))
        return Likeness(known, "differs by characters that look alike") if known is not None else None

    def _by_affix(self, name: ProjectName) -> Likeness | None:
        for core in _without_affixes(name):
            if core in self._names:
                return Likeness(core, "differs by a word for Python only")
        return None

    def _by_edits(self, name: ProjectName) -> Likeness | None:
        length, letters = len(name), _letters_in(name)
        for known, known_length, known_letters in self._shapes:
            most = 2 if min(length, known_length) >= _LONG else 1
            # An edit changes the set of letters by two at most; this spares nearly all comparisons.
            if abs(length - known_length) > most or (letters ^ known_letters).bit_count() > 2 * most:
                continue
            if known_length >= _SHORTEST and edit_distance(name, known, most=most) <= most:
                return Likeness(known, f"is {'one edit' if most == 1 else 'two edits or less'} away")
        return None


def look_alike_finding(
    project: ProjectName,
    likeness: Likeness,
    *,
    first_upload: datetime | None,
    now: datetime,
    level: PolicyLevel,
) -> Finding | None:
    """Return what to tell of a look-alike, or ``None`` for a project that has stood for a month.

    A young one is an error in ``strict`` and a warning else; where no upload time is stated, a note.
    """
    values = {"known": likeness.known, "how": likeness.how}
    if first_upload is None:
        return Finding(
            code="TRU652", level=Level.NOTE, subject=project, values={**values, "age": "of unknown age"}
        )
    age = now - first_upload
    if age >= _YOUNG:
        return None
    weight = Level.ERROR if level is PolicyLevel.STRICT else Level.WARNING
    return Finding(
        code="TRU652", level=weight, subject=project, values={**values, "age": f"{spelled_age(age)} old"}
    )


def edit_distance(first: str, second: str, *, most: int) -> int:
    """Return how many insertions, deletions, replacements and swaps of neighbours part the two names.

    Optimal string alignment; anything above *most* may be told as ``most + 1``.
    """
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(second) + 1))
    for row, character in enumerate(first, 1):
        current = [row]
        for column, other in enumerate(second, 1):
            cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (character != other))
            if row > 1 and column > 1 and character == second[column - 2] and first[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]


def _folded(name: str) -> str:
    """Return *name* with each character that is mistaken for another in that other's place."""
    for pair, single in _CONFUSED:
        name = name.replace(pair, single)
    return name.translate(_LETTERS)


def _without_affixes(name: ProjectName) -> Iterable[ProjectName]:
    from trued.core.names import ProjectName

    for prefix in _PREFIXES:
        if name.startswith(prefix) and len(name) - len(prefix) >= _SHORTEST:
            yield ProjectName(name.removeprefix(prefix))
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= _SHORTEST:
            yield ProjectName(name.removesuffix(suffix))


def _letters_in(name: str) -> int:
    """Return the set of characters of *name* as bits."""
    bits = 0
    for character in name:
        bits |= 1 << (ord(character) & 63)
    return bits
