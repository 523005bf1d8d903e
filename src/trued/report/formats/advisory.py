"""What every format says of one advisory and one release: title, severity, link, what mends it."""

from __future__ import annotations

from trued.advisories.aliases import fold
from trued.advisories.outcome import AsideReason
from trued.core.record import dataclass
from trued.report.formats.quoting import limited, one_line, web_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from trued.advisories.outcome import AuditedPackage, AuditHit, AuditOutcome, SetAside, Skipped
    from trued.advisories.record import Record

__all__ = [
    "Told",
    "action",
    "advisory_address",
    "counted",
    "cwes",
    "numbered_score",
    "pulled_in_by",
    "reference_addresses",
    "sentence",
    "severity_word",
    "skipped_text",
    "source_text",
    "title",
    "told",
    "why_aside",
    "worst_first",
]

_TITLE = 200
_OF_LEVEL = {"critical": 9.5, "high": 8.0, "medium": 5.5, "low": 2.0}
"""A score within each level, for formats that want a number where nobody gives one."""

_ORDER = ("critical", "high", "unknown", "medium", "low")

_SKIPPED = {
    "unpinned": "its version is not pinned",
    "direct": "it comes from an address, a repository or a folder",
    "editable": "it is installed as editable",
    "no-version": "it has no version",
    "marker": "its marker does not hold for the interpreter",
    "unknown": "the index does not know it (which it also says of a quarantined one)",
    "private": "its name must not be sent to the service",
    "ecosystem": "it is no Python distribution",
    "unreadable": "it cannot be read",
}


def title(record: Record) -> str:
    """Return what the advisory is about, on one line without a stop: its summary, else its first sentence."""
    text = one_line(record.summary or record.details)
    if not record.summary:
        text = text.partition(". ")[0]
    return limited(text.rstrip(".") or record.id, _TITLE)


def severity_word(hit: AuditHit) -> str:
    """Return ``critical``, ``high``, ``medium``, ``low`` or ``unknown``."""
    return hit.rating.severity.value if hit.rating.severity else "unknown"


def numbered_score(hit: AuditHit) -> float:
    """Return the CVSS base score, else one in the middle of the level; what is unknown counts as high.

    Malware has no score: it is worth the highest.
    """
    if hit.is_malware:
        return 10.0
    if hit.rating.score:
        return hit.rating.score
    return _OF_LEVEL[hit.rating.counts_as.value]


