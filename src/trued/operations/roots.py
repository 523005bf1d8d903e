"""What a resolution starts from: requirement files, names, a project's file, and constraints on them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.names import normalize
from trued.core.record import dataclass, field
from trued.operations.project_file import PROJECT_FILE, is_project_file, read_project_file
from trued.requirements.allowed import NOTHING_STATED, Allowed
from trued.requirements.model import FileOptions, Kind
from trued.resolution.provider import Root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.requirements.model import Requirement

__all__ = ["Roots", "pep508", "pinned_versions", "read_roots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Requirements and constraints as the solver takes them, and what else their files say.

    ``allowed`` are the digests that lines list beside a project. ``requires_python`` is the project's own.
    ``sources`` are the files that were read, name and content, in the working folder or by URL.
    """

    roots: tuple[Root, ...]
    constraints: tuple[Root, ...] = ()
    options: FileOptions = field(default_factory=FileOptions)
    requires_python: str = ""
    allowed: Mapping[ProjectName, Allowed] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sources: tuple[tuple[str, bytes], ...] = ()


def read_roots(session: Session, arguments: Sequence[str]) -> Roots:
    """Read what ``trued lock`` is asked for by *arguments*, ``-r``, ``-c``, ``--group`` and ``--extra``.

    Without any of them it is the ``pyproject.toml`` of the working folder.

    Raises: UsageError with every mistake; TRU586 when nothing is asked for.
    """
    from trued.requirements.files import read_requirements

    settings = session.settings
    names = [one for one in arguments if not is_project_file(one)]
    sources: list[tuple[str, bytes]] = []
    read = read_requirements(
        settings.requirements,
        constraints=settings.constraints,
        arguments=names,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
        seen=lambda name, data: sources.append((name, data)),
    )
    direct = [line for line in read.requirements if line.kind is not Kind.NAMED or line.project is None]
    if direct:
        raise UsageError(*(Finding(code="TRU572", subject=one.text, place=one.place) for one in direct))
    roots = [Root(pep508(line), line.place) for line in read.requirements]
    requires_python = ""
    for shown in _project_files(session, arguments, has_others=bool(names or settings.requirements)):
        project = read_project_file(
            os.path.join(session.cwd, shown), shown=shown, extras=settings.extras, groups=settings.groups
        )
        roots += [Root(one.text, one.place, one.scope) for one in project.requirements]
        requires_python = requires_python or project.requires_python
        sources.append((shown, project.data))
    _refuse_direct(roots)
    return Roots(
        roots=tuple(roots),
        constraints=tuple(Root(pep508(line), line.place) for line in read.constraints if line.project),
        options=read.options,
        requires_python=requires_python,
        allowed=_allowed((*read.requirements, *read.constraints)),
        findings=read.findings,
        sources=tuple(sources),
    )


def _project_files(session: Session, arguments: Sequence[str], *, has_others: bool) -> list[str]:
    settings = session.settings
    named = [one for one in arguments if is_project_file(one)]
    if named or (has_others and not (settings.groups or settings.extras)):
        return named
    if not os.path.exists(os.path.join(session.cwd, PROJECT_FILE)):
        raise UsageError(Finding(code="TRU586", subject=PROJECT_FILE))
    return [PROJECT_FILE]


def _refuse_direct(roots: Iterable[Root]) -> None:
    """Refuse ``name @ url`` of a project's file: which version that is, only the file itself could tell."""
    from packaging.requirements import InvalidRequirement, Requirement

    findings = []
    for root in roots:
        try:
            direct = Requirement(root.text).url is not None
        except InvalidRequirement:
            continue  # the solver tells all of these together
        if direct:
            findings.append(Finding(code="TRU572", subject=root.text, place=root.place))
    if findings:
        raise UsageError(*findings)


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
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version

    pinned: dict[ProjectName, frozenset[Version]] = {}
    for root in roots:
        try:
            parsed = Requirement(root.text)
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


def _allowed(lines: Iterable[Requirement]) -> dict[ProjectName, Allowed]:
    allowed: dict[ProjectName, Allowed] = {}
    for line in lines:
        if line.project is not None and not line.allowed.is_empty:
            allowed[line.project] = allowed.get(line.project, NOTHING_STATED).merged(line.allowed)
    return allowed
