"""``trued policy check``: a lock or an environment judged by the policy, without installing anything.

What a lock names is compared with what the policy asks for; that the files really are what the lock says is
seen when they are installed. Of an environment the receipts are read: what proved each file, and from where.
"""

from __future__ import annotations

import os

from trued.core.finding import Finding, Level, Place
from trued.core.record import dataclass
from trued.policy.level import PolicyLevel, weigh
from trued.requirements.lock.model import DirectKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trued.core.names import ProjectName
    from trued.environment.installed import Installed
    from trued.index.hosts import HostPattern
    from trued.operations.session import Session
    from trued.proof.publisher import Publisher
    from trued.requirements.lock.model import Lock, LockedPackage

__all__ = ["Checked", "check_environment", "check_lock", "check_policy"]

_OF_BYTES = ("TRU770", "TRU771")
_LOCK_AGAIN = "Lock it again with `trued lock`, which writes a sha256 {}."
_FOLDER_REMEDY = "Lock a wheel of it, or add an exception from unproven with the reason."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was judged (a lock's name or an environment's folder), how many projects, and what was found."""

    subject: str
    projects: int
    findings: tuple[Finding, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing refuses."""
        return all(finding.level is not Level.ERROR for finding in self.findings)


def check_policy(session: Session, argument: str) -> Checked:
    """Judge the lock or the environment *argument*; empty: ``pylock.toml`` if there is one, else the target.

    Raises: UsageError when it cannot be read, or is neither.
    """
    from trued.operations.lock_text import PYLOCK

    if not argument and os.path.exists(os.path.join(session.cwd, PYLOCK)):
        argument = PYLOCK
    if argument and not os.path.isdir(os.path.join(session.cwd, argument)):
        return _of_lock(session, argument)
    if argument:
        from dataclasses import replace

        session.settings = replace(session.settings, venv=argument)
    return check_environment(session)


def _of_lock(session: Session, shown: str) -> Checked:
    from trued.operations.lock_text import read_lock

    return check_lock(session, read_lock(session, shown), shown)


def check_lock(session: Session, lock: Lock, shown: str) -> Checked:
    """Judge *lock*, which stands or will stand in *shown*."""
    judge = _LockJudge(session, shown)
    found = [finding for package in lock.packages for finding in judge.findings(package)]
    return _checked(session, shown, [one.project for one in lock.packages], [*lock.findings, *found])


def check_environment(session: Session) -> Checked:
    """Judge the environment that the settings name, by its receipts. Raises: as finding it does."""
    target = session.find_target(writing=False)
    installed = session.installed(target)
    judge = _EnvironmentJudge(session)
    found = [finding for one in installed for finding in judge.findings(one)]
    return _checked(session, target.prefix, [one.project for one in installed], found)


def _checked(
    session: Session, subject: str, projects: list[ProjectName], found: Iterable[Finding]
) -> Checked:
    weighed = weigh(found, session.settings.level, session.exceptions)
    told = session.exceptions.findings(projects)
    return Checked(subject=subject, projects=len(set(projects)), findings=(*weighed, *told))


class _Hosts:
    """The allowed hosts; without a list every host is allowed."""

    def __init__(self, session: Session) -> None:
        from trued.index.hosts import HostPattern

        self._allowed: list[HostPattern] = [
            HostPattern.parse(text) for text in session.settings.allowed_hosts
        ]

    def refusal(self, url: str, *, subject: str, place: Place | None) -> Iterator[Finding]:
        """Yield the finding for a host that is not allowed."""
        from trued.index.url import InvalidUrl, origin_of

        if not self._allowed or not url.startswith(("http://", "https://")):
            return
        try:
            origin = origin_of(url)
        except InvalidUrl:
            return
        if not any(pattern.matches(origin) for pattern in self._allowed):
            yield Finding(code="TRU321", subject=subject, place=place, values={"host": origin.netloc})


