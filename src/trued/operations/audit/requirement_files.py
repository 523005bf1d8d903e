"""Requirement files as input: their pins as they stand; what is not pinned is resolved, without running code.

Lines count whatever their marker says: a file with a pin for another system asks for that release there.
"""

from __future__ import annotations

import os

from trued.advisories.outcome import AuditedFile, AuditedPackage, Skipped, SkipReason
from trued.core.errors import UsageError
from trued.core.finding import Finding, Level, Place
from trued.core.record import replace
from trued.operations.audit.audited import Candidate, Inputs, joined
from trued.requirements.model import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.requirements.model import Requirement, RequirementSet

__all__ = ["of_project_file", "of_requirements", "of_text"]

_SKIPPED_KINDS = {
    Kind.EDITABLE: (SkipReason.EDITABLE, "an editable folder"),
    Kind.DIRECTORY: (SkipReason.DIRECT, "a folder, whose version only its build knows"),
    Kind.VCS: (SkipReason.DIRECT, "a repository, whose version only its build knows"),
    Kind.URL: (SkipReason.DIRECT, "an address that tells no version"),
    Kind.FILE: (SkipReason.DIRECT, "a file that tells no version"),
}


def of_requirements(session: Session, files: Sequence[str]) -> Inputs:
    """Gather what *files* and the constraints of *session* ask for. Raises UsageError, OperationalError."""
    if len(files) == 1 and not session.settings.constraints:
        plain = _of_plain_file(session, files[0])
        if plain is not None:
            return plain
    from trued.requirements.files import read_requirements

    texts: list[bytes] = []
    read = read_requirements(
        files,
        constraints=session.settings.constraints,
        environ=session.environ,
        open_url=session.open_url,
        limits=session.limits,
        seen=lambda _, data: texts.append(data),
    )
    if session.settings.require_hashes:
        _refuse_unhashed(read)
    inputs = _annotated(_of_lines(read, tuple(files)), texts)
    is_open = any(_is_open(line) for line in read.requirements)
    if not is_open:
        return replace(inputs, findings=(*inputs.findings, *_incomplete(session, read, files)))
    if session.settings.no_deps or session.settings.offline:
        return replace(
            inputs, skipped=(*inputs.skipped, *map(_unpinned, filter(_is_open, read.requirements)))
        )
    return joined([inputs, _resolved(session, read, inputs)])


def _of_plain_file(session: Session, shown: str) -> Inputs | None:
    """Read a file that holds nothing but pins with digests, as most do; ``None`` for the full reader."""
    from trued.core.digest import Digest
    from trued.core.names import normalize
    from trued.operations.memo import plain_bytes
    from trued.requirements.simple_lines import read_simple

    data = plain_bytes(os.path.join(session.cwd, shown)) if "://" not in shown else None
    lines = read_simple(data) if data else None
    if data is None or not lines:
        return None
    candidates = []
    for name, version, _extras, digests, number in lines:
        files = tuple(AuditedFile(filename="", digests=(Digest.parse(one),)) for one in digests)
        place = Place(shown, number)
        package = AuditedPackage(project=normalize(name), version=version, places=(place,), files=files)
        candidates.append(Candidate(package=package))
    return _annotated(joined([Inputs(names=(shown,), candidates=tuple(candidates))]), (data,))


def _annotated(inputs: Inputs, texts: Iterable[bytes]) -> Inputs:
    """Return *inputs* with the ways that comments in *texts* tell of, if there are such."""
    from trued.requirements.via_comments import VIA

    annotated = tuple(text for text in texts if VIA in text)
    if not annotated:
        return inputs
    from trued.operations.audit.ways import AnnotatedWays

    packages = (one.package for one in inputs.candidates)
    return replace(inputs, ways=AnnotatedWays(annotated, {one.project: one.version for one in packages}))


