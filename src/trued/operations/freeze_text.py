"""Frozen lines in the order of requirement files, with these files' comments and options."""

from __future__ import annotations

import os
import re

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.names import normalize
from trued.requirements.encoding import UndecodableText, decode
from trued.requirements.logical_line import logical_lines
from trued.requirements.problems import Problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.names import ProjectName

__all__ = ["comment", "in_order_of", "is_one_requirement"]

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[|[=<>!~;@(,\s]|$)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_ASKED = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:===?[^\s;#\\]+| @ \S*[^\s\\])|-e [^#]*[^#\s\\]", re.ASCII
)
_ADDED = "## The following requirements were added by trued freeze:"


def is_one_requirement(line: str) -> bool:
    """Tell whether *line* asks for one release and says nothing else.

    It is made of what stands in the environment: a name, version or address with a line break would bring
    options and requirements of its own into the file.
    """
    return line.isprintable() and _ASKED.fullmatch(line) is not None


def comment(text: str) -> str:
    """Return *text* as a comment of one line; what cannot be printed is escaped."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)
    return f"# {text}"


def in_order_of(files: Sequence[str], blocks: Mapping[ProjectName, str], *, cwd: str) -> str:
    """Return *blocks* as the requirement *files* order them, then the others, as ``pip freeze -r`` does.

    Comments, blank lines and options stay, each option once. A line for what is not installed is left out.
    Raises: UsageError TRU575 for a file that cannot be read.
    """
    left = dict(blocks)
    lines: list[str] = []
    options: set[str] = set()
    for shown in files:
        text = _text(os.path.join(cwd, shown), shown)
        starts = {line.first: line for line in logical_lines(text, file=shown, problems=Problems())}
        number, physical = 1, text.splitlines()
        while number <= len(physical):
            line = starts.get(number)
            if line is None:
                lines.append(physical[number - 1].rstrip())
                number += 1
                continue
            kept = physical[number - 1 : line.last]
            number = line.last + 1
            project = _project(line.text)
            if project is not None:
                lines += [left.pop(project)] if project in left else []
            elif (option := "\n".join(kept).rstrip()) not in options:
                options.add(option)
                lines.append(option)
    return "\n".join([*lines, _ADDED, *left.values()] if left else lines)


def _project(text: str) -> ProjectName | None:
    """Return the project that a logical line asks for; ``None`` for an option of the file."""
    if text.startswith("-") and not text.startswith(("-e", "--editable")):
        return None
    found = _EGG.search(text) or _NAME.match(text)
    return normalize(found.group(1)) if found else None


def _text(path: str, shown: str) -> str:
    try:
        with open(path, "rb") as file:
            return decode(file.read())
    except (OSError, UndecodableText) as error:
        reason = getattr(error, "strerror", None) or str(error)
        finding = Finding(code="TRU575", subject=shown, place=Place(shown), values={"reason": reason})
        raise UsageError(finding) from error
