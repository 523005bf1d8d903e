"""``trued audit --fix``: the nearest releases without advisories, by the resolver and the policy."""

from __future__ import annotations

import os

from trued.advisories.outcome import FixStep
from trued.core.errors import Refused, TruedError
from trued.core.record import replace
from trued.operations.audit.asking import ask
from trued.operations.audit.audited import Candidate
from trued.operations.audit.fix_advice import OnlyFor, fix_advice
from trued.operations.audit.fix_lines import Move, moved_file
from trued.operations.audit.naming import LOCKS
from trued.requirements.lock.lock_name import is_lock_name, is_pylock_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from packaging.version import Version

    from trued.advisories.outcome import AuditHit, AuditOutcome
    from trued.core.digest import Digest
    from trued.core.names import ProjectName
    from trued.operations.resolve import Resolution
    from trued.operations.session import Session
    from trued.requirements.model import Requirement, RequirementSet
    from trued.requirements.rewrite import Rewritten
    from trued.resolution.candidates import Advice

__all__ = ["fix", "reason_of", "step_of"]


def fix(session: Session, outcome: AuditOutcome, arguments: Sequence[str]) -> AuditOutcome:
    """Move what is affected to the nearest releases that are not, unless ``--dry-run``; return the steps.

    Requirement files and ``pylock.toml`` are rewritten; anything else is told as blocked, with who can do it.

    Raises: OperationalError, UsageError when nothing could be tried.
    """
    if not outcome.hits:
        return outcome
    inputs = [_file_of(session, one) for one in (*session.settings.requirements, *arguments)]
    files = [one for one in inputs if os.path.isfile(os.path.join(session.cwd, one))]
    affected = _affected(outcome.hits)
    if len(files) == 1 and is_pylock_name(os.path.basename(files[0])):
        from trued.operations.audit.fix_lock import fix_lock

        return fix_lock(session, outcome, files[0], affected)
    if not files or len(files) != len(inputs) or not all(map(_is_requirements, files)):
        return _blocked(outcome, affected, _who_can(inputs))
    return _Requirements(session, outcome, files, affected).fixed()


def _file_of(session: Session, argument: str) -> str:
    """Return the lock that was audited where *argument* is the folder of a project."""
    lock = os.path.normpath(os.path.join(argument, LOCKS[0]))
    path = os.path.join(session.cwd, argument)
    is_project = os.path.isdir(path) and not os.path.exists(os.path.join(path, "pyvenv.cfg"))
    return lock if is_project and os.path.isfile(os.path.join(session.cwd, lock)) else argument


def _is_requirements(file: str) -> bool:
    return not is_lock_name(file) and not file.endswith((".json", ".whl", ".tar.gz", "pyproject.toml"))


def _affected(hits: Iterable[AuditHit]) -> dict[ProjectName, list[AuditHit]]:
    found: dict[ProjectName, list[AuditHit]] = {}
    for hit in hits:
        if hit.match.is_affected:
            found.setdefault(hit.package.project, []).append(hit)
    return found


def _who_can(inputs: Sequence[str]) -> str:
    names = {os.path.basename(one) for one in inputs}
    if not inputs or any("." not in name for name in names):
        return "an environment is changed by installing a lock or requirements that are fixed"
    return f"trued does not write {', '.join(sorted(names))}; its own tool does"


def _blocked(
    outcome: AuditOutcome, affected: Mapping[ProjectName, Sequence[AuditHit]], reason: str
) -> AuditOutcome:
    return replace(outcome, fixes=tuple(step_of(hits, blocked_by=reason) for hits in affected.values()))


def step_of(hits: Sequence[AuditHit], *, new: str = "", blocked_by: str = "") -> FixStep:
    """Return the step for one project by its *hits*."""
    package = hits[0].package
    return FixStep(
        project=package.project,
        old=package.version,
        new=new,
        ids=tuple(dict.fromkeys(hit.id for hit in hits)),
        blocked_by=blocked_by,
    )


def reason_of(error: TruedError) -> str:
    """Return what stands in the way, from the findings of *error*, in a few lines."""
    from trued.report.page import sentences

    return " ".join(" ".join(one.message.split()) for one in sentences(error.findings))[:1000]


