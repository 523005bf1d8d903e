"""Who published what is locked: verified from the provenance of each release, without its files.

The sha256 that an attestation has to name is the one that the lock binds, so nothing but the provenance is
fetched. Of a release one file is asked, the first wheel that has provenance (PEP 751: an identity is recorded
"for any file"), and the files that have none are noted; what held is kept, and the same lock made again
fetches nothing.
"""

from __future__ import annotations

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, replace
from trued.operations.companions import Companions, Wish, fetch_companions, keep_provenance, kept_provenance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.core.distribution import Distribution
    from trued.core.names import ProjectName
    from trued.operations.session import Session
    from trued.proof.publisher import Publisher
    from trued.requirements.lock.model import Lock, LockedFile, LockedPackage

__all__ = ["identities_of", "publishers_of_files", "publishers_of_lock", "with_publishers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A locked release, its file that is asked, who published it before, and whether a rule says who has to.

    ``unattested`` are the names of its files without provenance.
    """

    package: LockedPackage
    file: Distribution
    known: tuple[Publisher, ...]
    bound: bool
    unattested: tuple[str, ...]


def with_publishers(
    session: Session, made: Lock, old: Lock | None, files: Mapping[ProjectName, Sequence[Distribution]]
) -> tuple[Lock, list[Finding]]:
    """Return *made* with the verified publisher of each release, and what is to be told of them.

    *files* are those that the index offers. A publisher other than the *old* lock's is told, and so is one
    that was lost.

    Raises: OperationalError where provenance that a rule or the old lock asks for cannot be reached.
    """
    before = publishers_of_lock(old)
    asked = [one for package in made.packages if (one := _asked(session, package, before, files))]
    if not asked:
        return made, []
    found, findings = _fetched(session, asked)
    identities: dict[int, tuple[tuple[dict[str, str], ...], tuple[str, ...]]] = {}
    for one in asked:
        companions = found.get(one.file.url, Companions())
        publishers, told = _verified(session, one, companions)
        findings += told
        recorded = tuple(publisher.to_identity() for publisher in publishers)
        identities[id(one.package)] = (recorded, one.unattested if recorded else ())
    packages = []
    for package in made.packages:
        recorded, unattested = identities.get(id(package), ((), ()))
        packages.append(replace(package, attestation_identities=recorded, unattested=unattested))
    return replace(made, packages=tuple(packages)), findings


def publishers_of_lock(lock: Lock | None) -> dict[ProjectName, tuple[Publisher, ...]]:
    """Return the publishers that *lock* names of each project; kinds that are not known are left out."""
    if lock is None:
        return {}
    return {
        package.project: publishers
        for package in lock.packages
        if (publishers := identities_of(package.attestation_identities))
    }


def publishers_of_files(
    selected: Iterable[tuple[LockedPackage, LockedFile | None]],
) -> dict[ProjectName, tuple[Publisher, ...]]:
    """Return the publishers that a lock names of each selected file; it may have been attested or not."""
    return {
        package.project: publishers
        for package, file in selected
        if (file is None or file.filename not in package.unattested)
        and (publishers := identities_of(package.attestation_identities))
    }


def identities_of(identities: Iterable[Mapping[str, str]]) -> tuple[Publisher, ...]:
    """Return the publishers that *identities* of a lock describe."""
    given = tuple(identities)
    if not given:
        return ()
    from trued.proof.publisher import Publisher, UnknownPublisher

    found = []
    for one in given:
        try:
            found.append(Publisher.from_identity(one))
        except UnknownPublisher:
            continue
    return tuple(found)


def _asked(
    session: Session,
    package: LockedPackage,
    before: Mapping[ProjectName, tuple[Publisher, ...]],
    files: Mapping[ProjectName, Sequence[Distribution]],
) -> _Asked | None:
    known = before.get(package.project, ())
    bound = bool(session.proof_rules.publishers_of(package.project))
    names = {file.filename for file in package.files}
    offered = [
        file
        for file in files.get(package.project, ())
        if file.filename in names and file.version == package.version
    ] or [file for file in files.get(package.project, ()) if file.filename in names]
    attested = [file for file in offered if file.provenance_url and _sha256(file)]
    chosen = sorted(attested or offered, key=lambda file: (not file.is_wheel, file.filename))
    if not chosen or not (attested or known or bound):
        return None
    without = tuple(sorted(file.filename for file in offered if not file.provenance_url))
    return _Asked(package=package, file=chosen[0], known=known, bound=bound, unattested=without)


def _sha256(file: Distribution) -> str:
    return next((claim.value for claim in file.digests if claim.algorithm == "sha256"), "")


def _fetched(session: Session, asked: Sequence[_Asked]) -> tuple[dict[str, Companions], list[Finding]]:
    """Return the provenance that is not kept; what is not needed and cannot be reached is a warning."""
    missing = [one for one in asked if kept_provenance(session.provenance, _sha256(one.file)) is None]
    wishes = [Wish(distribution=one.file, provenance=True) for one in missing]
    if not wishes or (session.settings.offline and not any(one.bound or one.known for one in missing)):
        return {}, []
    found = fetch_companions(session.transport, wishes, limits=session.limits)
    needed = {one.file.url for one in missing if one.bound or one.known}
    errors = [finding for url, one in found.items() if url in needed for finding in one.failures]
    if errors:
        raise OperationalError(*errors)
    return found, [
        replace(finding, level=Level.WARNING) for one in found.values() for finding in one.failures
    ]


def _verified(
    session: Session, one: _Asked, companions: Companions
) -> tuple[tuple[Publisher, ...], list[Finding]]:
    from trued.proof.attestation import verify_provenance
    from trued.proof.subject import ProofSubject

    sha256 = _sha256(one.file)
    provenance = companions.provenance or kept_provenance(session.provenance, sha256)
    if provenance is None and not one.bound and not one.known:
        return (), []
    result = verify_provenance(
        ProofSubject(
            project=one.package.project,
            version=one.package.version or "",
            filename=one.file.filename,
            sha256=sha256,
            digests={"sha256": sha256},
        ),
        provenance,
        rules=session.proof_rules.publishers_of(one.package.project),
        known=one.known,
        roots=session.proof_rules.root,
        remembered=session.known.verified,
        now=session.now,
        limits=session.limits,
    )
    if provenance is not None:
        keep_provenance(session.provenance, sha256, provenance if result.publishers else None)
    return result.publishers, [_told(finding, one) for finding in result.proof.findings]


def _told(finding: Finding, one: _Asked) -> Finding:
    """Return *finding* as a lock tells it: where only the old lock names the publisher, as a warning."""
    place = finding.place or one.package.place or Place("the lock")
    level = finding.level if one.bound else Level.WARNING
    return replace(finding, level=level, place=place)
