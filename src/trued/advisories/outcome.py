"""What one audit found, as data: what every report format is made from."""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from trued.advisories.database import Unreadable
    from trued.advisories.ignoring import IgnoreRule
    from trued.advisories.matching import Match
    from trued.advisories.severity import Rating
    from trued.advisories.vex import VexStatement
    from trued.core.digest import Digest
    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName

__all__ = [
    "AsideReason",
    "AuditHit",
    "AuditOutcome",
    "AuditSource",
    "AuditedFile",
    "AuditedPackage",
    "FixStep",
    "SetAside",
    "SkipReason",
    "Skipped",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedFile:
    """One file of a release, as a lock or requirements file lists it; ``filename`` may be empty."""

    filename: str
    digests: tuple[Digest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPackage:
    """One release that was looked up.

    ``places`` are the lines that ask for it, in the files as the user named them. ``files`` are those that
    are wanted, or the one that is installed, as far as their digests are known. ``paths`` say who pulls it
    in: each is a way from what the user asked for down to this release, as ``name version`` (a release that
    is asked for itself has one way of one step); empty when that is not known.
    """

    project: ProjectName
    version: str
    places: tuple[Place, ...] = ()
    files: tuple[AuditedFile, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()

    @property
    def place(self) -> Place | None:
        """The first line that asks for it."""
        return self.places[0] if self.places else None

    @property
    def sha256s(self) -> tuple[str, ...]:
        """The sha256 of its files (hexadecimal), each once."""
        found = (
            digest.value for file in self.files for digest in file.digests if digest.algorithm == "sha256"
        )
        return tuple(dict.fromkeys(found))

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHit:
    """One advisory that affects, or may affect (``match.is_affected`` is false), one release.

    The advisory itself, why it matched and what fixes it stand in ``match``.
    """

    package: AuditedPackage
    match: Match
    rating: Rating

    @property
    def id(self) -> str:
        """The advisory's own id."""
        return self.match.record.id

    @property
    def is_malware(self) -> bool:
        """Whether the release, or this file, was published to do harm."""
        return self.match.record.is_malware


class AsideReason(Enum):
    """Why an advisory that matched does not count."""

    IGNORED = "ignored"
    """An ignore rule covers it."""
    SEVERITY = "severity"
    """It is below the severity that was asked for."""
    NO_FIX = "no-fix"
    """Only what has a fix was asked for, and it has none."""
    EXCEPTION = "exception"
    """The policy has an exception for this file of a malicious release."""
    VEX = "vex"
    """A VEX document says that the release is not affected where it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An advisory that matched and does not count.

    ``rule`` is there for IGNORED, ``vex`` for VEX, ``detail`` a reason.
    """

    hit: AuditHit
    reason: AsideReason
    rule: IgnoreRule | None = None
    detail: str = ""
    vex: VexStatement | None = None


class SkipReason(Enum):
    """Why a release was not looked up. Never to be read as clean."""

    UNPINNED = "unpinned"
    DIRECT = "direct"
    """It comes from an address, a repository or a folder, and no version is known."""
    EDITABLE = "editable"
    NO_VERSION = "no-version"
    MARKER = "marker"
    """The requirement does not apply to the interpreter that is audited."""
    UNKNOWN = "unknown"
    """The index answered that it does not know the release; it does so for quarantined ones too."""
    PRIVATE = "private"
    """Its name must not be sent to the service."""
    ECOSYSTEM = "ecosystem"
    """A component of a document that is no Python distribution."""
    UNREADABLE = "unreadable"
    """Something that stands for a distribution cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What was not audited. ``name`` is as the input has it; ``version`` may be empty."""

    name: str
    version: str = ""
    reason: SkipReason
    detail: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSource:
    """Where the advisories are from.

    ``service`` is ``osv``, ``pypi`` or ``db``; ``address`` the service's URL (without credentials) or the
    path of the database, ``origin`` the URL or path that a database was made from. ``as_of`` is when the data
    was obtained (RFC 3339), ``age_seconds`` how long ago that is; ``records`` counts those of a database
    (0 for a service); ``content`` is the database's digest over all its records.
    """

    service: str
    address: str
    origin: str = ""
    as_of: str = ""
    age_seconds: int = 0
    records: int = 0
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixStep:
    """What ``--fix`` did, or would do, for one project; ``new`` is empty where it is blocked."""

    project: ProjectName
    old: str
    new: str = ""
    ids: tuple[str, ...] = ()
    blocked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOutcome:
    """One audit. ``inputs`` name what was audited, as the user did.

    ``hits`` count, one for each release and advisory, in the order of ``packages``; what speaks of one flaw
    is folded only where it is shown (:func:`trued.advisories.aliases.fold` over their ``match``).
    ``findings`` are warnings about the audit itself: rules that ended, an old database.
    """

    inputs: tuple[str, ...]
    started: datetime
    source: AuditSource
    packages: tuple[AuditedPackage, ...]
    hits: tuple[AuditHit, ...] = ()
    aside: tuple[SetAside, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    findings: tuple[Finding, ...] = ()
    fixes: tuple[FixStep, ...] = ()
    diff: str = ""
    is_strict: bool = False
    is_fixed: bool = False
    """Whether ``fixes`` and ``diff`` were written, and not only shown."""

    @property
    def affected(self) -> tuple[AuditedPackage, ...]:
        """The releases with at least one advisory that counts, each once."""
        found = {id(hit.package): hit.package for hit in self.hits}
        return tuple(found.values())

    @property
    def open_hits(self) -> tuple[AuditHit, ...]:
        """The hits but those that a fix took away."""
        fixed = {step.project: step.ids for step in self.fixes if step.new} if self.is_fixed else {}
        return tuple(hit for hit in self.hits if hit.id not in fixed.get(hit.package.project, ()))

    def is_fatal(self, skipped: Skipped) -> bool:
        """Tell whether the audit fails for *skipped*: it should have been audited, or all has to be."""
        return self.is_strict or skipped.reason in (SkipReason.UNKNOWN, SkipReason.UNREADABLE)

    @property
    def exit_status(self) -> int:
        """0: clean. 1: advisories. 2: not everything could be audited. 3: there was nothing to audit."""
        if self.open_hits:
            return 1
        if self.unreadable or any(self.is_fatal(one) for one in self.skipped):
            return 2
        return 0 if self.packages else 3