class _Requirements:
    """Moves pins of requirement files, all together if that can be, else one after the other."""

    def __init__(
        self,
        session: Session,
        outcome: AuditOutcome,
        files: Sequence[str],
        affected: Mapping[ProjectName, list[AuditHit]],
    ) -> None:
        from trued.requirements.files import read_requirements

        self._session = session
        self._outcome = outcome
        self._affected = affected
        self._files = files
        self._read: RequirementSet = read_requirements(
            files,
            constraints=session.settings.constraints,
            environ=session.environ,
            open_url=session.open_url,
            limits=session.limits,
        )
        self._lines: dict[ProjectName, list[Requirement]] = {}
        for line in self._read.requirements:
            if line.project is not None:
                self._lines.setdefault(line.project, []).append(line)
        self._advice: Advice | None = None

    def fixed(self) -> AuditOutcome:
        steps = {project: self._unmovable(project) for project in self._affected}
        movable = [project for project, step in steps.items() if step is None]
        service = self._outcome.source.service
        self._advice = fix_advice(self._session, service, movable) if movable else None
        if movable and self._advice is None:
            reason = "the index tells of one release at a time; use --service osv or a local database"
            return _blocked(self._outcome, self._affected, reason)
        moved, resolution = self._moved(movable, steps)
        rewritten: tuple[Rewritten, ...] = ()
        if resolution is not None:
            rewritten = self._rewritten(moved, resolution)
            for project in moved:
                new = str(_version(resolution, project))
                steps[project] = step_of(self._affected[project], new=new)
            if not self._session.settings.dry_run:
                self._save(rewritten)
        return replace(
            self._outcome,
            fixes=tuple(step for step in steps.values() if step is not None),
            diff="".join(one.diff for one in rewritten),
            is_fixed=bool(rewritten) and not self._session.settings.dry_run,
        )

    def _unmovable(self, project: ProjectName) -> FixStep | None:
        """Return why *project* cannot even be tried, ``None`` when it can."""
        hits, lines = self._affected[project], self._lines.get(project, [])
        if not lines:
            return step_of(hits, blocked_by="no line asks for it; what pulls it in has to be pinned")
        if any(not line.pinned_version for line in lines):
            return step_of(hits, blocked_by=f"{lines[0].text} leaves its version open, and the newest has it")
        if any("://" in line.place.file for line in lines):
            return step_of(hits, blocked_by="its line stands in a file from the network")
        return None

    def _moved(
        self, movable: Sequence[ProjectName], steps: dict[ProjectName, FixStep | None]
    ) -> tuple[list[ProjectName], Resolution | None]:
        if not movable:
            return [], None
        try:
            return list(movable), self._resolved(movable)
        except Refused as error:
            if len(movable) == 1:
                steps[movable[0]] = step_of(self._affected[movable[0]], blocked_by=reason_of(error))
                return [], None
        moved: list[ProjectName] = []
        resolution = None
        for project in movable:
            try:
                resolution = self._resolved([*moved, project])
                moved.append(project)
            except Refused as error:
                steps[project] = step_of(self._affected[project], blocked_by=reason_of(error))
        return moved, resolution

    def _resolved(self, moving: Sequence[ProjectName]) -> Resolution:
        """Resolve with the lines of *moving* opened upwards, and audit what comes of it.

        Raises: Refused when there is no solution, or it has advisories itself.
        """
        from packaging.version import Version

        from trued.operations.fitting import interpreter_for
        from trued.operations.resolve import Resolver, target_of
        from trued.operations.roots import Roots, pep508
        from trued.requirements.model import Kind
        from trued.resolution.provider import Root

        session, read = self._session, self._read
        named = [line for line in read.requirements if line.project is not None and line.kind is Kind.NAMED]
        roots = Roots(
            roots=tuple(
                Root(_opened(line) if line.project in moving else pep508(line), line.place) for line in named
            ),
            constraints=tuple(Root(pep508(line), line.place) for line in read.constraints if line.project),
            options=read.options,
        )
        advice = OnlyFor(self._advice, frozenset(moving)) if self._advice else None
        with_needs = not session.settings.no_deps
        resolver = Resolver(session, roots, advised=False, advice=advice, dependencies=with_needs)
        target = target_of(interpreter_for(session.settings, session.find_interpreter()))
        present = {one: Version(self._affected[one][0].package.version) for one in moving}
        kept = resolver.preferred(present, target, nearest=True)
        resolution = resolver.resolve([target], lambda _: kept)
        self._check(resolution)
        return resolution

    def _check(self, resolution: Resolution) -> None:
        """Refuse a solution that brings a release with advisories which was not there before."""
        from trued.advisories.outcome import AuditedPackage
        from trued.advisories.telling import match_finding

        known = {(package.project, package.version) for package in self._outcome.packages}
        new = [
            Candidate(package=AuditedPackage(project=one.project, version=str(one.version)))
            for one in resolution.solution.packages
            if (one.project, str(one.version)) not in known
        ]
        answered = ask(self._session, new) if new else None
        against = [
            match_finding(match, rating)
            for match, rating in (answered.matches if answered else ())
            if match.is_affected and match.record.id not in self._ignored()
        ]
        if against:
            raise Refused(*against)

    def _ignored(self) -> set[str]:
        return {aside.hit.id for aside in self._outcome.aside}

    def _rewritten(self, moved: Sequence[ProjectName], resolution: Resolution) -> tuple[Rewritten, ...]:
        by_file: dict[str, list[Move]] = {}
        for project in moved:
            version = _version(resolution, project)
            digests = _digests(resolution, project, version)
            for line in self._lines[project]:
                wanted = digests if not line.allowed.is_empty else ()
                old = line.pinned_version or ""
                by_file.setdefault(line.place.file, []).append(
                    Move(line.place.line, old, str(version), wanted)
                )
        added = self._added(resolution)
        last = self._files[-1]
        if added:
            by_file.setdefault(last, [])
        return tuple(
            moved_file(file, moves, added if file == last else {}, cwd=self._session.cwd)
            for file, moves in by_file.items()
        )

    def _added(self, resolution: Resolution) -> dict[str, Sequence[Digest]]:
        """Return the requirements that a hashed file lacks, since nothing else would be installed."""
        if not any(not line.allowed.is_empty for line in self._read.requirements):
            return {}
        return {
            f"{one.project}=={one.version}": _digests(resolution, one.project, one.version)
            for one in resolution.solution.packages
            if one.project not in self._lines
        }

    def _save(self, rewritten: Iterable[Rewritten]) -> None:
        from trued.requirements.rewrite import save

        for one in rewritten:
            save(one)


def _opened(line: Requirement) -> str:
    from trued.operations.roots import pep508

    return pep508(replace(line, specifier=f">={(line.pinned_version or '').partition('+')[0]}"))


def _version(resolution: Resolution, project: ProjectName) -> Version:
    return next(one.version for one in resolution.solution.packages if one.project == project)


def _digests(resolution: Resolution, project: ProjectName, version: Version) -> tuple[Digest, ...]:
    """Return a sha256 for each file of the release, as its index states them."""
    files = resolution.files(project, version)
    found = {digest for file in files for digest in file.digests if digest.algorithm == "sha256"}
    return tuple(sorted(found))
