"""Migrate: read what a project has, make a lock and a policy of it, and say what that changes.

Versions that are pinned now are kept. Nothing is written before all of it is known, and then both files or
none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.errors import Refused, UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.names import normalize
from trued.core.record import dataclass, replace
from trued.operations.lock import output_format, rendered
from trued.operations.lock_text import PYLOCK, read_lock, read_requirements_lock
from trued.operations.migration.commits import with_commit_digests
from trued.operations.migration.comparing import compare_with_index
from trued.operations.migration.disagreement import disagreements
from trued.operations.migration.indexes import (
    index_lines,
    named_in_pip_conf,
    with_lock_indexes,
    with_named,
)
from trued.operations.migration.sources import Chosen, SourceKind, choose_source
from trued.operations.migration.version_change import version_changes
from trued.operations.migration.writing import PlannedFile
from trued.operations.policy_template import POLICY_FILE, policy_of_lock
from trued.operations.project_file import PROJECT_FILE
from trued.requirements.lock.model import DirectKind
from trued.requirements.model import FileOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.config.settings import Settings
    from trued.core.names import ProjectName
    from trued.operations.migration.indexes import NamedIndexes
    from trued.operations.migration.version_change import VersionChange
    from trued.operations.session import Session
    from trued.requirements.lock.model import Lock, LockedPackage

__all__ = ["Migration", "migrate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What is to be written, nothing of it yet.

    ``kept`` counts the releases with the version they had. ``findings`` hold, as errors, what the policy
    would refuse today. ``next_steps`` are commands, each with what it is for.
    """

    chosen: Chosen
    lock: Lock
    files: tuple[PlannedFile, ...]
    changes: tuple[VersionChange, ...]
    kept: int
    findings: tuple[Finding, ...]
    next_steps: tuple[tuple[str, str], ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """What the policy would refuse of the lock today."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    @property
    def is_refused(self) -> bool:
        """Whether the policy would refuse something of the lock today."""
        return bool(self.refused)


def migrate(session: Session) -> Migration:
    """Read the session's working folder and return what is to be written.

    Raises: UsageError when there is nothing to read, or it cannot be understood; Refused where a digest is
    not the index's (TRU928, TRU929), or no releases fit; OperationalError when an index does not answer.
    """
    settings = session.settings
    output = settings.output or (PYLOCK if settings.lock_format != "requirements" else "requirements.txt")
    form = output_format(output, settings.lock_format)
    chosen = choose_source(session.cwd, asked=settings.migrate_from)
    named = named_in_pip_conf(session.cwd)
    asked = with_named(session, named)
    if chosen.source.kind is SourceKind.LOCK:
        old, lock, told = _from_lock(session, chosen)
    else:
        old, lock, told = _from_requirements(session, chosen, form)
    text = rendered(lock, form)
    from trued.operations.policy_check import check_lock

    judged = tuple(_as_installing_does(check_lock(session, lock, output).findings, lock))
    policy = _policy(session, lock, output, named, judged)
    aside = (*chosen.findings, *disagreements(session, chosen, lock))
    findings = (*aside, *named.findings, *asked, *told, *judged, *policy.findings)
    changes = tuple(version_changes(old, lock))
    return Migration(
        chosen=chosen,
        lock=lock,
        files=(_planned(session.cwd, output, text), *policy.files),
        changes=changes,
        kept=len({one.project for one in lock.packages} - {change.project for change in changes}),
        findings=findings,
        next_steps=tuple(_next_steps(settings, chosen, output, form)),
    )


def _as_installing_does(findings: Iterable[Finding], lock: Lock) -> Iterator[Finding]:
    """Yield *findings*, those about folders as warnings: a folder of the user's own is not refused."""
    folders = {one.text for one in lock.packages if one.direct and one.direct.kind is DirectKind.DIRECTORY}
    for finding in findings:
        is_folder = finding.code == "TRU622" and finding.subject in folders
        yield replace(finding, level=Level.WARNING) if is_folder else finding


def _from_lock(session: Session, chosen: Chosen) -> tuple[Lock, Lock, list[Finding]]:
    """Return the tool's lock as it is, the lock of it, and what is told."""
    from trued.operations.lock_publishers import with_publishers

    name = chosen.source.name
    old = read_lock(session, name)
    bound = with_lock_indexes(session, old)
    session.settings = replace(session.settings, indexes=(*session.settings.indexes, *bound))
    own = [one for one in old.packages if _is_project_itself(one)]
    lock = replace(old, packages=tuple(one for one in old.packages if one not in own), findings=())
    lock = _moved(lock, os.path.dirname(name), os.path.dirname(session.settings.output or ""))
    told = [
        *old.findings,
        *(Finding(code="TRU926", level=Level.NOTE, subject=one.text, place=one.place) for one in own),
    ]
    wanted = dict.fromkeys(one.project for one in lock.packages if one.direct is None)
    pages = session.client(FileOptions()).pages(wanted)
    compared = compare_with_index(lock, pages, shown=name)
    if any(finding.level is Level.ERROR for finding in compared.findings):
        raise Refused(*compared.findings)
    offered = {project: page.files for project, page in pages.items()}
    made, published = with_publishers(session, compared.lock, None, offered)
    made, unfetched = with_commit_digests(session, made, shown=session.settings.output or PYLOCK)
    made = replace(made, created_by="trued", tool={}).canonical()
    return lock, made, [*told, *compared.findings, *published, *unfetched, *_built_unlocked(made)]


def _built_unlocked(lock: Lock) -> Iterator[Finding]:
    """Tell of what is built where it is installed: no other tool's lock says with what."""
    for package in lock.packages:
        if package.direct is not None and not package.direct.is_one_file and not package.build:
            yield Finding(code="TRU934", level=Level.WARNING, subject=package.text, place=package.place)


def _moved(lock: Lock, old: str, new: str) -> Lock:
    """Return *lock* with its paths, which begin at its folder, beginning at the folder *new* instead."""
    if os.path.normpath(old or ".") == os.path.normpath(new or "."):
        return lock

    def moved(path: str | None) -> str | None:
        if path is None or os.path.isabs(path):
            return path
        return os.path.relpath(os.path.join(old, path), new or ".").replace(os.sep, "/")

    packages = [
        replace(
            package,
            files=tuple(replace(file, path=moved(file.path)) for file in package.files),
            direct=package.direct and replace(package.direct, path=moved(package.direct.path)),
        )
        for package in lock.packages
    ]
    return replace(lock, packages=tuple(packages))


def _is_project_itself(package: LockedPackage) -> bool:
    """Tell whether the entry is the folder that the lock stands in, which ``trued lock`` leaves out too."""
    direct = package.direct
    if direct is None or direct.kind is not DirectKind.DIRECTORY:
        return False
    return os.path.normpath(direct.path or ".") == "."


def _from_requirements(session: Session, chosen: Chosen, form: str) -> tuple[Lock, Lock, list[Finding]]:
    """Resolve what is asked for, with the versions and digests that are pinned now as constraints."""
    from trued.operations.lock import lock as make_lock
    from trued.operations.migration.setup_cfg import setup_cfg_requirements

    source = chosen.source
    files = (source.name,) if source.kind is SourceKind.REQUIREMENTS else ()
    arguments: tuple[str, ...] = ()
    if source.name == "setup.cfg":
        arguments = setup_cfg_requirements(session.cwd, source.name)
    elif source.kind is SourceKind.PROJECT:
        arguments = (source.name,)
    settings = session.settings
    session.settings = replace(
        settings, requirements=files, constraints=chosen.constraints, output="-", lock_format=form
    )
    try:
        made = make_lock(session, arguments, pins=chosen.pins)
    finally:
        session.settings = settings
    told = list(_groups_left_out(session)) if source.name == PROJECT_FILE else []
    pinned = [read_requirements_lock(session, name) for name in (chosen.pins or files)]
    old = replace(made.lock, packages=tuple(package for one in pinned for package in one.packages))
    return old, made.lock, [*told, *made.findings, *_lost_digests(old, made.lock)]


def _groups_left_out(session: Session) -> Iterator[Finding]:
    """Tell of the groups and extras of the project's file that are not asked for, as in ``trued lock``."""
    import tomllib

    with open(os.path.join(session.cwd, PROJECT_FILE), "rb") as file:
        document = tomllib.load(file)  # it was read before, so it can be
    stated = document.get("project")
    project = stated if isinstance(stated, dict) else {}
    tables_of = (
        ("--group", document.get("dependency-groups", {}), session.settings.groups),
        ("--extra", project.get("optional-dependencies", {}), session.settings.extras),
    )
    left = [
        f"{option} {name}"
        for option, tables, asked in tables_of
        if isinstance(tables, dict)
        for name in tables
        if normalize(name) not in map(normalize, asked)
    ]
    if left:
        values = {"what": f"not all of it is locked; {' '.join(left)} takes the rest"}
        yield Finding(code="TRU927", level=Level.NOTE, subject=PROJECT_FILE, values=values)


def _lost_digests(old: Lock, made: Lock) -> Iterator[Finding]:
    """Tell of pinned digests that no file of the release has; where none was left, the lock was refused."""
    held: dict[ProjectName, set[object]] = {}
    for package in made.packages:
        held.setdefault(package.project, set()).update(
            digest for file in package.files for digest in file.digests
        )
    for package in old.packages:
        stated = [digest for file in package.files for digest in file.digests]
        lost = [digest for digest in stated if digest not in held.get(package.project, set())]
        comparable = [digest for digest in lost if digest.algorithm == "sha256"]
        if comparable:
            values = {
                "count": str(len(comparable)),
                "of": str(len(stated)),
                "files": ", ".join(map(str, comparable[:2])) + (", ..." if len(comparable) > 2 else ""),
            }
            yield Finding(
                code="TRU930", level=Level.WARNING, subject=package.text, place=package.place, values=values
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    files: tuple[PlannedFile, ...] = ()
    findings: tuple[Finding, ...] = ()


def _policy(
    session: Session, lock: Lock, output: str, named: NamedIndexes, findings: Iterable[Finding]
) -> _Policy:
    """Return the policy to write; one that is there already stays as it is."""
    from trued.operations.migration.exceptions import exception_lines

    path = os.path.join(session.cwd, POLICY_FILE)
    if os.path.exists(path):
        values = {"what": "it is there already, and stays as it is"}
        return _Policy(
            findings=(Finding(code="TRU927", level=Level.NOTE, subject=POLICY_FILE, values=values),)
        )
    sections = "".join(
        (
            *index_lines(session, lock, named=named),
            *exception_lines(lock, findings, today=session.started.date()),
        )
    )
    text = policy_of_lock(lock, output, sections=sections).text
    return _Policy(files=(PlannedFile(name=POLICY_FILE, text=text, old=None),))


def _planned(folder: str, name: str, text: str) -> PlannedFile:
    if name == "-":
        return PlannedFile(name=name, text=text, old=None)
    try:
        with open(os.path.join(folder, name), "rb") as file:
            old = file.read()
    except FileNotFoundError:
        return PlannedFile(name=name, text=text, old=None)
    except OSError as error:
        values = {"reason": error.strerror or "the system does not say why"}
        raise UsageError(Finding(code="TRU575", subject=name, place=Place(name), values=values)) from error
    return PlannedFile(name=name, text=text, old=old)


_LOCKING = {"uv": "uv lock", "poetry": "poetry lock", "pdm": "pdm lock", "pipenv": "pipenv lock"}


def _next_steps(settings: Settings, chosen: Chosen, output: str, form: str) -> Iterator[tuple[str, str]]:
    opened = "".join(f" --allow-build {name}" for name in settings.allow_build)
    install = f"trued sync {output}" if form == "pylock" else f"trued install -r {output}"
    yield f"{install} --venv .venv{opened}", "install it, proven"
    yield f"trued audit {output if form == 'pylock' else f'-r {output}'}", "look for known vulnerabilities"
    source = chosen.source
    shown = "" if output == PYLOCK else f" -o {output}"
    if source.kind is SourceKind.REQUIREMENTS:
        yield f"trued lock -r {source.name}{shown}{opened}", "from now on, to lock again"
    elif source.kind is SourceKind.PROJECT:
        yield f"trued lock{shown}{opened}", "from now on, to lock again"
    elif source.tool in _LOCKING:
        yield f"{_LOCKING[source.tool]} && trued migrate --yes{opened}", "while both tools are in use"
