"""The result of an audit as a table for people, and the sentence that sums it up."""

from __future__ import annotations

from trued.advisories.aliases import fold
from trued.report.formats.advisory import (
    counted,
    pulled_in_by,
    severity_word,
    source_text,
    title,
    why_aside,
    worst_first,
)
from trued.report.formats.quoting import limited, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trued.advisories.outcome import AuditHit, AuditOutcome

__all__ = ["audit_lines", "summary_line"]

_HEADER = ("Package", "Version", "Advisory", "Severity", "Fixed in", "Pulled in by", "Where")
_CELL = 60
_SAID = 400


def audit_lines(outcome: AuditOutcome, *, aliases: bool, described: bool) -> list[str]:
    """Return the table of *outcome*, worst first, and below it what was set aside; empty when nothing met.

    With *aliases* the other names of each advisory are shown, *described* what it says. What speaks of one
    flaw stands in one row.
    """
    folded = _folded(worst_first(outcome.hits))
    rows = [_row(group) for group in folded]
    lines: list[str] = []
    if rows:
        widths = [max(map(len, column)) for column in zip(_HEADER, *rows, strict=True)]
        written = "  ".join(f"{{:<{width}}}" for width in widths).format
        lines += [written(*row).rstrip() for row in (_HEADER, ["-" * width for width in widths])]
        for group, row in zip(folded, rows, strict=True):
            lines.append(written(*row).rstrip())
            lines += _below(group, aliases=aliases, described=described)
    if outcome.aside:
        lines += ["", "Set aside:"] if lines else ["Set aside:"]
        lines += [
            f"  {one.hit.package} {one_line(one.hit.id)} ({severity_word(one.hit)}): {why_aside(one)}"
            for one in outcome.aside
        ]
    return lines


def summary_line(outcome: AuditOutcome) -> str:
    """Return how much was audited against what, and what was found."""
    affected = len(outcome.affected)
    told = f"{counted(len(outcome.packages), 'release')} audited"
    if outcome.hits:
        told += f", {counted(affected, 'of them')}".replace("of thems", "of them")
        told += f" with {counted(len(outcome.hits), 'advisory')}"
        malware = sum(hit.is_malware for hit in outcome.hits)
        told += f" ({malware} of malware)" if malware else ""
    elif outcome.packages:
        told += ", no known advisories"
    if outcome.aside:
        told += f", {len(outcome.aside)} set aside"
    if outcome.skipped:
        told += f", {len(outcome.skipped)} not audited"
    return f"{told}. {source_text(outcome)}."


def _folded(hits: Sequence[AuditHit]) -> list[list[AuditHit]]:
    by_match = {id(hit.match): hit for hit in hits}
    return [[by_match[id(match)] for match in group.matches] for group in fold(hit.match for hit in hits)]


def _row(group: list[AuditHit]) -> tuple[str, ...]:
    hit = group[0] if len(group) == 1 else worst_first(group)[0]
    names = ", ".join(one_line(one.id) for one in group)
    kind = "malware" if hit.is_malware else severity_word(hit)
    if not hit.match.is_affected:
        kind += "?"
    elif hit.rating.score is not None:
        kind += f" {hit.rating.score:.1f}"
    fixed = next((one.match.fixed_in for one in group if one.match.fixed_in), ())
    place = hit.package.place
    cells = (
        hit.package.project,
        hit.package.version,
        names,
        kind,
        ", ".join(fixed) or "-",
        pulled_in_by(hit.package) or "-",
        str(place) if place else "-",
    )
    return (*(limited(one_line(cell), _CELL) for cell in cells[:-1]), one_line(cells[-1]))


def _below(group: list[AuditHit], *, aliases: bool, described: bool) -> Iterator[str]:
    shown = {hit.id for hit in group}
    if aliases:
        others = dict.fromkeys(name for hit in group for name in hit.match.record.aliases)
        names = [one_line(name) for name in others if name not in shown]
        yield f"    also {', '.join(names) or 'known by no other name'}"
    if described:
        record = group[0].match.record
        yield f"    {title(record)}"
        if record.summary and record.details:
            yield f"    {limited(one_line(record.details), _SAID)}"
