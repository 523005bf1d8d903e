"""Build dependencies: chosen, proven, judged and installed like everything else, into a folder of their own.

A lock names them, or they are resolved now. In hash-checking mode each needs a digest from the lock or from
a ``--build-constraint`` file: pip checks none of them, and so trusts a stranger with the build.
"""

from __future__ import annotations

from trued.build.origin import BuildDependency
from trued.core.errors import Refused, UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.names import normalize
from trued.core.record import dataclass, field, replace
from trued.requirements.allowed import NOTHING_STATED
from trued.requirements.hashmode import HashMode, hash_mode
from trued.requirements.model import FileOptions, Kind, Requirement, RequirementSet
from trued.requirements.wanted import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.version import Version

    from trued.core.names import ProjectName
    from trued.environment.target import Target
    from trued.operations.asked import Asked
    from trued.operations.fitting import Interpreter
    from trued.operations.offer import Judged
    from trued.operations.resolve import Resolution
    from trued.operations.session import Session
    from trued.requirements.allowed import Allowed
    from trued.requirements.lock.model import LockedPackage

__all__ = [
    "BuildEnvironment",
    "BuildPins",
    "BuildRoots",
    "build_roots",
    "check_installed",
    "chosen_by_lock",
    "chosen_now",
    "install_chosen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPins:
    """The build dependencies that a lock names for one project; ``file`` is the lock as the user knows it."""

    packages: tuple[LockedPackage, ...]
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """What was installed for a build, into which folder, and the interpreter that sees it."""

    site: str = ""
    python: str = ""
    dependencies: tuple[BuildDependency, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRoots:
    """What a build asks for, and what bounds the choice: ``--build-constraint`` files, hash-checking mode."""

    requires: tuple[str, ...]
    place: Place
    constraints: tuple[Requirement, ...]
    mode: HashMode
    options: FileOptions

    def allowed(self, project: ProjectName) -> Allowed:
        """Return the digests that constraints list for *project*."""
        together = NOTHING_STATED
        for line in self.constraints:
            if line.project == project:
                together = together.merged(line.allowed)
        return together


def build_roots(
    session: Session, requires: Sequence[str], *, shown: str, mode: HashMode, options: FileOptions
) -> BuildRoots:
    """Return what the build of *shown* starts from; *mode* and *options* are those of the run.

    A hash in a ``--build-constraint`` file asks for one for every build dependency, as in pip.

    Raises: UsageError with every mistake of the files; Refused TRU469 for a requirement by URL.
    """
    from trued.requirements.files import read_requirements

    read = RequirementSet()
    if session.settings.build_constraints:
        read = read_requirements(
            (),
            constraints=session.settings.build_constraints,
            environ=session.environ,
            open_url=session.open_url,
            limits=session.limits,
        )
    place = Place(f"needed by the build of {shown}")
    _refuse_direct(requires, place)
    constrained = replace(read, options=replace(read.options, require_hashes=None, no_require_hashes=None))
    return BuildRoots(
        requires=tuple(dict.fromkeys(requires)),
        place=place,
        constraints=tuple(line for line in read.constraints if line.project is not None),
        mode=mode if mode.is_on or mode.because is not None else hash_mode(constrained),
        options=options,
    )


def _refuse_direct(requires: Sequence[str], place: Place) -> None:
    findings = []
    for text in requires:
        reason = _unfit(text)
        if reason:
            values = {"reason": reason, "by": place.file}
            findings.append(Finding(code="TRU469", subject=text[:200], values=values))
    if findings:
        raise Refused(*findings)


def _unfit(text: str) -> str:
    """Return why the line *text*, which a stranger's backend asks for, is not taken; empty where it is."""
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement

    from trued.requirements.pep508 import read_line

    try:
        requirement = read_line(text)
        if requirement.marker is not None:
            requirement.marker.evaluate()
    except InvalidRequirement:
        return "it is no requirement (PEP 508)"
    except (UndefinedComparison, UndefinedEnvironmentName):
        return "its marker compares what has no order"
    return "it names a URL of its own" if requirement.url else ""


def chosen_now(
    session: Session,
    roots: BuildRoots,
    *,
    interpreter: Interpreter,
    kept: Mapping[ProjectName, Version] | None = None,
) -> Asked:
    """Choose a version of each build dependency, and of what they need in turn.

    Raises: NoSolution, GaveUp, OperationalError as :meth:`trued.operations.resolve.Resolver.resolve`; Refused
    TRU472 with the lines that are missing, when each needs a digest.
    """
    from trued.operations.asked import Asked
    from trued.operations.resolve import Resolver, target_of
    from trued.operations.roots import Roots, allowed_of, pep508
    from trued.resolution.provider import Root

    resolver = Resolver(
        session,
        Roots(
            roots=tuple(Root(text, roots.place) for text in roots.requires),
            constraints=tuple(Root(pep508(line), line.place) for line in roots.constraints),
            options=roots.options,
            allowed=allowed_of(roots.constraints),
        ),
        wheels_only=True,
    )
    resolution = resolver.resolve([target_of(interpreter)], lambda _: kept or {})
    packages = resolution.solution.packages
    wanted = [_wanted(one.project, str(one.version), one.extras, roots) for one in packages]
    if roots.mode.is_on:
        _refuse_unhashed(wanted, resolution, roots)
    return Asked(
        wanted=tuple(wanted),
        options=roots.options,
        mode=roots.mode,
        findings=resolution.findings,
        offered={one.project: resolution.files(one.project, one.version) for one in packages},
    )


def _wanted(project: ProjectName, version: str, extras: Sequence[str], roots: BuildRoots) -> Wanted:
    line = Requirement(
        place=roots.place,
        text=f"{project}=={version}",
        kind=Kind.NAMED,
        project=project,
        extras=frozenset(extras),
        specifier=f"=={version}",
        allowed=roots.allowed(project),
    )
    return Wanted(project=project, lines=(line,))


def _refuse_unhashed(wanted: Sequence[Wanted], resolution: Resolution, roots: BuildRoots) -> None:
    """Refuse build dependencies without digest, all together, with every line that would mend it."""
    from packaging.version import Version

    from trued.requirements.rewrite import hashed_lines

    missing = [one for one in wanted if one.allowed.is_empty]
    if not missing:
        return
    lines = []
    for one in wanted:
        if one.project is None:
            continue
        files = resolution.files(one.project, Version(one.pinned_version or "0"))
        claims = {claim for file in files for claim in file.digests if claim.algorithm == "sha256"}
        lines.append(hashed_lines(one.text, sorted(claims.union(one.allowed.digests))))
    names = ", ".join(str(one.project) for one in missing)
    values = {"names": names, "because": str(roots.mode.because), "lines": "\n".join(lines)}
    raise Refused(Finding(code="TRU472", subject=roots.place.file.removeprefix("needed by "), values=values))


def chosen_by_lock(
    session: Session, roots: BuildRoots, pins: BuildPins, *, interpreter: Interpreter
) -> Asked:
    """Return the build dependencies that the lock names, after looking that they are what is needed.

    Raises: Refused TRU473 with each requirement that no locked release meets.
    """
    from trued.operations.lock_install import ask_packages

    asked = ask_packages(
        session, pins.packages, markers=interpreter.markers, tags=interpreter.tags, shown=pins.file
    )
    unmet = _unmet(roots.requires, {one.project: one.pinned_version for one in asked.wanted}, interpreter)
    if unmet:
        subject = roots.place.file.removeprefix("needed by ")
        raise Refused(
            *(
                Finding(code="TRU473", subject=subject, place=Place(pins.file), values=values)
                for values in unmet
            )
        )
    lines = [replace(one.lines[0], place=roots.place) for one in asked.wanted]
    wanted = tuple(Wanted(project=line.project, lines=(line,)) for line in lines)
    return replace(asked, wanted=wanted)


def _unmet(
    requires: Sequence[str], versions: Mapping[ProjectName | None, str | None], interpreter: Interpreter
) -> list[dict[str, str]]:
    from trued.requirements.marker import holds
    from trued.requirements.pep508 import read_line

    unmet = []
    for text in requires:
        requirement = read_line(text)
        if not holds(requirement.marker, interpreter.markers):
            continue
        version = versions.get(normalize(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            unmet.append({"requirement": text, "locked": version or "nothing"})
    return unmet


def install_chosen(
    session: Session, asked: Asked, *, interpreter: Interpreter, target: Target
) -> BuildEnvironment:
    """Prove and judge what *asked* names, and install it into *target*, a folder of its own.

    *session* is that of the build; the store is in use. Raises: Refused with all that stands against any of
    them; OperationalError.
    """
    from trued.operations.apply import apply_steps
    from trued.operations.install import dependency_findings, settled, steps_for
    from trued.operations.lock_install import size_findings
    from trued.operations.prove import prove_all

    proven = prove_all(session, asked, interpreter=interpreter)
    findings = [
        *proven.findings,
        *dependency_findings(session, asked, proven.judged, interpreter),
        *size_findings(asked, proven.judged),
    ]
    told = settled(session, asked, findings, proven)
    steps = steps_for(session, proven.judged, target)
    warnings = apply_steps(session, steps, target=target)
    return BuildEnvironment(
        site=target.prefix,
        python=target.python,
        dependencies=tuple(sorted(map(_dependency, proven.judged), key=lambda one: one.project)),
        findings=tuple(one for one in (*told, *warnings) if one.level is not Level.NOTE),
    )


def _dependency(judged: Judged) -> BuildDependency:
    file = judged.offer.distribution
    return BuildDependency(
        project=str(file.project),
        version=judged.manifest["version"] if judged.manifest else file.version,
        filename=file.filename,
        sha256=judged.digests["sha256"],
    )


def check_installed(
    requires: Sequence[str], versions: Mapping[ProjectName | None, str | None], *, interpreter: Interpreter
) -> None:
    """Look whether what is installed meets *requires*. Raises: UsageError TRU477 with each that is not."""
    unmet = _unmet(requires, versions, interpreter)
    if unmet:
        raise UsageError(
            *(
                Finding(
                    code="TRU477",
                    subject=values["requirement"],
                    values={"found": values["locked"].replace("nothing", "not installed")},
                )
                for values in unmet
            )
        )
