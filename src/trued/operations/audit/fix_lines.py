"""Pins of requirement files moved to other versions: the pin and its digests, nothing else of the file."""

from __future__ import annotations

import os
import re

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Place
from trued.requirements.encoding import UndecodableText, decode, encode
from trued.requirements.logical_line import logical_lines
from trued.requirements.problems import Problems
from trued.requirements.rewrite import Rewritten, hashed_lines, with_digests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.digest import Digest

__all__ = ["Move", "moved_file"]


class Move:
    """A pin to be moved: on which line, from which version to which, with which digests (none: unhashed)."""

    __slots__ = ("digests", "line", "new", "old")

    def __init__(self, line: int, old: str, new: str, digests: Sequence[Digest]) -> None:
        self.line = line
        self.old = old
        self.new = new
        self.digests = tuple(digests)


def moved_file(
    shown: str, moves: Iterable[Move], added: Mapping[str, Sequence[Digest]], *, cwd: str
) -> Rewritten:
    """Return the file *shown* with *moves* made and the requirements *added* at its end; nothing is written.

    Raises: OperationalError TRU195 when it cannot be read or written back.
    """
    path = os.path.join(cwd, shown)
    try:
        with open(path, "rb") as file:
            before = file.read()
        old = decode(before)
    except OSError as error:
        raise _failed(shown, error.strerror or "it cannot be read") from error
    except UndecodableText as error:
        raise _failed(shown, str(error)) from error
    moves = tuple(moves)
    text = _with_versions(old, moves)
    text = with_digests(text, {move.line: move.digests for move in moves if move.digests})
    text = _with_lines(text, added)
    return Rewritten(path=path, before=before, after=encode(text, like=before), diff=_diff(shown, old, text))


def _with_versions(text: str, moves: Iterable[Move]) -> str:
    logical = {line.first: line for line in logical_lines(text, file="", problems=Problems())}
    physical = text.split("\n")
    for move in moves:
        line = logical[move.line]
        pin = re.compile(rf"(===?\s*){re.escape(move.old)}(?![\w.+!*-])")
        for number in range(line.first - 1, line.last):
            moved, count = pin.subn(lambda found, new=move.new: f"{found[1]}{new}", physical[number], count=1)  # type: ignore[misc] # a bound default
            if count:
                physical[number] = moved
                break
    return "\n".join(physical)


def _with_lines(text: str, added: Mapping[str, Sequence[Digest]]) -> str:
    if not added:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    start = text if text.endswith("\n") or not text else f"{text}{newline}"
    return start + "".join(
        f"{hashed_lines(requirement, digests, newline=newline)}{newline}"
        for requirement, digests in sorted(added.items())
    )


def _diff(shown: str, old: str, new: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(old.splitlines(), new.splitlines(), shown, shown, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _failed(shown: str, reason: str) -> OperationalError:
    return OperationalError(
        Finding(code="TRU195", subject=shown, place=Place(shown), values={"reason": reason})
    )
