"""From a requirements file's text to its logical lines: continuations joined, comments taken off, as in pip.

Where pip would lose something without a word (a comment that cuts a continuation, characters that end a line
for Python and not for an editor) this tells, with the line, and reads on as the author most likely meant it,
so that one mistake yields one finding.
"""

from __future__ import annotations

import re

from trued.core.finding import Place
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.requirements.problems import Problems

__all__ = ["LogicalLine", "belongs_to_a_requirement", "logical_lines"]

_COMMENT = re.compile(r"(?:^|\s)#")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line ends of ``str.splitlines``, bidirectional overrides (CVE-2021-42574)."""

_OWN_OPTIONS = ("--hash", "--config-settings", "-C")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalLine:
    """One logical line: ``text`` without comments, the lines it spans, and what stands on each."""

    text: str
    pieces: tuple[tuple[int, str], ...]

    @property
    def first(self) -> int:
        """The number of its first physical line."""
        return self.pieces[0][0]

    @property
    def last(self) -> int:
        """The number of its last physical line."""
        return self.pieces[-1][0]

    def line_of(self, fragment: str) -> int:
        """Return the physical line on which *fragment* stands, or the first line."""
        return next((number for number, piece in self.pieces if fragment in piece), self.first)


def belongs_to_a_requirement(text: str) -> bool:
    """Tell whether *text* begins with an option that only means something beside a requirement."""
    return text.lstrip().startswith(_OWN_OPTIONS)


def logical_lines(text: str, *, file: str, problems: Problems) -> Iterator[LogicalLine]:
    """Yield the logical lines of *text* that hold anything; errors go to *problems*."""
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        found = _HIDDEN.search(line)
        if found is not None:
            character = f"U+{ord(found.group()):04X}"
            problems.error("TRU105", Place(file, number), subject=file, character=character)
    joiner = _Joiner(lines, file, problems)
    while joiner.has_more:
        pieces = joiner.next_pieces()
        joined = "".join(piece for _, piece in pieces).strip()
        if joined:
            yield LogicalLine(text=joined, pieces=tuple(pieces))


class _Joiner:
    """Walks over the physical lines and puts together those that a backslash connects."""

    def __init__(self, lines: list[str], file: str, problems: Problems) -> None:
        self._lines = lines
        self._file = file
        self._problems = problems
        self._next = 0

    @property
    def has_more(self) -> bool:
        return self._next < len(self._lines)

    def next_pieces(self) -> list[tuple[int, str]]:
        pieces: list[tuple[int, str]] = []
        while self.has_more:
            number, line = self._next + 1, self._lines[self._next]
            self._next += 1
            if _is_comment(line):
                if not pieces or not self._cuts(number):
                    break
                continue
            found = _COMMENT.search(line)
            if found is not None:
                pieces.append((number, line[: found.start()] + " "))
                if not line.endswith("\\") or not self._cuts(number, swallows=True):
                    break
            elif not line.rstrip().endswith("\\"):
                pieces.append((number, line))
                break
            else:
                pieces.append((number, line.rstrip().rstrip("\\")))
                if not line.endswith("\\"):
                    self._problems.error("TRU111", Place(self._file, number), subject=self._file)
        return pieces

    def _cuts(self, number: int, *, swallows: bool = False) -> bool:
        """Tell whether the comment on line *number* cuts options off the requirement above it.

        A comment line ends a logical line; one that ends in a backslash after other text *swallows* the next.
        """
        following = self._following()
        if following is None:
            return False
        position, text = following
        is_cut = belongs_to_a_requirement(text)
        if is_cut:
            self._next = position
        if is_cut or (swallows and position == self._next):
            self._problems.error(
                "TRU110", Place(self._file, number), subject=self._file, lost=str(position + 1)
            )
        return is_cut

    def _following(self) -> tuple[int, str] | None:
        """Return index and text of the next line that is no comment; ``None`` when it is blank or missing."""
        for position in range(self._next, len(self._lines)):
            if not _is_comment(self._lines[position]):
                text = self._lines[position]
                return (position, text) if text.strip() else None
        return None


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
