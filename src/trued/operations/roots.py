"""What a resolution starts from: requirement files, names, a project's file, and constraints on them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.names import normalize
from trued.core.record import dataclass, field, replace
from trued.operations.project_file import PROJECT_FILE, is_project_file, read_project_file
from trued.requirements.allowed import NOTHING_STATED, Allowed
from trued.requirements.hashmode import HashMode
from trued.requirements.model import FileOptions, Kind
from trued.requirements.plain_dependency import read_plain
from trued.resolution.provider import Root

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.core.finding import Place
    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.operations.sources import SourceTrees
    from trued.requirements.model import Requirement, RequirementSet

__all__ = ["Roots", "allowed_of", "elsewhere", "pep508", "pinned_versions", "read_roots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Requirements and constraints as the solver takes them, and what else their files say.

    ``allowed`` are the digests that lines list beside a project. ``requires_python`` is the project's own.
    ``sources`` are the files that were read, name and content, in the working folder or by URL. ``direct``
    are the requirements of folders, repositories and URLs, among the roots too; ``trees`` has them ready.
    ``elsewhere`` are projects that a constraint takes from a URL and that nobody asks for: the URL of each.
    """

    roots: tuple[Root, ...]
    constraints: tuple[Root, ...] = ()
    options: FileOptions = field(default_factory=FileOptions)
    requires_python: str = ""
    allowed: Mapping[ProjectName, Allowed] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sources: tuple[tuple[str, bytes], ...] = ()
    direct: tuple[Requirement, ...] = ()
    trees: SourceTrees | None = None
    elsewhere: Mapping[ProjectName, str] = field(default_factory=dict)


def read_roots(session: Session, arguments: Sequence[str], *, pins: Sequence[str] = ()) -> Roots:
    """Read what ``trued lock`` is asked for by *arguments*, ``-r``, ``-c``, ``--group`` and ``--extra``.

    Without any of them it is the ``pyproject.toml`` of the working folder. *pins* are files of
    versions to keep.

    Raises: UsageError with every mistake; TRU586 when nothing is asked for.
    """
    sources: list[tuple[str, bytes]] = []
    read, trees = _named(session, _stated(session, arguments, pins, sources))
    named = {line.project for line in read.requirements}
    direct = [line for line in read.requirements if line.kind is not Kind.NAMED]
    direct += [line for line in read.constraints if line.kind is not Kind.NAMED and line.project in named]
    project = _of_project_files(session, arguments, sources)
    direct += project.direct
    if direct and trees is None:
        from trued.operations.sources import SourceTrees

        trees = SourceTrees(session)
    return Roots(
        roots=(*(Root(pep508(line), line.place) for line in read.requirements), *project.roots),
        constraints=tuple(Root(pep508(line), line.place) for line in read.constraints if line.project),
        options=read.options,
        requires_python=project.requires_python,
        allowed=allowed_of((*read.requirements, *read.constraints)),
        findings=read.findings,
        sources=tuple(sources),
        direct=tuple(direct),
        trees=trees,
        elsewhere=elsewhere(read.constraints, besides={line.project for line in direct}),
    )


