"""What requirement files say, parsed: requirements, constraints, and options of the whole run."""

from __future__ import annotations

from enum import Enum

from trued.core.record import dataclass, field
from trued.requirements.allowed import NOTHING_STATED, Allowed
from trued.requirements.controls import Control, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.core.finding import Finding, Place
    from trued.core.names import ProjectName
    from trued.requirements.url import Credentials

__all__ = ["FileOptions", "Kind", "Location", "OptionValue", "Requirement", "RequirementSet"]


class Kind(Enum):
    """Where a requirement's file comes from; the last three have no single file to compare a digest with."""

    NAMED = "named"
    URL = "url"
    FILE = "file"
    DIRECTORY = "directory"
    VCS = "vcs"
    EDITABLE = "editable"

    @property
    def is_one_file(self) -> bool:
        """Whether there is one file, whose digest can be known beforehand."""
        return self in (Kind.NAMED, Kind.URL, Kind.FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement or constraint line.

    ``text`` is what the line asks for, as written, fit to be shown. ``project`` is ``None`` where the file
    alone can tell it. ``specifier`` is a PEP 440 set (``"==1.0"``, perhaps empty; of a wheel by URL or path
    the version in its name). ``marker`` is PEP 508 text. ``url`` has neither credentials nor fragment;
    ``path`` is absolute. ``config_settings`` are the build backend's, several values a key in order.
    ``is_locked`` tells what a lock says from what a line says; ``tree_sha256`` is what it states of a
    repository's tree. ``names_itself`` tells that ``project`` is what its folder, repository or file says.
    """

    place: Place
    text: str
    kind: Kind
    project: ProjectName | None
    extras: frozenset[str] = frozenset()
    specifier: str = ""
    marker: str | None = None
    url: str | None = None
    credentials: Credentials | None = None
    path: str | None = None
    subdirectory: str | None = None
    allowed: Allowed = NOTHING_STATED
    config_settings: tuple[tuple[str, str], ...] = ()
    constraint: bool = False
    is_locked: bool = False
    tree_sha256: str | None = None
    names_itself: bool = False

    @property
    def pinned_version(self) -> str | None:
        """The one version that the specifier admits: a single ``==`` or ``===`` without wildcard."""
        if "," in self.specifier or not self.specifier.startswith("=="):
            return None
        version = self.specifier.lstrip("=").strip()
        return None if version.endswith(".*") else version


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionValue:
    """One option as it was given: its long name, its value (empty for a flag), and where."""

    name: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """An index, page or folder to look for files in; ``url`` is without credentials, or a path."""

    url: str
    credentials: Credentials | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """Options that requirement files set for the whole run, in the order in which they were read."""

    index_url: Location | None = None
    extra_index_urls: tuple[Location, ...] = ()
    find_links: tuple[Location, ...] = ()
    no_index: OptionValue | None = None
    prefer_binary: OptionValue | None = None
    pre: OptionValue | None = None
    require_hashes: OptionValue | None = None
    no_require_hashes: OptionValue | None = None
    trusted_hosts: tuple[OptionValue, ...] = ()
    features: tuple[OptionValue, ...] = ()
    formats: tuple[OptionValue, ...] = ()
    """``--only-binary`` and ``--no-binary``, in order: the last word on a project holds."""
    releases: tuple[OptionValue, ...] = ()
    """``--all-releases`` and ``--only-final``, in order."""

    @property
    def only_binary(self) -> frozenset[str]:
        """Projects (or ``:all:``) of which only wheels are taken."""
        return settled(_controls(self.formats, "--only-binary"))[0]

    @property
    def no_binary(self) -> frozenset[str]:
        """Projects (or ``:all:``) of which no wheels are taken."""
        return settled(_controls(self.formats, "--only-binary"))[1]

    @property
    def all_releases(self) -> frozenset[str]:
        """Projects (or ``:all:``) of which pre-releases may be chosen, ``--pre`` included."""
        chosen = settled(_controls(self.releases, "--all-releases"))[0]
        return chosen | {":all:"} if self.pre else chosen

    @property
    def only_final(self) -> frozenset[str]:
        """Projects (or ``:all:``) of which pre-releases are never chosen."""
        return settled(_controls(self.releases, "--all-releases"))[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSet:
    """Everything that the files and arguments of one run ask for; ``findings`` are warnings and notes."""

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    options: FileOptions = field(default_factory=FileOptions)
    findings: tuple[Finding, ...] = ()


def _controls(values: tuple[OptionValue, ...], first: str) -> tuple[Control, ...]:
    return tuple(Control(value.value, is_first=value.name == first) for value in values)
