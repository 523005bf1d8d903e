"""What a ``pyproject.toml`` asks for: its dependencies, extras (PEP 621) and dependency groups (PEP 735)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.names import normalize
from trued.core.record import dataclass
from trued.requirements.lock.source_entry import extra_marker, group_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Groups = Mapping[str, Sequence[str | Mapping[str, str]]]

__all__ = ["PROJECT_FILE", "ProjectFile", "Stated", "is_project_file", "read_project_file"]

PROJECT_FILE = "pyproject.toml"
_MOST_BYTES = 16 * 1024 * 1024


def is_project_file(argument: str) -> bool:
    """Tell whether an argument names a project's file rather than a requirement."""
    return os.path.basename(argument) == PROJECT_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One requirement: its PEP 508 text, its line, and the marker of a lock under which it counts."""

    text: str
    place: Place
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """What is asked for, the Pythons (PEP 440, perhaps empty) that the project is for, and its bytes."""

    requirements: tuple[Stated, ...]
    requires_python: str
    data: bytes


def read_project_file(
    path: str,
    *,
    shown: str,
    extras: Sequence[str] = (),
    groups: Sequence[str] = (),
    only_groups: bool = False,
) -> ProjectFile:
    """Read the dependencies of the project at *path*, and those of its *extras* and *groups*.

    *shown* is the path as the user wrote it. With *only_groups* the project's own dependencies are left out.

    Raises: UsageError TRU577 with everything that cannot be understood, TRU580 where its dependencies are
    not in it.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise _unreadable(shown, f"it has more than {_MOST_BYTES} bytes")
        document = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise _unreadable(shown, error.strerror or "the system does not say why") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(shown, str(error)) from error
    reader = _Reader(document, data.decode("utf-8"), shown)
    stated = [] if only_groups else list(reader.own(os.path.dirname(path)))
    for extra in dict.fromkeys(extras):
        stated += reader.of_extra(extra)
    for group in dict.fromkeys(groups):
        stated += reader.of_group(group)
    if reader.findings:
        raise UsageError(*reader.findings)
    return ProjectFile(requirements=tuple(stated), requires_python=reader.requires_python(), data=data)


class _Reader:
    """Walks one document and gathers what is wrong with it."""

    def __init__(self, document: Mapping[str, object], text: str, shown: str) -> None:
        self.findings: list[Finding] = []
        self._document = document
        self._project = _table(document.get("project"))
        self._lines = text.splitlines()
        self._shown = shown
        self._name = normalize(str(self._project.get("name", "")))

    def own(self, folder: str) -> Iterator[Stated]:
        from trued.operations.unread_dependencies import unread_dependencies

        unread = unread_dependencies(self._document, folder)
        if unread is not None:
            place = self._place(unread.near) if unread.near else Place(self._shown)
            values = {"where": unread.where, "todo": unread.todo}
            self.findings.append(Finding(code="TRU580", subject=self._shown, place=place, values=values))
        yield from self._requirements(self._project.get("dependencies", []), "project.dependencies", "")

    def requires_python(self) -> str:
        stated = self._project.get("requires-python", "")
        return stated if isinstance(stated, str) else ""

    def of_extra(self, name: str) -> Iterable[Stated]:
        tables = _table(self._project.get("optional-dependencies"))
        known: dict[str, object] = {normalize(key): value for key, value in tables.items()}
        return self._expanded(normalize(name), known, extra_marker(normalize(name)), set())

    def _expanded(
        self, name: str, known: Mapping[str, object], scope: str, seen: set[str]
    ) -> Iterator[Stated]:
        """Yield the requirements of an extra; one that names the project itself stands for its extras."""
        from packaging.requirements import InvalidRequirement

        from trued.requirements.pep508 import read_line

        if name in seen:
            return
        seen.add(name)
        if name not in known:
            self._problem(name, f"it has no extra {name}; it has {', '.join(sorted(known)) or 'none'}")
            return
        for one in self._requirements(known[name], f"project.optional-dependencies.{name}", scope):
            try:
                parsed = read_line(one.text)
            except InvalidRequirement:
                yield one
                continue
            if normalize(parsed.name) != self._name:
                yield one
            for inner in sorted(parsed.extras) if normalize(parsed.name) == self._name else ():
                yield from self._expanded(normalize(inner), known, scope, seen)

    def of_group(self, name: str) -> Iterator[Stated]:
        from packaging import errors
        from packaging.dependency_groups import DependencyGroupResolver

        groups = _table(self._document.get("dependency-groups"))
        if normalize(name) not in map(normalize, groups):
            known = ", ".join(sorted(groups)) or "none"
            self._problem(name, f"it has no dependency group {name}; it has {known}")
            return
        try:  # the resolver checks all that it reads
            found = DependencyGroupResolver(cast("Groups", groups)).resolve(name)
        except (errors.ExceptionGroup, LookupError, TypeError, ValueError) as error:
            self._problem(name, str(error))
            return
        scope = group_marker(normalize(name))
        for requirement in found:
            text = str(requirement)
            yield Stated(text=text, place=self._place(requirement.name), scope=scope)

    def _requirements(self, stated: object, key: str, scope: str) -> Iterator[Stated]:
        if not isinstance(stated, list) or not all(isinstance(item, str) for item in stated):
            self._problem(key.rpartition(".")[2], f"{key} is no list of texts")
            return
        for text in stated:
            yield Stated(text=text, place=self._place(text), scope=scope)

    def _place(self, text: str) -> Place:
        number = next((number for number, line in enumerate(self._lines, 1) if text in line), 0)
        return Place(self._shown, number)

    def _problem(self, near: str, reason: str) -> None:
        place = self._place(near)
        self.findings.append(
            Finding(code="TRU577", subject=self._shown, place=place, values={"reason": reason})
        )


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _unreadable(shown: str, reason: str) -> UsageError:
    return UsageError(
        Finding(code="TRU577", subject=shown, place=Place(shown), values={"reason": reason[:300]})
    )