def _stated(
    session: Session, arguments: Sequence[str], pins: Sequence[str], sources: list[tuple[str, bytes]]
) -> RequirementSet:
    """Read the requirements files and names; each file that is read goes to *sources*."""
    from trued.requirements.files import read_requirements

    settings = session.settings
    return read_requirements(
        settings.requirements,
        constraints=settings.constraints,
        pins=pins,
        arguments=[one for one in arguments if not is_project_file(one)],
        editables=settings.editables,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
        seen=lambda name, data: sources.append((name, data)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfProjects:
    """What project files ask for, and the Pythons of the first that says any."""

    roots: tuple[Root, ...]
    direct: tuple[Requirement, ...]
    requires_python: str


def _of_project_files(
    session: Session, arguments: Sequence[str], sources: list[tuple[str, bytes]]
) -> _OfProjects:
    """Read the project files that are asked for; each goes to *sources*."""
    roots: list[Root] = []
    direct: list[Requirement] = []
    requires_python = ""
    for shown in _project_files(session, arguments):
        path = os.path.join(session.cwd, shown)
        settings = session.settings
        project = read_project_file(path, shown=shown, extras=settings.extras, groups=settings.groups)
        for one in project.requirements:
            line = _direct_line(session, one.text, one.place)
            if line is not None:
                direct.append(line)
            roots.append(Root(pep508(line) if line else one.text, one.place, one.scope))
        requires_python = requires_python or project.requires_python
        sources.append((shown, project.data))
    return _OfProjects(roots=tuple(roots), direct=tuple(direct), requires_python=requires_python)


def elsewhere(
    constraints: Iterable[Requirement], *, besides: Container[ProjectName | None]
) -> dict[ProjectName, str]:
    """Return the projects that *constraints* take from a URL, but those *besides*."""
    from trued.operations.stored import own_url

    return {
        line.project: own_url(line)
        for line in constraints
        if line.kind is not Kind.NAMED and line.project is not None and line.project not in besides
    }


def _named(session: Session, read: RequirementSet) -> tuple[RequirementSet, SourceTrees | None]:
    """Return *read* with the names of its direct requirements, and the trees made ready for that."""
    if all(line.kind is Kind.NAMED for line in read.requirements):
        return read, None
    from trued.operations.direct import named
    from trued.operations.sources import SourceTrees

    trees = SourceTrees(session)
    session.builder.options = read.options
    return named(session, read, trees, mode=HashMode(is_on=False), markers=None), trees


def _project_files(session: Session, arguments: Sequence[str]) -> list[str]:
    """Return the project files that are named, or the one of the working folder where nothing else is."""
    settings = session.settings
    named = [one for one in arguments if is_project_file(one)]
    has_others = bool(arguments or settings.requirements or settings.editables)
    if named or (has_others and not (settings.groups or settings.extras)):
        return named
    if not os.path.exists(os.path.join(session.cwd, PROJECT_FILE)):
        raise UsageError(Finding(code="TRU586", subject=PROJECT_FILE))
    return [PROJECT_FILE]


def _direct_line(session: Session, text: str, place: Place) -> Requirement | None:
    """Return ``name @ url`` of a project's file as a requirement; ``None`` for one of an index."""
    if "@" not in text:
        return None
    from trued.requirements.files import read_requirements

    try:
        read = read_requirements((), arguments=(text,), environ={}, limits=session.limits)
    except UsageError as error:
        raise UsageError(*(replace(finding, place=place) for finding in error.findings)) from error
    (line,) = read.requirements
    return None if line.kind is Kind.NAMED else replace(line, place=place)


def pep508(line: Requirement) -> str:
    """Return a requirement of a known project as PEP 508 text, without options."""
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    marker = f" ; {line.marker}" if line.marker else ""
    if line.kind is Kind.NAMED:
        return f"{line.project}{extras}{line.specifier}{marker}"
    from trued.operations.stored import own_url

    return f"{line.project}{extras} @ {own_url(line)}{marker}"


def pinned_versions(roots: Iterable[Root]) -> dict[ProjectName, frozenset[Version]]:
    """Return the versions that *roots* pin exactly: only they reach yanked files (PEP 592)."""
    pinned: dict[ProjectName, frozenset[Version]] = {}
    for root in roots:
        plain = read_plain(root.text)
        if plain is not None and "==" not in plain.specifier:
            pinned.setdefault(plain.project, frozenset())
            continue
        from packaging.requirements import InvalidRequirement
        from packaging.version import InvalidVersion, Version

        from trued.requirements.pep508 import read_line

        try:
            parsed = read_line(root.text)
            exact = {
                Version(clause.version)
                for clause in parsed.specifier
                if clause.operator in ("==", "===") and not clause.version.endswith(".*")
            }
        except (InvalidRequirement, InvalidVersion):
            continue
        project = normalize(parsed.name)
        pinned[project] = pinned.get(project, frozenset()) | exact
    return pinned


def allowed_of(lines: Iterable[Requirement]) -> dict[ProjectName, Allowed]:
    """Return the digests that *lines* list for each project, those of all its lines together."""
    allowed: dict[ProjectName, Allowed] = {}
    for line in lines:
        if line.project is not None and not line.allowed.is_empty:
            allowed[line.project] = allowed.get(line.project, NOTHING_STATED).merged(line.allowed)
    return allowed
