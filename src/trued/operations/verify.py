"""Verify that each installed distribution is exactly what was proven, and that the whole fits together.

Receipt to digest, digest to the store's manifest (or the wheel fetched and proven again), manifest to the
bytes on disk. What no receipt speaks of is compared with a lock's wheel where one is given, else with its
RECORD.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Level
from trued.core.names import normalize
from trued.core.record import dataclass, replace
from trued.operations.verify_proof import Proofs, prove_installed
from trued.operations.verify_requires import requirement_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.environment.verify import Verification
    from trued.operations.session import Session

__all__ = ["Looked", "Verified", "look", "verify"]

_WITHOUT_PROOF = frozenset({"TRU541", "TRU542", "TRU569"})
"""Notes that ``--strict`` makes errors of, with every warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found in one environment; ``proven`` counts distributions compared with a proven wheel.

    ``files`` and ``bytecode`` count what was compared; ``restored`` are the names of what ``--fix`` put back.
    """

    environment: str
    distributions: int
    proven: int
    files: int
    bytecode: int
    findings: tuple[Finding, ...]
    restored: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """1 when an error was found, else 0."""
        return int(any(finding.level is Level.ERROR for finding in self.findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One look at an environment: what is installed, what proves it, what was found."""

    target: Target
    distributions: tuple[Installed, ...]
    proofs: Proofs
    verification: Verification


def verify(session: Session, arguments: Sequence[str]) -> Verified:
    """Carry out ``trued verify`` of the environment that *arguments* or the settings name.

    With ``--fix`` what a proven wheel stands for is put back in one transaction, and everything is looked at
    once more. Raises: as :meth:`Session.find_target`; with ``--against`` as reading a lock does; with
    ``--fix`` as :func:`trued.environment.transaction.change`.
    """
    from trued.store.lock import using

    if arguments:
        python = os.path.join(session.cwd, arguments[0])
        session.settings = replace(session.settings, python=python, venv=None)
    target = session.find_target(writing=False)
    with using(session.store):
        looked = look(session, target)
    told: tuple[Finding, ...] = ()
    restored: tuple[str, ...] = ()
    if session.settings.verify_fix and (looked.verification.faulty or looked.verification.poisoned):
        from trued.operations.verify_fix import restore

        told, restored = restore(session, looked)
        with using(session.store):
            looked = look(session, target)
    findings = [*_findings(looked), *_of_folder(target), *told]
    return Verified(
        environment=target.prefix,
        distributions=len(looked.distributions),
        proven=len(looked.proofs.proven),
        files=looked.verification.files,
        bytecode=looked.verification.bytecode,
        findings=tuple(_weighed(findings, is_strict=session.settings.strict)),
        restored=restored,
    )


def look(session: Session, target: Target) -> Looked:
    """Look at *target* once; the store is in use meanwhile."""
    from trued.environment.installed import installed_distributions
    from trued.environment.verify import verify_files

    distributions = installed_distributions(target.libraries)
    proofs = prove_installed(session, distributions, target)
    settings = session.settings
    verification = verify_files(
        distributions,
        target=target,
        proven=proofs.proven,
        cache_folder=settings.cache_dir,
        allowed_hooks=frozenset(normalize(name) for name in settings.allow_startup_hooks),
        most_record_bytes=session.limits.record_bytes,
        workers=settings.threads or 2,
        comparing=session.watcher.comparing,
    )
    return Looked(target=target, distributions=distributions, proofs=proofs, verification=verification)


def _of_folder(target: Target) -> list[Finding]:
    """Tell of the environment's own files, and of a protection that no longer holds."""
    from trued.core.errors import OperationalError
    from trued.environment.origin import origin_findings
    from trued.environment.protection import weaknesses
    from trued.environment.protection_state import read_protection

    if target.kind != "virtual":
        return []
    try:
        standing = read_protection(target.prefix)
        told = weaknesses(target.prefix, standing) if standing is not None else ()
        return [*origin_findings(target.prefix), *told]
    except OperationalError as error:
        return [*origin_findings(target.prefix), *error.findings]


def _findings(looked: Looked) -> list[Finding]:
    return [
        *looked.verification.findings,
        *looked.proofs.findings,
        *requirement_findings(looked.distributions, looked.target, looked.proofs.proven),
    ]


def _weighed(findings: Sequence[Finding], *, is_strict: bool) -> list[Finding]:
    """Return *findings*, made errors where strict says that what is not proven is not in order."""
    if not is_strict:
        return list(findings)
    return [
        replace(finding, level=Level.ERROR)
        if finding.level is Level.WARNING or finding.code in _WITHOUT_PROOF
        else finding
        for finding in findings
    ]
