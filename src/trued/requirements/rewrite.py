"""Digests written into requirement files: the lines that name them, and nothing else of the file.

Order, comments, line ends, indentation of what stays, encoding and byte order mark are kept. A file is
replaced whole or not at all.
"""

from __future__ import annotations

import os
import re

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass
from trued.requirements.encoding import UndecodableText, decode, encode
from trued.requirements.logical_line import LogicalLine, logical_lines
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trued.core.digest import Digest

__all__ = ["Rewritten", "hashed_lines", "rewrite", "save", "with_digests"]

_INDENT = "    "
_PIECE_END = "\0"
_HASH_OPTION = re.compile(
    r"""(?:^|(?<=[\s\0]))["']?--h(?:a(?:sh?)?)?(?:=|[\s\0]+)(?:"[^"]*"|'[^']*'|[^\s\0]+)"""
)
"""One ``--hash`` with its value, shortened or quoted as pip takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A requirements file before and after, and the difference as a unified diff."""

    path: str
    before: bytes
    after: bytes
    diff: str


def hashed_lines(requirement: str, digests: Iterable[Digest], *, newline: str = "\n") -> str:
    """Return *requirement* with a ``--hash`` continuation line for each digest, ready to paste."""
    options = [f"{_INDENT}--hash={digest}" for digest in digests]
    return f" \\{newline}".join([requirement, *options])


def rewrite(digests: Mapping[Place, Iterable[Digest]]) -> tuple[Rewritten, ...]:
    """Read the files of the requirements at the given places, and return them with their new digests.

    Nothing is written; :func:`save` does. Raises :class:`OperationalError` with a finding for each place that
    is no requirement in a file of this machine.
    """
    by_file: dict[str, dict[int, Iterable[Digest]]] = {}
    for place, values in digests.items():
        by_file.setdefault(place.file, {})[place.line] = values
    problems = Problems()
    rewritten = [_rewrite_file(path, lines, problems) for path, lines in by_file.items()]
    if problems.findings:
        raise OperationalError(*problems.findings)
    return tuple(one for one in rewritten if one is not None)


def with_digests(text: str, lines: Mapping[int, Iterable[Digest]]) -> str:
    """Return *text* with the ``--hash`` options of the requirements at *lines* replaced.

    *lines* maps the first line of each requirement, counted from 1, to its digests. Raises
    :class:`KeyError` when no requirement begins on a line.
    """
    logical = {line.first: line for line in logical_lines(text, file="", problems=Problems())}
    physical = text.split("\n")
    for number in sorted(lines, reverse=True):
        line = logical[number]
        if line.text.startswith("-"):
            raise KeyError(number)
        physical[line.first - 1 : line.last] = _block(line, physical, lines[number]).split("\n")
    return "\n".join(physical)


def save(rewritten: Rewritten) -> None:
    """Put the new text in place of the old, atomically, with the file's mode.

    Raises :class:`OperationalError` when the file was changed since it was read, or cannot be written.
    """
    from trued.core.whole_file import write_whole

    target = os.path.realpath(rewritten.path)
    try:
        with open(target, "rb") as file:
            if file.read() != rewritten.before:
                raise OperationalError(_not_written(rewritten.path, "it was changed in the meantime"))
        write_whole(target, rewritten.after, keeps_mode=True)
    except OSError as error:
        reason = error.strerror or "the system does not say why"
        raise OperationalError(_not_written(rewritten.path, reason)) from error


def _rewrite_file(path: str, lines: Mapping[int, Iterable[Digest]], problems: Problems) -> Rewritten | None:
    try:
        with open(path, "rb") as file:
            before = file.read()
        old = decode(before)
        new = with_digests(old, lines)
        after = encode(new, like=before)
    except OSError as error:
        problems.error("TRU195", Place(path), path, reason=error.strerror or "it cannot be read")
        return None
    except UndecodableText as error:
        problems.error("TRU195", Place(path), path, reason=str(error))
        return None
    except KeyError as error:
        problems.error("TRU196", Place(path, int(error.args[0])), path)
        return None
    return Rewritten(path=path, before=before, after=after, diff=_diff(path, old, new))


def _block(line: LogicalLine, physical: list[str], digests: Iterable[Digest]) -> str:
    """Return the physical lines of one requirement with *digests* for its own, joined by line feeds."""
    newline = "\r\n" if physical[line.first - 1].endswith("\r") else "\n"
    last = physical[line.last - 1]
    ending = "\r" if last.endswith("\r") else ""
    text = line.pieces[-1][1].rstrip()
    comment = last.rstrip("\r")[len(text) :].strip().strip("\\").strip()
    pieces = _HASH_OPTION.sub("", _PIECE_END.join(piece for _, piece in line.pieces)).split(_PIECE_END)
    kept = [piece.rstrip() for piece in pieces if piece.strip()]
    block = hashed_lines(f" \\{newline}".join(kept), digests, newline=newline)
    return f"{block}{'  ' + comment if comment else ''}{ending}"


def _diff(path: str, old: str, new: str) -> str:
    from difflib import unified_diff

    return "".join(
        f"{line}\n" for line in unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="")
    )


def _not_written(path: str, reason: str) -> Finding:
    return Finding(code="TRU195", subject=path, place=Place(path), values={"reason": reason})