@dataclass(frozen=True, slots=True)
class Told:
    """What is told as one: a hit, and those of the same release that name the same CVE and no other."""

    hit: AuditHit
    others: tuple[AuditHit, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The other names of the flaw, each once, on one line each."""
        records = [self.hit.match.record, *(other.match.record for other in self.others)]
        names = (one_line(name) for record in records for name in (record.id, *record.aliases))
        return tuple(dict.fromkeys(name for name in names if name and name != self.hit.id))


def told(hits: Iterable[AuditHit]) -> list[Told]:
    """Fold *hits* that speak of one flaw: malware first, then by severity, each level in the order given."""
    by_package: dict[int, list[AuditHit]] = {}
    for hit in hits:
        by_package.setdefault(id(hit.package), []).append(hit)
    found: list[Told] = []
    for group in by_package.values():
        by_match = {id(hit.match): hit for hit in group}
        for each in fold(hit.match for hit in group):
            others = tuple(by_match[id(match)] for match in each.others)
            found.append(Told(by_match[id(each.shown)], others))
    return sorted(found, key=lambda one: _rank(one.hit))


def worst_first(hits: Iterable[AuditHit]) -> list[AuditHit]:
    """Return *hits*, each by itself, in the same order."""
    return sorted(hits, key=_rank)


def _rank(hit: AuditHit) -> tuple[bool, int]:
    return not hit.is_malware, _ORDER.index(severity_word(hit))


def sentence(hit: AuditHit) -> str:
    """Return release, advisory, severity and what it is about in one sentence, without the stop."""
    about = title(hit.match.record)
    if hit.is_malware and hit.match.is_affected:
        return f"{hit.package} is malware ({hit.id}): {about}"
    stands = "is affected by" if hit.match.is_affected else "may be affected by"
    return f"{hit.package} {stands} {hit.id} ({severity_word(hit)}): {about}"


def action(hit: AuditHit) -> str:
    """Return what mends it."""
    if hit.is_malware:
        return "Remove it, and treat every secret that it could read as known to others."
    if hit.match.fixed_in:
        versions = " or ".join(one_line(version) for version in hit.match.fixed_in)
        return f"Update {hit.package.project} to {versions}."
    return "No release is known to fix it. Replace the project, or keep it from what the advisory describes."


def why_aside(aside: SetAside) -> str:
    """Return why an advisory does not count, on one line."""
    rule, detail = aside.rule, one_line(aside.detail)
    if aside.reason is AsideReason.IGNORED:
        reason = one_line(rule.reason) if rule is not None and rule.reason else detail or "no reason given"
        return (
            f"ignored until {rule.until}: {reason}"
            if rule is not None and rule.until
            else f"ignored: {reason}"
        )
    text = {
        AsideReason.SEVERITY: "below the severity that was asked for",
        AsideReason.NO_FIX: "without a fix",
        AsideReason.EXCEPTION: "allowed by an exception of the policy",
        AsideReason.VEX: "judged by a VEX document",
    }[aside.reason]
    return f"{text}: {detail}" if detail else text


def skipped_text(skipped: Skipped) -> str:
    """Return why something was not audited."""
    text = _SKIPPED[skipped.reason.value]
    return f"{text}: {one_line(skipped.detail)}" if skipped.detail else text


def pulled_in_by(package: AuditedPackage) -> str:
    """Return the shortest way down to the release; empty when it is asked for itself."""
    ways = [path for path in package.paths if len(path) > 1]
    if not ways or len(ways) < len(package.paths):
        return ""
    return " → ".join(one_line(step) for step in min(ways, key=lambda path: (len(path), path))[:-1])


def advisory_address(identifier: str) -> str:
    """Return where people read the record with this id."""
    if identifier.startswith("GHSA-"):
        return web_address(f"https://github.com/advisories/{identifier}")
    return web_address(f"https://osv.dev/vulnerability/{identifier}")


def reference_addresses(record: Record) -> tuple[str, ...]:
    """Return the links of the record that can be linked to, each once."""
    return tuple(dict.fromkeys(url for each in record.references if (url := web_address(each.url))))


def cwes(record: Record) -> tuple[int, ...]:
    """Return the numbers of the weaknesses that the record names, in order."""
    named = record.database_specific.get("cwe_ids")
    found = {
        int(each[4:])
        for each in (named if isinstance(named, list) else ())
        if isinstance(each, str) and each.startswith("CWE-") and each[4:].isdecimal() and len(each) < 12
    }
    return tuple(sorted(found))


def source_text(outcome: AuditOutcome) -> str:
    """Return where the advisories are from and how old they are, on one line."""
    source = outcome.source
    told = {"osv": "the OSV service", "pypi": "the index", "db": "the local database"}
    text = f"Advisories of {told.get(source.service, one_line(source.service))}"
    if source.records:
        text += f", {source.records} records"
    if source.as_of:
        text += f", as of {one_line(source.as_of)} ({_age(source.age_seconds)} old)"
    return text


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 release``, ``2 releases``, ``3 advisories``, ``4 days``."""
    if number == 1:
        return f"1 {noun}"
    is_changed = noun.endswith("y") and noun[-2:-1] not in ("a", "e", "o", "u")
    return f"{number} {noun[:-1]}ies" if is_changed else f"{number} {noun}s"


def _age(seconds: int) -> str:
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(max(seconds, 0), "second")