class _LockJudge:
    """Judges the packages of one lock."""

    def __init__(self, session: Session, shown: str) -> None:
        self._rules = session.proof_rules
        self._hosts = _Hosts(session)
        self._is_strict = session.settings.level is PolicyLevel.STRICT
        self._shown = shown

    def findings(self, package: LockedPackage) -> Iterator[Finding]:
        place = package.place or Place(self._shown)
        if package.direct is not None and package.direct.has_no_digest:
            is_folder = package.direct.kind is DirectKind.DIRECTORY
            values = {
                "lacks": f"is a {'folder' if is_folder else 'repository'}, and has no digest here",
                "remedy": _FOLDER_REMEDY if is_folder else _LOCK_AGAIN.format("for all files of the commit"),
            }
            yield Finding(code="TRU622", subject=package.text, place=place, values=values)
        if self._is_strict and package.direct is None and package.files and not package.wheels:
            yield Finding(code="TRU624", subject=package.text, place=place)
        for file in package.files:
            if not any(digest.is_strong for digest in file.digests):
                lacks = "has no sha256, sha384 or sha512"
                values = {"lacks": lacks, "remedy": _LOCK_AGAIN.format("for every file")}
                yield Finding(code="TRU622", subject=file.filename, place=place, values=values)
            yield from self._hosts.refusal(file.url or "", subject=file.filename, place=place)
        yield from self._hosts.refusal(package.index or "", subject=package.text, place=place)
        yield from self._publisher(package, place)

    def _publisher(self, package: LockedPackage, place: Place) -> Iterator[Finding]:
        """Compare the publishers that the lock names with the policy's; a lock need not name any."""
        rules = self._rules.publishers_of(package.project)
        named = _publishers(package.attestation_identities)
        if not rules or not named or any(rule.admits(one) for rule in rules for one in named):
            return
        values = {
            "named": "; ".join(one.identity for one in named),
            "wanted": "; ".join(str(rule) for rule in rules),
        }
        yield Finding(code="TRU623", subject=package.text, place=place, values=values)


def _publishers(identities: Iterable[Mapping[str, str]]) -> list[Publisher]:
    from trued.proof.publisher import Publisher, UnknownPublisher

    found = []
    for identity in identities:
        try:
            found.append(Publisher.from_identity(identity))
        except UnknownPublisher:
            continue
    return found


class _EnvironmentJudge:
    """Judges what is installed by its receipts."""

    def __init__(self, session: Session) -> None:
        from trued.operations.known import known_path

        self._session = session
        self._rules = session.proof_rules
        self._hosts = _Hosts(session)
        self._has_known = os.path.exists(known_path(session))

    def findings(self, one: Installed) -> Iterator[Finding]:
        subject = f"{one.project}=={one.version}"
        place = Place(one.folder)
        receipt = one.receipt or {}
        evidence = [dict(item) for item in receipt.get("evidence", ()) if isinstance(item, dict)]
        if not evidence or (self._is_strict and all(item.get("kind") == "first-use" for item in evidence)):
            has = "first use alone" if evidence else self._without(one)
            yield Finding(code="TRU625", subject=subject, place=place, values={"has": has})
        yield from self._rule_findings(one.project, subject, place, evidence)
        source = receipt.get("source")
        if isinstance(source, dict):
            for key in ("index", "url"):
                yield from self._hosts.refusal(str(source.get(key, "")), subject=subject, place=place)
        yield from self._known(one, place)

    @property
    def _is_strict(self) -> bool:
        return self._session.settings.level is PolicyLevel.STRICT

    def _without(self, one: Installed) -> str:
        if one.receipt is not None:
            return "a receipt without evidence"
        return f"no receipt; {one.installer or 'an unknown tool'} installed it"

    def _rule_findings(
        self, project: ProjectName, subject: str, place: Place, evidence: list[dict[str, str]]
    ) -> Iterator[Finding]:
        """Yield what the policy's rules about *project* ask for and the receipt does not have."""
        has = ", ".join(f"{item.get('kind')} ({item.get('authority')})" for item in evidence) or "nothing"
        kinds = {item.get("kind") for item in evidence}
        wanted = []
        publishers = self._rules.publishers_of(project)
        attested = [_publisher_of(item) for item in evidence if item.get("kind") == "attestation"]
        if publishers and not any(
            rule.admits_without_environment(one) for rule in publishers for one in attested if one
        ):
            wanted += [f"an attestation by {rule}" for rule in publishers]
        if self._rules.openpgp_of(project) and "openpgp" not in kinds:
            wanted.append("an OpenPGP signature")
        if self._rules.checksums_of(project) and "checksums" not in kinds:
            wanted.append("a signed checksum document")
        for one in wanted:
            yield Finding(code="TRU626", subject=subject, place=place, values={"wanted": one, "has": has})

    def _known(self, one: Installed, place: Place) -> Iterator[Finding]:
        """Compare the receipt's digest with the known files."""
        filename = (one.receipt or {}).get("filename")
        if not self._has_known or one.sha256 is None or not isinstance(filename, str):
            return
        from dataclasses import replace

        from trued.proof.subject import ProofSubject

        subject = ProofSubject(
            project=one.project,
            version=one.version,
            filename=filename,
            sha256=one.sha256,
            digests={"sha256": one.sha256},
        )
        for finding in self._session.known.judge(subject, ()).findings:
            if finding.code in _OF_BYTES:
                yield replace(finding, place=place)


def _publisher_of(evidence: Mapping[str, str]) -> Publisher | None:
    from trued.proof.publisher import Publisher, UnknownPublisher

    try:
        return Publisher.from_line(evidence.get("authority", ""))
    except UnknownPublisher:
        return None