def of_text(session: Session, data: bytes, *, shown: str) -> Inputs:
    """Gather what the requirements *data* ask for; they are told to stand in *shown*."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="trued-audit-") as folder:
        path = os.path.join(folder, "requirements.txt")
        with open(path, "wb") as file:
            file.write(data)
        try:
            inputs = of_requirements(session, [path])
        except UsageError as error:
            raise UsageError(*(_as_shown(finding, path, shown) for finding in error.findings)) from error
    return replace(
        inputs,
        names=(shown,),
        candidates=tuple(_renamed(one, path, shown) for one in inputs.candidates),
        skipped=tuple(replace(one, place=_place(one.place, path, shown)) for one in inputs.skipped),
        findings=tuple(_as_shown(finding, path, shown) for finding in inputs.findings),
    )


def of_project_file(session: Session, shown: str) -> Inputs:
    """Gather what the ``pyproject.toml`` *shown* asks for, resolved."""
    from trued.operations.roots import pep508, read_roots

    settings = session.settings
    if settings.offline:
        raise UsageError(
            Finding(code="TRU817", subject=shown, values={"reason": "to resolve it an index is needed"})
        )
    session.settings = replace(settings, requirements=())
    try:
        roots = read_roots(session, (shown,))
    finally:
        session.settings = settings
    from trued.operations.audit.resolving import resolved

    direct = {root.text for root in roots.roots} & {pep508(line) for line in roots.direct}
    listed = replace(roots, roots=tuple(root for root in roots.roots if root.text not in direct))
    skipped = tuple(_skipped(line) for line in roots.direct)
    return replace(resolved(session, listed), names=(shown,), findings=roots.findings, skipped=skipped)


def _skipped(line: Requirement) -> Skipped:
    """Return what the audit says of a direct requirement, whose release an index does not know."""
    reason, detail = _SKIPPED_KINDS[line.kind]
    return Skipped(name=str(line.project or line.text), reason=reason, detail=detail, place=line.place)


def _of_lines(read: RequirementSet, files: tuple[str, ...]) -> Inputs:
    candidates: list[Candidate] = []
    skipped: list[Skipped] = []
    index = read.options.index_url.url if read.options.index_url else ""
    for line in read.requirements:
        version = line.pinned_version
        if line.project is not None and version and line.kind in (Kind.NAMED, Kind.URL, Kind.FILE):
            candidates.append(_candidate(line, line.project, version, index))
        elif line.kind is not Kind.NAMED:
            skipped.append(_skipped(line))
    merged = joined([Inputs(names=files, candidates=tuple(candidates), skipped=tuple(skipped))])
    return replace(merged, findings=read.findings)


def _candidate(line: Requirement, project: ProjectName, version: str, index: str) -> Candidate:
    files = tuple(AuditedFile(filename="", digests=(digest,)) for digest in line.allowed.digests)
    package = AuditedPackage(project=project, version=version, places=(line.place,), files=files)
    return Candidate(package=package, index=index, is_own=line.kind is not Kind.NAMED)


def _is_open(line: Requirement) -> bool:
    return line.kind is Kind.NAMED and line.project is not None and not line.pinned_version


def _unpinned(line: Requirement) -> Skipped:
    detail = f"{line.text} names no single version"
    return Skipped(name=str(line.project), reason=SkipReason.UNPINNED, detail=detail, place=line.place)


def _resolved(session: Session, read: RequirementSet, inputs: Inputs) -> Inputs:
    """Resolve everything that can be; what only stands there for other markers stays as it is pinned."""
    from trued.operations.audit.resolving import resolved
    from trued.operations.roots import Roots, pep508
    from trued.resolution.provider import Root

    named = [line for line in read.requirements if line.kind is Kind.NAMED and line.project is not None]
    roots = Roots(
        roots=tuple(Root(pep508(line), line.place) for line in named),
        constraints=tuple(Root(pep508(line), line.place) for line in read.constraints if line.project),
        options=read.options,
    )
    found = resolved(session, roots)
    there = {one.package.project for one in found.candidates}
    left_out = [
        Skipped(
            name=str(line.project),
            reason=SkipReason.MARKER,
            detail=f"it is not asked for on this interpreter ({line.marker}), and names no version",
            place=line.place,
        )
        for line in named
        if _is_open(line) and line.project not in there
    ]
    known = {(one.package.project, one.package.version) for one in inputs.candidates}
    new = tuple(one for one in found.candidates if (one.package.project, one.package.version) not in known)
    return replace(found, candidates=new, skipped=tuple(left_out))


def _incomplete(session: Session, read: RequirementSet, files: Sequence[str]) -> Iterable[Finding]:
    """Say that pins without digests are taken for the whole: pip would add what they need."""
    named = [line for line in read.requirements if line.kind is Kind.NAMED]
    if session.settings.no_deps or not named or any(not line.allowed.is_empty for line in named):
        return ()
    values = {"count": str(len(named))}
    return (Finding(code="TRU818", level=Level.NOTE, subject=", ".join(files), values=values),)


def _refuse_unhashed(read: RequirementSet) -> None:
    from trued.requirements.hashmode import HashMode, check
    from trued.requirements.wanted import Wanted

    mode = HashMode(is_on=True, because=Place("--require-hashes"))
    wanted = [Wanted(project=line.project, lines=(line,)) for line in read.requirements]
    findings = check(wanted, mode)
    if findings:
        raise UsageError(*findings)


def _renamed(candidate: Candidate, path: str, shown: str) -> Candidate:
    package = candidate.package
    places = tuple(Place(shown, one.line) if one.file == path else one for one in package.places)
    return replace(candidate, package=replace(package, places=places))


def _place(place: Place | None, path: str, shown: str) -> Place | None:
    return Place(shown, place.line) if place is not None and place.file == path else place


def _as_shown(finding: Finding, path: str, shown: str) -> Finding:
    return replace(
        finding, subject=finding.subject.replace(path, shown), place=_place(finding.place, path, shown)
    )
