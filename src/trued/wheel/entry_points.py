"""entry_points.txt: the scripts that an installer makes (entry points specification)."""

from __future__ import annotations

import keyword
import re

from trued.wheel.model import EntryPoint
from trued.wheel.paths import folded
from trued.wheel.script_names import check_script_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.wheel.faults import Faults

__all__ = ["read_entry_points"]

_GROUPS = {"console_scripts": "console", "gui_scripts": "gui"}
_REFERENCE = re.compile(r"([\w.]+)\s*:\s*([\w.]+)\s*(?:\[[^\[\]]*\])?")


def read_entry_points(raw: bytes, *, faults: Faults) -> tuple[EntryPoint, ...]:
    """Return the console and gui scripts, noting names and references that cannot be made into one safely.

    Module and attribute are written into the script's source, so nothing but dotted identifiers may be there.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        faults.add("TRU255", file="entry_points.txt")
        return ()
    points: dict[str, EntryPoint] = {}
    for group, name, reference in _scripts(text, faults):
        check_script_name(name, faults=faults)
        match = _REFERENCE.fullmatch(reference)
        if match is None or not (_is_dotted_name(match[1]) and _is_dotted_name(match[2])):
            faults.add("TRU271", name=name, reference=reference)
            continue
        point = EntryPoint(group=group, name=name, module=match[1], attribute=match[2])
        double = points.setdefault(folded(name), point)
        if double is not point:
            faults.add("TRU274", name=name, other=double.name)
    return tuple(points.values())


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() and not keyword.iskeyword(part) for part in text.split("."))


def _scripts(text: str, faults: Faults) -> Iterator[tuple[str, str, str]]:
    group: str | None = ""
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            group = _GROUPS.get(line[1:-1].strip()) if line.endswith("]") else ""
            if group == "":
                faults.add("TRU270", line=number)
            continue
        if group is None:
            continue
        name, equals, reference = line.partition("=")
        if not equals or not group:
            faults.add("TRU270", line=number)
            continue
        yield group, name.strip(), reference.strip()
