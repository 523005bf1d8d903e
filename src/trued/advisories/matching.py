"""Whether a record affects a release, exactly as the OSV specification evaluates, and what fixes it."""

from __future__ import annotations

from enum import Enum

from trued.advisories.evaluation import (
    IN_RANGE,
    LISTED,
    NO,
    ComparedVersion,
    ComparedVersions,
    evaluate,
    ready_range,
    ready_version,
    ready_versions,
)
from trued.advisories.record import EventKind
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trued.advisories.record import AffectedProject, Record
    from trued.advisories.subject import AuditSubject
    from trued.core.names import ProjectName

__all__ = [
    "Affected",
    "How",
    "Indeterminate",
    "Match",
    "NotAffected",
    "Reason",
    "Verdict",
    "entries_of",
    "fixes",
    "fixes_above",
    "judge",
    "judge_entries",
    "ready",
]


class How(Enum):
    """What showed that a release is affected."""

    DIGEST = "digest"
    LISTED = "listed"
    RANGE = "range"
    SERVICE = "service"


class Reason(Enum):
    """Why it cannot be decided whether a release is affected. Never to be read as "no"."""

    VERSION = "version"
    """The release's version is none by PEP 440, and the record has ranges."""
    EVENT = "event"
    """An event of a range that would decide names no version by PEP 440."""
    RANGE_TYPE = "range-type"
    """The record has a range of a type that is not known."""
    LOCAL = "local"
    """The public version is affected; whether this local build is, the record does not say."""
    NOTHING = "nothing"
    """The record names the project, but neither a version nor a range that can be compared."""
    RECORD = "record"
    """The record cannot be read."""
    SERVICE = "service"
    """The service named the record for this release; by the record itself it is not affected."""


@dataclass(frozen=True, slots=True)
class Affected:
    """The release is affected."""

    how: How


@dataclass(frozen=True, slots=True)
class NotAffected:
    """The release is not affected."""


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """It cannot be decided."""

    reason: Reason


Verdict = Affected | NotAffected | Indeterminate


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A record that affects, or may affect, one release.

    ``fixed_in`` are the versions above the release's that the record says fix it, nearest first; each is
    itself not affected by this record. ``sha256`` is the file that matched, when a digest did.
    """

    subject: AuditSubject
    record: Record
    verdict: Affected | Indeterminate
    fixed_in: tuple[str, ...] = ()
    sha256: str = ""

    @property
    def is_affected(self) -> bool:
        """Whether it is known to be affected."""
        return isinstance(self.verdict, Affected)


def ready(entry: AffectedProject, *, entry_of: Callable[[str], str] = ready_version) -> tuple[str, str]:
    """Return the versions and the ranges of *entry* as the texts of :mod:`trued.advisories.evaluation`.

    *entry_of* is :func:`ready_version`, or something that remembers its answers.
    """
    lines = [
        ready_range(each.type, [(e.kind.value, e.version) for e in each.events], entry_of=entry_of)
        for each in entry.ranges
    ]
    return ready_versions(map(entry_of, entry.versions)), "\n".join(lines)


def entries_of(
    record: Record, project: ProjectName, *, entry_of: Callable[[str], str] = ready_version
) -> tuple[tuple[str, str], ...]:
    """Return the texts of *record* for *project*, for :func:`judge_entries`; none of a withdrawn record."""
    if record.withdrawn:
        return ()
    return tuple(ready(entry, entry_of=entry_of) for entry in record.affected if entry.project == project)


def judge(record: Record, project: ProjectName, version: str) -> Verdict:
    """Say whether *record* affects *version* of *project*. A withdrawn record affects nothing."""
    return judge_entries(entries_of(record, project), ComparedVersion(version))


def judge_entries(entries: Iterable[tuple[str, str]], version: ComparedVersion) -> Verdict:
    """Join the answers of several entries of one project: affected beats undecided beats not affected."""
    undecided: Verdict = NotAffected()
    for versions, ranges in entries:
        answer = evaluate(versions, ranges, version)
        if answer in (LISTED, IN_RANGE):
            return Affected(How(answer))
        if answer != NO and isinstance(undecided, NotAffected):
            undecided = Indeterminate(Reason(answer[1:]))
    return undecided


def fixes(
    record: Record, project: ProjectName, version: str, *, entries: Iterable[tuple[str, str]] | None = None
) -> tuple[str, ...]:
    """Return the fixed versions above *version* that *record* itself does not affect, nearest first.

    *entries* are those of :func:`entries_of`, where they are at hand.
    """
    events = (
        event
        for entry in record.affected
        for each in entry.ranges
        for event in each.events
        if entry.project == project and event.kind is EventKind.FIXED
    )
    return fixes_above(
        (event.version for event in events),
        ComparedVersion(version),
        entries=entries_of(record, project) if entries is None else entries,
        compared=ComparedVersions(),
    )


def fixes_above(
    fixed: Iterable[str],
    version: ComparedVersion,
    *,
    entries: Iterable[tuple[str, str]],
    compared: ComparedVersions,
) -> tuple[str, ...]:
    """Return those of *fixed* that are above *version* and that *entries* do not affect, nearest first.

    *entries* are the texts of :func:`ready`. Of several spellings of one version the first is taken; what is
    no version is never a fix.
    """
    own = version.key or ""
    above: dict[str, ComparedVersion] = {}
    for text in fixed:
        each = compared[text]
        if each.key is not None and each.key > own:
            above.setdefault(each.key, each)
    texts = tuple(entries)
    nearest = (above[key] for key in sorted(above))
    return tuple([each.text for each in nearest if all(evaluate(*pair, each) == NO for pair in texts)])
