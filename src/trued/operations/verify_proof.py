"""Which proven wheel stands for each installed distribution: by its receipt, or by a lock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.digest import Digest
from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trued.environment.installed import Installed
    from trued.environment.target import Target
    from trued.environment.verify import Proof
    from trued.operations.asked import Asked
    from trued.operations.offer import Judged
    from trued.operations.session import Session
    from trued.requirements.wanted import Wanted

__all__ = ["Proofs", "prove_installed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """``proven`` maps the number of a distribution to its wheel; ``findings`` tell of all others.

    ``lacking`` tells, by number, why there is none.
    """

    proven: Mapping[int, Proof]
    findings: tuple[Finding, ...] = ()
    lacking: Mapping[int, str] = field(default_factory=dict)


def prove_installed(session: Session, distributions: Sequence[Installed], target: Target) -> Proofs:
    """Find the wheel of each of *distributions*; what the store does not have is fetched and proven again.

    With ``--against`` a lock decides: what it lists is proven by its digests, and whatever differs is told
    (TRU593).
    """
    finder = _Finder(session, distributions, target)
    if session.settings.against:
        finder.compare(session.settings.against)
    finder.by_receipts()
    if not session.settings.offline:
        finder.fetch()
    return finder.proofs()


class _Finder:
    """The state of one search."""

    def __init__(self, session: Session, distributions: Sequence[Installed], target: Target) -> None:
        self._session = session
        self._distributions = distributions
        self._target = target
        self._proven: dict[int, Proof] = {}
        self._findings: list[Finding] = []
        self._wanted: dict[int, str] = {}
        self._lacking: dict[int, str] = {}
        self._gone: dict[int, str] = {}

    def by_receipts(self) -> None:
        """Take what the store has of the digests in receipts."""
        for number, one in enumerate(self._distributions):
            if number in self._proven or one.is_editable or number in self._lacking:
                continue
            digest = one.sha256
            if digest is None or not _is_sha256(digest):
                self._tell_unproven(number, one)
                continue
            built = one.built_sha256
            proof = _stored(self._session.store, built or digest)
            if proof is None and built:
                self._gone[number] = "the wheel was built from source, and the store has it no more"
            elif proof is None:
                self._wanted[number] = digest
            else:
                self._accept(number, proof)

    def fetch(self) -> None:
        """Fetch the wheels that receipts name and the store lacks, and prove them by these digests."""
        if not self._wanted:
            return
        from trued.operations.fitting import interpreter_for
        from trued.operations.prove import prove_all

        wanted = [_wanted(self._distributions[number], digest) for number, digest in self._wanted.items()]
        interpreter = interpreter_for(self._session.settings, self._target)
        proven = prove_all(self._session, _asked(wanted), interpreter=interpreter, builds=False)
        by_digest = {one.digests["sha256"]: one for one in proven.judged}
        for number, digest in list(self._wanted.items()):
            judged = by_digest.get(digest)
            if judged is not None and judged.manifest is not None and judged.verdict.admitted:
                del self._wanted[number]
                self._accept(number, (judged.entry, judged.manifest))
        told = (*proven.findings, *_refusals(proven.judged))
        self._findings += [replace(one, level=Level.WARNING) for one in told]

    def compare(self, shown: str) -> None:
        """Compare the environment with the lock *shown*, and take its wheels as proof."""
        from trued.operations.installed_source import difference
        from trued.operations.verify_lock import locked_wheels

        locked = locked_wheels(self._session, shown, self._target)
        self._findings += locked.findings
        for project in sorted(locked.wheels.keys() - {one.project for one in self._distributions}):
            self._differs(
                f"{project} {locked.wheels[project].version}",
                "the lock lists it, and it is not installed",
                shown,
            )
        for number, one in enumerate(self._distributions):
            wheel = locked.wheels.get(one.project)
            subject = f"{one.name} {one.version}"
            if wheel is None:
                self._differs(subject, "the lock does not list it", shown)
            elif wheel.source is not None:
                reason = difference(one, wheel.source)
                if reason:
                    self._differs(subject, reason, shown)
            elif not _same_version(wheel.version, one.version):
                self._differs(subject, f"the lock lists {wheel.version}", shown)
            elif one.sha256 is not None and wheel.digests and one.sha256 not in wheel.digests:
                self._differs(subject, f"it was installed from a file with sha256 {one.sha256}", shown)
            elif one.sha256 is None and wheel.proof is not None and not one.is_editable:
                self._accept(number, wheel.proof)

    def proofs(self) -> Proofs:
        """Return what was found; what is still wanted is told (TRU591)."""
        offline = self._session.settings.offline
        lost = "its wheel is not in the store" + (", and this run is offline" if offline else "")
        for number, reason in (*dict.fromkeys(self._wanted, lost).items(), *self._gone.items()):
            one = self._distributions[number]
            self._lacking[number] = reason
            self._findings.append(
                Finding(
                    code="TRU591",
                    level=Level.WARNING,
                    subject=f"{one.name} {one.version}",
                    values={"reason": reason},
                )
            )
        for one in self._distributions:
            if one.is_editable:
                values = {"path": one.editable_location or ""}
                told = Finding(
                    code="TRU541", level=Level.NOTE, subject=f"{one.name} {one.version}", values=values
                )
                self._findings.append(told)
        return Proofs(proven=self._proven, findings=tuple(self._findings), lacking=self._lacking)

    def _accept(self, number: int, proof: Proof) -> None:
        """Take *proof* when it is of the project, version and folder that stand there."""
        one, manifest = self._distributions[number], proof[1]
        fits = (
            manifest["project"] == one.project
            and _same_version(manifest["version"], one.version)
            and manifest["dist_info"].lower() == os.path.basename(one.folder).lower()
        )
        if fits:
            self._proven[number] = proof
            return
        named = f"{manifest['filename']} ({manifest['sha256']})"
        self._lacking[number] = f"its receipt names {named}"
        self._findings.append(
            Finding(code="TRU595", subject=f"{one.name} {one.version}", values={"reason": named})
        )

    def _tell_unproven(self, number: int, one: Installed) -> None:
        self._lacking[number] = "no receipt says which file it was installed from"
        values = {"installer": one.installer or "a tool that does not say its name"}
        subject = f"{one.name} {one.version}".strip()
        self._findings.append(Finding(code="TRU542", level=Level.NOTE, subject=subject, values=values))

    def _differs(self, subject: str, reason: str, shown: str) -> None:
        place = Place(shown)
        self._findings.append(Finding(code="TRU593", subject=subject, place=place, values={"reason": reason}))


def _stored(store: str, sha256: str) -> Proof | None:
    """Return the entry of that digest with its manifest, when that is as it was written."""
    from trued.store.layout import entry_path, manifest_path
    from trued.store.manifest import is_whole, load

    entry = entry_path(store, sha256)
    if not is_whole(manifest_path(entry)):
        return None
    manifest = load(entry)
    return (entry, manifest) if manifest["sha256"] == sha256 else None


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _same_version(one: str, other: str) -> bool:
    if one == other:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False


def _wanted(one: Installed, sha256: str) -> Wanted:
    """Return the wheel of *one* as a requirement that admits this digest alone."""
    from trued.requirements.allowed import Allowed
    from trued.requirements.model import Kind, Requirement
    from trued.requirements.wanted import Wanted

    url = str((one.direct_url or {}).get("url", ""))
    kind, path = Kind.URL if url else Kind.NAMED, None
    if url.startswith("file://"):
        from urllib.request import url2pathname

        kind, path = Kind.FILE, url2pathname(url.removeprefix("file://"))
    line = Requirement(
        place=Place(os.path.join(one.folder, "trued-receipt.json")),
        text=f"{one.project}=={one.version}",
        kind=kind,
        project=one.project,
        specifier=f"=={one.version}",
        url=url if kind is Kind.URL else None,
        path=path,
        allowed=Allowed(bound=(Digest("sha256", sha256),)),
    )
    return Wanted(project=one.project, lines=(line,))


def _asked(wanted: Sequence[Wanted]) -> Asked:
    from trued.operations.asked import Asked
    from trued.requirements.hashmode import HashMode
    from trued.requirements.model import FileOptions

    return Asked(
        wanted=tuple(wanted),
        options=FileOptions(),
        mode=HashMode(is_on=True, because=wanted[0].place),
        findings=(),
    )


def _refusals(judged: Iterable[Judged]) -> list[Finding]:
    return [finding for one in judged if not one.verdict.admitted for finding in one.verdict.findings]
