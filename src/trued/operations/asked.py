"""What one call asks for: requirement files and arguments, read and put together for the target."""

from __future__ import annotations

from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.operations.build_dependencies import BuildPins
    from trued.operations.direct import BuiltSource
    from trued.operations.fitting import Interpreter
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.operations.sources import SourceTrees
    from trued.proof.publisher import Publisher
    from trued.requirements.hashmode import HashMode
    from trued.requirements.model import FileOptions, Requirement
    from trued.requirements.wanted import Wanted

__all__ = ["Asked", "ask", "ask_for", "prepared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The projects wanted on the target, the options that files set, and what was noticed while reading.

    ``findings`` may hold errors: they refuse the run, but first everything else is looked at too.
    """

    wanted: tuple[Wanted, ...]
    options: FileOptions
    mode: HashMode
    findings: tuple[Finding, ...]
    offered: Mapping[ProjectName, Sequence[Distribution]] = field(default_factory=dict)
    """Files of which a lock or a resolution already tells where they are: no index is asked for them."""
    publishers: Mapping[ProjectName, tuple[Publisher, ...]] = field(default_factory=dict)
    """Who published each project when it was locked."""
    builds: Mapping[ProjectName, BuildPins] = field(default_factory=dict)
    """What a lock says each project is built with."""
    constraints: tuple[Requirement, ...] = ()
    """Those that apply to the target, of whatever project: they bound what is chosen as a dependency too."""
    trees: SourceTrees | None = None
    """Where the folders and repositories among the requirements are made ready, if there are any."""
    sources: Mapping[ProjectName, BuiltSource] = field(default_factory=dict)
    """What was built of folders and repositories."""
    ready: Mapping[ProjectName, Judged] = field(default_factory=dict)
    """Direct archives that were judged already, because what they need decides about the rest."""


def ask_for(
    session: Session,
    arguments: Sequence[str],
    interpreter: Interpreter,
    installed: Iterable[Installed] = (),
    *,
    builds: bool = True,
) -> Asked:
    """Return what is asked for: by a lock alone, or by requirements, whose versions are chosen if need be.

    In hash-checking mode nothing is chosen: what is not listed stays that. With ``--fix`` neither, because
    the digests go into the lines as they stand. Without *builds* what a lock takes from folders and
    repositories is not built.
    """
    from trued.requirements.lock.lock_name import is_lock_name
    from trued.requirements.model import Kind

    files = session.settings.requirements
    locks = [file for file in files if is_lock_name(file)]
    if locks:
        from trued.operations.lock_install import ask_lock

        if arguments or len(files) > 1:
            raise UsageError(Finding(code="TRU587", subject=locks[0], place=Place(locks[0])))
        asked = ask_lock(session, locks[0], markers=interpreter.markers, tags=interpreter.tags)
        return prepared(session, asked, interpreter) if builds else asked
    asked = ask(session, arguments, markers=interpreter.markers)
    if _fails(asked):
        return asked
    asked = prepared(session, asked, interpreter)
    is_open = any(one.kind is Kind.NAMED for one in asked.wanted) or asked.sources or asked.ready
    if asked.mode.is_on or session.settings.fix or not is_open:
        return asked
    from trued.operations.ranges import with_versions

    return with_versions(session, asked, interpreter, installed)


def prepared(session: Session, asked: Asked, interpreter: Interpreter) -> Asked:
    """Return *asked* with what has to be built of folders and repositories built.

    Raises: Refused, OperationalError with everything that keeps one from being built.
    """
    if asked.trees is None:
        return asked
    from trued.operations.direct import with_sources

    return with_sources(session, asked, interpreter)


def _fails(asked: Asked) -> bool:
    return any(finding.level is Level.ERROR for finding in asked.findings)


def ask(session: Session, arguments: Sequence[str], *, markers: Mapping[str, str]) -> Asked:
    """Read the requirement files, constraints and *arguments*, for a target with these *markers*.

    Raises: UsageError with every mistake of every file.
    """
    from trued.requirements.files import read_requirements
    from trued.requirements.hashmode import hash_mode
    from trued.requirements.marker import evaluate
    from trued.requirements.model import Kind
    from trued.requirements.wanted import gather

    settings = session.settings
    read = read_requirements(
        settings.requirements,
        constraints=settings.constraints,
        arguments=[*arguments, *_of_groups(session)],
        editables=settings.editables,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
    )
    mode = hash_mode(
        read,
        require_hashes=_place(session, "require-hashes") if settings.require_hashes else None,
        no_require_hashes=_place(session, "no-require-hashes") if settings.no_require_hashes else None,
    )
    trees = None
    if any(line.kind is not Kind.NAMED for line in (*read.requirements, *read.constraints)):
        from trued.operations.direct import named
        from trued.operations.sources import SourceTrees

        trees = SourceTrees(session)
        read = named(session, read, trees, mode=mode, markers=markers)
    gathered = gather(read, environment=markers)
    return Asked(
        wanted=gathered.wanted,
        options=read.options,
        mode=mode,
        findings=(*read.findings, *gathered.findings),
        constraints=tuple(line for line in read.constraints if evaluate(line.marker, markers)),
        trees=trees,
    )


def _of_groups(session: Session) -> list[str]:
    """Return the requirements of the dependency groups asked for, from the project's file (pip 25.1)."""
    groups = session.settings.groups
    if not groups:
        return []
    import os

    from trued.operations.project_file import PROJECT_FILE, read_project_file

    path = os.path.join(session.cwd, PROJECT_FILE)
    project = read_project_file(path, shown=PROJECT_FILE, groups=groups, only_groups=True)
    return [one.text for one in project.requirements]


def _place(session: Session, key: str) -> Place:
    """Return where the option *key* was set: a file's line, or its flag or variable."""
    origin = session.settings.origins.get(key)
    if origin is None:
        return Place(f"--{key}")
    return origin.place or Place(origin.name)
