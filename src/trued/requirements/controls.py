"""Options that take project names, ``:all:`` or ``:none:``, and come in opposing pairs.

``--only-binary`` against ``--no-binary``, ``--all-releases`` against ``--only-final``: as in pip, the last
word on a name holds, ``:all:`` empties both sides first, and ``:none:`` empties its own.
"""

from __future__ import annotations

from trued.core.names import normalize
from trued.core.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Control", "settled"]


class Control(NamedTuple):
    """One use of an option of the pair; ``is_first`` tells which of the two."""

    value: str
    is_first: bool


def settled(controls: Iterable[Control]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names on the first and on the second side after all *controls* in order."""
    first: set[str] = set()
    second: set[str] = set()
    for value, is_first in controls:
        _apply(value, *((first, second) if is_first else (second, first)))
    return frozenset(first), frozenset(second)


def _apply(value: str, own: set[str], other: set[str]) -> None:
    names = value.split(",")
    while ":all:" in names:
        other.clear()
        own.clear()
        own.add(":all:")
        del names[: names.index(":all:") + 1]
        if ":none:" not in names:
            return
    for name in names:
        if name == ":none:":
            own.clear()
            continue
        other.discard(normalize(name))
        own.add(normalize(name))
