"""Markdown for a comment on a pull request or a step summary (GitHub's and GitLab's flavours)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.report.formats.advisory import (
    Told,
    advisory_address,
    counted,
    pulled_in_by,
    severity_word,
    skipped_text,
    source_text,
    title,
    told,
    why_aside,
)
from trued.report.formats.quoting import markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trued.advisories.outcome import AuditedPackage, AuditHit, AuditOutcome, Skipped
    from trued.core.finding import Place

__all__ = ["markdown_report"]


def markdown_report(outcome: AuditOutcome) -> str:
    """Return the whole report: a verdict, a table of what was found, and what was not audited."""
    blocks = [f"## {_verdict(outcome)}", _table(outcome.hits)]
    blocks += list(_sections(outcome))
    blocks.append(f"{markdown(source_text(outcome))}. {counted(len(outcome.packages), 'release')} audited.")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _verdict(outcome: AuditOutcome) -> str:
    if outcome.hits:
        malware = sum(hit.is_malware and hit.match.is_affected for hit in outcome.hits)
        found = counted(len(outcome.hits), "advisory")
        text = f"{found} for {counted(len(outcome.affected), 'release')}"
        return f"{text}, {malware} of them malware" if malware else text
    if not outcome.packages:
        return "Nothing was audited"
    if outcome.unreadable:
        return "No known advisory, but not every record could be read"
    if outcome.skipped:
        return f"No known advisory, but {len(outcome.skipped)} not audited"
    return "No known advisory"


def _table(hits: Iterable[AuditHit]) -> str:
    rows = [_row(one) for one in told(hits)]
    if not rows:
        return ""
    return _rows(("package", "version", "advisory", "severity", "fixed in", "where", "pulled in by"), rows)


def _row(one: Told) -> tuple[str, ...]:
    hit, package = one.hit, one.hit.package
    return (
        markdown(package.project),
        markdown(package.version),
        _advisory(one),
        _severity(hit),
        ", ".join(markdown(version) for version in hit.match.fixed_in) or "none",
        _places(package),
        markdown(pulled_in_by(package)),
    )


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(header), " | ".join("---" for _ in header), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _advisory(one: Told) -> str:
    hit = one.hit
    address = advisory_address(hit.id)
    name = f"[{markdown(hit.id)}]({address})" if address else markdown(hit.id)
    others = "".join(f", {markdown(other)}" for other in sorted(hit.match.record.cves - {hit.id}))
    return f"{name}{others}: {markdown(title(hit.match.record))}"


def _severity(hit: AuditHit) -> str:
    if hit.is_malware:
        return "**malware**"
    word = severity_word(hit)
    told = f"{word} ({hit.rating.score:.1f})" if hit.rating.score else word
    return told if hit.match.is_affected else f"{told}, not certain"


def _places(package: AuditedPackage) -> str:
    return ", ".join(_place(place) for place in package.places)


def _place(place: Place | None) -> str:
    return markdown(str(place)) if place is not None else ""


def _named(skipped: Skipped) -> str:
    parts = (markdown(skipped.name), markdown(skipped.version), _place(skipped.place))
    return " ".join(part for part in parts if part)


def _sections(outcome: AuditOutcome) -> Iterator[str]:
    if outcome.fixes:
        rows = [
            (
                markdown(step.project),
                markdown(step.old),
                markdown(step.new) or f"blocked: {markdown(step.blocked_by)}",
                ", ".join(markdown(identifier) for identifier in step.ids),
            )
            for step in outcome.fixes
        ]
        yield "### Fixes\n\n" + _rows(("package", "from", "to", "for"), rows)
    if outcome.skipped:
        items = [f"{_named(each)}: {markdown(skipped_text(each))}" for each in outcome.skipped]
        yield _folded(f"{len(items)} not audited", items)
    if outcome.unreadable:
        items = [f"{markdown(each.record)}: {markdown(each.detail)}" for each in outcome.unreadable]
        yield _folded(f"{counted(len(items), 'advisory')} could not be read", items)
    if outcome.aside:
        items = [
            f"{markdown(str(each.hit.package))}: {markdown(each.hit.id)}, {markdown(why_aside(each))}"
            for each in outcome.aside
        ]
        yield _folded(f"{counted(len(items), 'advisory')} set aside", items)


def _folded(summary: str, items: Iterable[str]) -> str:
    listed = "\n".join(f"- {' '.join(one_line(item).split())}" for item in items)
    return f"<details><summary>{summary}</summary>\n\n{listed}\n\n</details>"
