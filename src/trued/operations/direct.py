"""What no index offers, joined with the rest of a run: named, built, judged, and resolved with the others.

A direct requirement fixes its project's one release. Its metadata comes from the wheel that was built of it
here, or from the archive once that was proven; nothing is read of a file before.
"""

from __future__ import annotations

from trued.core.errors import OperationalError, Refused, TruedError, UsageError
from trued.core.finding import Finding
from trued.core.names import normalize
from trued.core.record import dataclass, replace
from trued.operations.sources import source_of, stated_name
from trued.requirements.marker import evaluate
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trued.core.names import ProjectName
    from trued.operations.asked import Asked
    from trued.operations.building import Built
    from trued.operations.fitting import Interpreter
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.operations.sources import SourceTree, SourceTrees
    from trued.requirements.hashmode import HashMode
    from trued.requirements.model import Requirement, RequirementSet
    from trued.requirements.wanted import Wanted
    from trued.resolution.direct import DirectRelease

__all__ = [
    "BuiltSource",
    "direct_releases",
    "is_source",
    "metadata_of",
    "named",
    "permitted",
    "raise_together",
    "refuse_unopened",
    "release_of",
    "with_sources",
]

_TREES = (Kind.DIRECTORY, Kind.VCS, Kind.EDITABLE)
_BUILDING = ("download", "install", "wheel")
"""Commands that need the wheel anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSource:
    """A tree and the wheel built of it, not in the store yet; ``release`` is what its metadata says."""

    tree: SourceTree
    built: Built
    release: DirectRelease


def is_source(line: Requirement) -> bool:
    """Tell whether *line* names a folder or a repository: what has to be built here."""
    return line.kind in _TREES


def permitted(session: Session, line: Requirement, mode: HashMode) -> bool:
    """Tell whether *line* may be built in *mode*.

    Where every file needs a digest, that is a repository whose tree's digest a lock states, or at a full
    commit on a host of ``commit-is-proof``; and a folder that a lock names.
    """
    if not mode.is_on:
        return not line.allowed.alternatives and not line.allowed.bound
    if line.is_locked:
        return line.kind is not Kind.VCS or line.tree_sha256 is not None or _is_proof(session, line)
    return line.kind is Kind.VCS and _is_proof(session, line)


def _is_proof(session: Session, line: Requirement) -> bool:
    from trued.build.git_address import UnfitAddress, read_address
    from trued.operations.git_access import commit_is_proof

    if not line.allowed.is_empty or not (line.url or "").startswith("git+"):
        return False
    try:
        address = read_address(line.url or "", line.credentials)
    except UnfitAddress:
        return False
    return bool(address.commit) and commit_is_proof(session, address.url)


def named(
    session: Session,
    read: RequirementSet,
    trees: SourceTrees,
    *,
    mode: HashMode,
    markers: Mapping[str, str] | None,
) -> RequirementSet:
    """Return *read* with the projects' names where only folders, repositories or file names tell them.

    With *markers* only lines that apply to the target are looked at.

    Raises: Refused, UsageError, OperationalError with everything that keeps a name from being had.
    """
    nameless = [line for line in read.requirements if line.project is None and line.kind is not Kind.NAMED]
    if not nameless:
        return read
    session.builder.mode, session.builder.options = mode, read.options
    problems: list[TruedError] = []
    names: dict[int, ProjectName | None] = {}
    for line in nameless:
        if markers is not None and not evaluate(line.marker, markers):
            continue
        try:
            names[id(line)] = _name_of(session, line, trees, mode)
        except TruedError as error:
            problems.append(error)
    raise_together(problems)
    return replace(
        read,
        requirements=tuple(
            replace(line, project=names[id(line)], names_itself=True) if id(line) in names else line
            for line in read.requirements
        ),
    )


def _name_of(session: Session, line: Requirement, trees: SourceTrees, mode: HashMode) -> ProjectName | None:
    if not is_source(line):
        return _name_of_archive(line)
    if not permitted(session, line, mode):
        return None  # told by the rules of hash-checking mode
    tree = trees.tree_of(line)
    stated = stated_name(tree.folder)
    if stated:
        return normalize(stated)
    builder, source = session.builder, source_of(line, tree, config_settings=line.config_settings)
    if session.command in _BUILDING and not (builder.rules.hosts or builder.rules.unconfined):
        return normalize(builder.build(source).origin.project)  # built but once, under whatever name
    return release_of(builder.metadata(source), line).project


def _name_of_archive(line: Requirement) -> ProjectName:
    """Return the project of an archive's name (PEP 625). Raises: UsageError TRU496 where it tells none."""
    from trued.operations.sdist_name import parse_sdist_name
    from trued.requirements.url import filename_of

    filename = filename_of(line.url) if line.url else (line.path or "").replace("\\", "/").rpartition("/")[2]
    parsed = parse_sdist_name(filename)
    if parsed is None:
        finding = Finding(code="TRU496", subject=line.text, place=line.place, values={"filename": filename})
        raise UsageError(finding)
    return parsed[0]


