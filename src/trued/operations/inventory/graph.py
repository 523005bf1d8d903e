"""Which installed distribution needs which: what holds on the interpreter, and the extras asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.names import normalize
from trued.requirements.marker import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.requirements import Requirement

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed

__all__ = ["needs_of_installed", "unneeded"]


def needs_of_installed(
    installed: Sequence[Installed], markers: Mapping[str, str]
) -> dict[ProjectName, tuple[ProjectName, ...]]:
    """Return what each project needs among *installed*, for an interpreter with these *markers*.

    An extra counts where another distribution asks for it (``name[extra]``): what the user asked for on the
    command line nobody writes down.
    """
    lines = {one.project: tuple(_parsed(one.requires)) for one in installed}
    extras: dict[ProjectName, set[str]] = {project: set() for project in lines}
    waiting = list(lines)
    needed: dict[ProjectName, set[ProjectName]] = {project: set() for project in lines}
    while waiting:
        project = waiting.pop()
        for line in lines[project]:
            name = normalize(line.name)
            if name not in lines or not _holds(line, markers, extras[project]):
                continue
            needed[project].add(name)
            asked = {normalize(extra) for extra in line.extras}
            if not asked <= extras[name]:
                extras[name] |= asked
                waiting.append(name)
    return {project: tuple(sorted(names - {project})) for project, names in needed.items()}


def unneeded(needs: Mapping[ProjectName, Sequence[ProjectName]]) -> tuple[str, ...]:
    """Return what nobody needs; in a circle nobody is first, so then all."""
    needed = {name for names in needs.values() for name in names}
    return tuple(sorted(needs.keys() - needed) or sorted(needs))


def _parsed(lines: Sequence[str]) -> Iterator[Requirement]:
    from packaging.requirements import InvalidRequirement

    from trued.requirements.pep508 import read_line

    for line in lines:
        try:
            yield read_line(line)
        except InvalidRequirement:
            continue


def _holds(line: Requirement, markers: Mapping[str, str], extras: set[str]) -> bool:
    return any(holds(line.marker, {**markers, "extra": extra}) for extra in ("", *sorted(extras)))
