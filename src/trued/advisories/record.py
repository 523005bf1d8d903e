"""An advisory as data: one record of the Open Source Vulnerability format, as far as Python packages go.

Source: the OSV schema 1.7 (``docs/schema.md`` of ossf/osv-schema). :mod:`trued.advisories.document` reads it.
"""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.names import ProjectName

__all__ = [
    "AffectedProject",
    "Event",
    "EventKind",
    "InvalidRecord",
    "MaliciousFile",
    "Range",
    "Record",
    "Reference",
    "SeverityVector",
]


class EventKind(Enum):
    """What an event of a range says; the order of the members is the order at equal versions."""

    INTRODUCED = "introduced"
    LAST_AFFECTED = "last_affected"
    FIXED = "fixed"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state along the versions, as the record writes it."""

    kind: EventKind
    version: str


@dataclass(frozen=True, slots=True)
class Range:
    """One range: ``type`` is ``ECOSYSTEM``, ``SEMVER`` or one that is not known. ``GIT`` is never kept."""

    type: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class SeverityVector:
    """A severity as the record states it: ``CVSS_V2``, ``CVSS_V3``, ``CVSS_V4`` or another, and a score."""

    type: str
    score: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A link of the record, and what it is: ``ADVISORY``, ``FIX``, ``WEB``."""

    type: str
    url: str


@dataclass(frozen=True, slots=True)
class MaliciousFile:
    """A distribution file that a malware record names by its digest (lower-case hexadecimal)."""

    sha256: str
    filename: str
    project: ProjectName


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedProject:
    """What a record says of one project of the ecosystem: a list of versions, ranges, or both."""

    project: ProjectName
    versions: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    severity: tuple[SeverityVector, ...] = ()
    ecosystem_specific: Mapping[str, object] = field(default_factory=dict)
    database_specific: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One advisory.

    Times are RFC 3339 in UTC, in one form that sorts. ``withdrawn`` is empty unless the record was taken
    back. ``is_malware`` tells a project or release that was published to do harm from one with a flaw.
    """

    id: str
    modified: str
    published: str = ""
    withdrawn: str = ""
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severity: tuple[SeverityVector, ...] = ()
    affected: tuple[AffectedProject, ...] = ()
    references: tuple[Reference, ...] = ()
    database_specific: Mapping[str, object] = field(default_factory=dict)
    is_malware: bool = False
    files: tuple[MaliciousFile, ...] = ()

    @property
    def cves(self) -> frozenset[str]:
        """The CVE names that this record goes by."""
        return frozenset(name for name in (self.id, *self.aliases) if name.startswith("CVE-"))


class InvalidRecord(ValueError):
    """A record cannot be understood, so that what it says of its projects is not known.

    ``identifier`` and ``projects`` are what could be read of it, perhaps empty.
    """

    def __init__(self, detail: str, *, identifier: str = "", projects: tuple[ProjectName, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.identifier = identifier
        self.projects = projects
