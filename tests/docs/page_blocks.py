"""The fenced blocks of a page, and what their first line says of them.

A block is run when its language is ``sh`` or ``console``. What follows the language is not shown on the page:

- ``sh``: a script for bash, which stops at the first command that fails; ``fails`` or ``status=2`` say how
  it ends.
- ``console``: lines that begin with ``$ `` are commands, run one by one, and what follows is what each
  prints, both streams together. ``…`` stands for any text within a line, and alone on a line for any lines.
  A command whose end is not 0 is followed by ``$ echo $?``.
- ``answer=WORD``: the commands run on a terminal, where that is typed.
- any language with ``file=NAME``: the block is written into that file first.
- ``part``: lines of a table of a policy file, which is none by itself.
- ``skip="REASON"``: the block is not run; ``REASON`` is one of a list in the test.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["RUN", "Block", "Call", "blocks_of", "calls_of", "fits"]

RUN = ("sh", "console")
_FENCE = re.compile(r"^( *)(`{3,})(.*)$")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block: *language*, the words behind it, and the text between the fences; *line* counts from 1.

    *heading* is the one that it stands below.
    """

    language: str
    words: tuple[str, ...]
    text: str
    line: int
    heading: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def is_run(self) -> bool:
        return self.language in RUN and "skip" not in self.options

    @property
    def status(self) -> int:
        """The exit status of a script."""
        return 1 if "fails" in self.words else int(self.options.get("status", "0"))


@dataclass(frozen=True, kw_only=True)
class Call:
    """One command of a console block, and what it prints; ``None`` stands for any lines."""

    command: str
    printed: tuple[str, ...]


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of *page* in their order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    position, heading = 0, ""
    while position < len(lines):
        line = lines[position]
        opening = _FENCE.match(line)
        position += 1
        if opening is None:
            heading = line.lstrip("# ") if line.startswith("#") else heading
            continue
        start = position
        while lines[position].strip() != opening[2]:
            position += 1
        inside = [line.removeprefix(opening[1]) for line in lines[start:position]]
        yield _block(opening[3], "".join(f"{line}\n" for line in inside), line=start, heading=heading)
        position += 1


def _block(info: str, text: str, *, line: int, heading: str) -> Block:
    language, *words = shlex.split(info) or [""]
    options = dict(word.split("=", 1) for word in words if "=" in word)
    return Block(
        language=language, words=tuple(words), text=text, line=line, heading=heading, options=options
    )


def calls_of(block: Block) -> Iterator[Call]:
    """Yield the commands of a console *block*; a line that begins with ``> `` goes on with the one before."""
    command, printed = "", list[str]()
    for line in block.text.splitlines():
        if line.startswith("$ "):
            if command:
                yield Call(command=command, printed=tuple(printed))
            command, printed = line[2:], []
        elif line.startswith("> ") and not printed:
            command += f"\n{line[2:]}"
        else:
            printed.append(line)
    if command:
        yield Call(command=command, printed=tuple(printed))


def fits(printed: str, expected: tuple[str, ...]) -> bool:
    """Tell whether *printed* is as a page has it; how many spaces stand between two words does not count."""
    pattern = "".join(_pattern(line) for line in expected)
    actual = "".join(f"{_spaced(line)}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, actual) is not None


def _spaced(line: str) -> str:
    return re.sub(r" +", " ", line.rstrip())


def _pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*?"
    return r"[^\n]*?".join(re.escape(part) for part in _spaced(line).split("…")) + r"\n"
