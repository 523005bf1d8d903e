"""What a lock selects for an environment, fetched and proven as an installation would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.finding import Finding, Level
from trued.core.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.names import ProjectName
    from trued.environment.target import Target
    from trued.environment.verify import Proof
    from trued.operations.session import Session
    from trued.requirements.model import Requirement

__all__ = ["LockedWheel", "LockedWheels", "locked_wheels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedWheel:
    """One project of a lock: its version, every sha256 that the lock admits, the wheel when it is at hand.

    ``source`` is the requirement of a folder or repository, which has no version and no digest.
    """

    version: str
    digests: frozenset[str]
    proof: Proof | None = None
    source: Requirement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedWheels:
    """What a lock selects, by project; ``findings`` tell, as warnings, what could not be had."""

    wheels: Mapping[ProjectName, LockedWheel]
    findings: tuple[Finding, ...]


def locked_wheels(session: Session, shown: str, target: Target) -> LockedWheels:
    """Read the lock or hashed requirements file *shown*, and prove the files that it selects for *target*.

    Raises: as :func:`trued.operations.sync.sync` when it cannot be read or does not serve the target.
    """
    from trued.operations.fitting import interpreter_for
    from trued.operations.prove import prove_all
    from trued.operations.sync import asked_of_lock

    settings = session.settings
    interpreter = interpreter_for(settings, target)
    try:
        asked = asked_of_lock(session, shown, interpreter, builds=False)
    finally:
        session.settings = settings
    files = tuple(one for one in asked.wanted if one.kind.is_one_file)
    proven = prove_all(session, replace(asked, wanted=files), interpreter=interpreter, builds=False)
    proofs = {
        one.offer.distribution.project: (one.entry, one.manifest)
        for one in proven.judged
        if one.manifest is not None and one.verdict.admitted
    }
    wheels = {
        one.project: LockedWheel(
            version=one.pinned_version or "",
            digests=frozenset(digest.value for digest in one.allowed.digests if digest.algorithm == "sha256"),
            proof=proofs.get(one.project),
            source=None if one.kind.is_one_file else one.source,
        )
        for one in asked.wanted
        if one.project is not None
    }
    told = [*proven.findings]
    told += [finding for one in proven.judged if not one.verdict.admitted for finding in one.verdict.findings]
    return LockedWheels(wheels=wheels, findings=tuple(replace(one, level=Level.WARNING) for one in told))