def with_sources(session: Session, asked: Asked, interpreter: Interpreter) -> Asked:
    """Return *asked* with the wheels of its folders and repositories built, and its archives judged.

    The archives are judged where the rest has to be chosen by what they need.

    Raises: Refused or OperationalError with everything that keeps one from being built.
    """
    if asked.trees is None:
        return asked
    session.builder.heed(asked)
    problems: list[TruedError] = []
    sources = {}
    for wanted in asked.wanted:
        line = wanted.source
        if not is_source(line) or wanted.project is None or not permitted(session, line, asked.mode):
            continue
        try:
            sources[wanted.project] = _built(session, wanted, asked.trees)
        except TruedError as error:
            problems.append(error)
    raise_together(problems)
    asked = replace(asked, sources=sources)
    settings = session.settings
    if asked.mode.is_on or settings.fix or settings.no_deps:
        return asked
    return replace(asked, ready=_judged_archives(session, asked, interpreter))


def _built(session: Session, wanted: Wanted, trees: SourceTrees) -> BuiltSource:
    line = replace(wanted.source, project=wanted.project)
    refuse_unopened(session, line)
    known = trees.known(line)
    if known is not None and line.tree_sha256 in (None, known.content):
        source = source_of(line, known, config_settings=wanted.config_settings)
        kept = session.builder.kept(source)
        if kept is not None:
            return BuiltSource(tree=known, built=kept, release=release_of(metadata_of(session, kept), line))
    tree = trees.tree_of(line)
    if line.tree_sha256 is not None and line.tree_sha256 != tree.content:
        values = {"stated": line.tree_sha256, "found": tree.content}
        raise Refused(Finding(code="TRU492", subject=line.text, place=line.place, values=values))
    source = source_of(line, tree, config_settings=wanted.config_settings)
    built = session.builder.build(source)
    return BuiltSource(tree=tree, built=built, release=release_of(metadata_of(session, built), line))


def refuse_unopened(session: Session, line: Requirement) -> None:
    """Refuse what is named by a constraint alone and not opened, before anything is fetched.

    A constraint bounds what others ask for; it is no leave to run something. Raises: Refused TRU470, TRU471.
    """
    against = session.builder.may(line.project, place=line.place) if line.constraint else None
    if against is not None:
        raise Refused(against)


def metadata_of(session: Session, built: Built) -> bytes:
    """Return METADATA of a wheel that was built."""
    from trued.wheel.file import metadata_at

    return metadata_at(built.path, filename=built.filename, limits=session.limits)


def release_of(metadata: bytes, line: Requirement) -> DirectRelease:
    """Read METADATA. Raises: Refused TRU494 where it is another project's, or cannot be read."""
    from packaging.version import InvalidVersion, Version

    from trued.resolution.direct import DirectRelease
    from trued.resolution.source import CandidateMetadata
    from trued.wheel.headers import read_headers

    headers = read_headers(metadata)
    name = next(iter(headers.get("name", ())), "")
    version = next(iter(headers.get("version", ())), "")
    try:
        parsed = Version(version)
    except InvalidVersion:
        parsed = None
    if parsed is None or not name or line.project not in (None, normalize(name)):
        values = {"found": f"{name or 'no name'} {version or 'without a version'}"}
        raise Refused(Finding(code="TRU494", subject=line.text, place=line.place, values=values))
    return DirectRelease(
        project=normalize(name),
        version=parsed,
        metadata=CandidateMetadata(
            requires_dist=tuple(headers.get("requires-dist", ())),
            provides_extra=frozenset(map(normalize, headers.get("provides-extra", ()))),
            requires_python=next(iter(headers.get("requires-python", ())), ""),
            source="built",
        ),
    )


def _judged_archives(session: Session, asked: Asked, interpreter: Interpreter) -> dict[ProjectName, Judged]:
    """Fetch, prove and judge the direct archives now: what they need decides about the rest.

    What does not arrive is left for later, when it is told with everything else.
    """
    from trued.operations.prove import prove_all
    from trued.store.lock import using

    archives = tuple(one for one in asked.wanted if one.kind in (Kind.URL, Kind.FILE))
    if not archives:
        return {}
    with using(session.store):
        proven = prove_all(session, replace(asked, wanted=archives, findings=()), interpreter=interpreter)
    return {one.offer.distribution.project: one for one in proven.judged}


def direct_releases(asked: Asked) -> dict[ProjectName, DirectRelease]:
    """Return the releases that direct requirements stand for, as far as their metadata is known."""
    from packaging.version import Version

    from trued.resolution.direct import DirectRelease
    from trued.resolution.source import CandidateMetadata

    releases = {project: one.release for project, one in asked.sources.items()}
    for project, judged in asked.ready.items():
        manifest = judged.manifest
        if manifest is not None:
            metadata = CandidateMetadata(
                requires_dist=manifest["requires"],
                provides_extra=frozenset(map(normalize, manifest["extras"])),
                requires_python=manifest["requires_python"],
                source="wheel",
            )
            releases[project] = DirectRelease(
                project=project, version=Version(manifest["version"]), metadata=metadata
            )
    return releases


def raise_together(problems: Sequence[TruedError]) -> None:
    """Raise all findings of *problems* as one error: of their kind, or a refusal where they differ."""
    if not problems:
        return
    findings: list[Finding] = []
    for problem in problems:
        findings += [finding for finding in problem.findings if finding not in findings]
    for kind in (OperationalError, UsageError):
        if all(isinstance(problem, kind) for problem in problems):
            raise kind(*findings) from problems[0]
    raise Refused(*findings) from problems[0]
