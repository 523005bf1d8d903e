"""SARIF 2.1.0, as GitHub's code scanning reads it.

An alert is shown in a pull request only where its line is changed, so each result points at the line of the
requirements or lock file. Sources: OASIS SARIF 2.1.0; GitHub, "SARIF support for code scanning".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trued.advisories.package_url import package_url
from trued.report.formats.advisory import (
    Told,
    action,
    advisory_address,
    counted,
    cwes,
    numbered_score,
    pulled_in_by,
    reference_addresses,
    sentence,
    severity_word,
    skipped_text,
    source_text,
    title,
    told,
    why_aside,
)
from trued.report.formats.checkout import Checkout
from trued.report.formats.json_text import json_text
from trued.report.formats.quoting import limited, markdown, one_line, paragraphs, sarif_message

if TYPE_CHECKING:
    from trued.advisories.outcome import AuditHit, AuditOutcome, SetAside
    from trued.core.finding import Place

__all__ = ["sarif_report"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RESULTS = 5_000
"""GitHub keeps as many of a run."""

_DESCRIPTION = 1_024
_HELP = 8_000
_FINGERPRINT = "trued/v1"


def sarif_report(outcome: AuditOutcome, *, checkout: Checkout | None = None) -> str:
    """Return the log of one audit: a rule for each advisory, a result for each line that asks for it."""
    where = checkout or Checkout()
    found = told(outcome.hits)
    aside = [(one, Told(one.hit)) for one in outcome.aside]
    rules: dict[str, dict[str, Any]] = {}
    for one in (*found, *(each for _, each in aside)):
        known = rules.get(one.hit.id)
        if known is None or float(known["properties"]["security-severity"]) < numbered_score(one.hit):
            rules[one.hit.id] = _rule(one)
    numbers = {identifier: number for number, identifier in enumerate(rules)}
    results = [each for one in found for each in _results(one, where, numbers)]
    results += [each for why, one in aside for each in _set_aside(why, one, where, numbers)]
    return json_text(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [_run(outcome, list(rules.values()), results[:_RESULTS])],
        }
    )


def _run(outcome: AuditOutcome, rules: list[dict[str, Any]], results: list[dict[str, Any]]) -> dict[str, Any]:
    from trued import __version__

    driver = {"name": "trued", "semanticVersion": __version__, "version": __version__, "rules": rules}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": "trued-audit/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": outcome.exit_status in (0, 1),
                "exitCode": outcome.exit_status,
                "startTimeUtc": outcome.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "toolExecutionNotifications": _notifications(outcome),
            }
        ],
        "properties": {"source": source_text(outcome), "audited": len(outcome.packages)},
        "results": results,
    }


def _rule(one: Told) -> dict[str, Any]:
    hit, record = one.hit, one.hit.match.record
    said = paragraphs(record.details) or title(record)
    rule: dict[str, Any] = {
        "id": hit.id,
        "name": "Malware" if hit.is_malware else "KnownVulnerability",
        "shortDescription": {"text": f"{hit.id}: {title(record)}"},
        "fullDescription": {"text": limited(said, _DESCRIPTION)},
        "help": {"text": _help(one), "markdown": _help_markdown(one)},
        "defaultConfiguration": {"level": _level(hit)},
        "properties": {
            "precision": "very-high" if hit.match.is_affected else "medium",
            "problem.severity": "error" if _level(hit) == "error" else "warning",
            "security-severity": f"{numbered_score(hit):.1f}",
            "tags": ["security", *(f"external/cwe/cwe-{number:03}" for number in cwes(record)[:8])],
        },
    }
    if address := advisory_address(hit.id):
        rule["helpUri"] = address
    return rule


def _help(one: Told) -> str:
    hit, record = one.hit, one.hit.match.record
    lines = [title(record), f"Severity: {severity_word(hit)}"]
    if one.names:
        lines.append("Also known as: " + ", ".join(one.names))
    lines += ["", *reference_addresses(record), "", paragraphs(record.details)]
    return limited("\n".join(lines).strip(), _HELP)


def _help_markdown(one: Told) -> str:
    hit, record = one.hit, one.hit.match.record
    lines = [f"**{markdown(title(record))}**", "", f"- Severity: {severity_word(hit)}"]
    if one.names:
        lines.append("- Also known as: " + ", ".join(markdown(name) for name in one.names))
    lines += [f"- <{address}>" for address in reference_addresses(record)[:20]]
    paragraphs_of = [markdown(text) for text in record.details.split("\n\n") if text.strip()]
    for paragraph in paragraphs_of:
        if len("\n".join(lines)) + len(paragraph) > _HELP:
            break
        lines += ["", f"> {paragraph}"]
    return "\n".join(lines)


def _level(hit: AuditHit) -> str:
    if not hit.match.is_affected:
        return "warning"
    if hit.is_malware or severity_word(hit) in ("critical", "high", "unknown"):
        return "error"
    return "warning" if severity_word(hit) == "medium" else "note"


def _results(one: Told, where: Checkout, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """Return a result for each line that asks for the release, one without a line when none is known."""
    return [_result(one, place, where, numbers) for place in one.hit.package.places or (None,)]


def _set_aside(aside: SetAside, one: Told, where: Checkout, numbers: dict[str, int]) -> list[dict[str, Any]]:
    suppression = {
        "kind": "external",
        "status": "accepted",
        "justification": why_aside(aside),
    }
    return [result | {"suppressions": [suppression]} for result in _results(one, where, numbers)]


def _result(one: Told, place: Place | None, where: Checkout, numbers: dict[str, int]) -> dict[str, Any]:
    hit, package = one.hit, one.hit.package
    way = pulled_in_by(package)
    message = f"{sentence(hit)}. {action(hit)}"
    if way:
        message += f" Pulled in by {way}."
    url = package_url(package.project, package.version)
    logical = {"name": package.project, "fullyQualifiedName": url, "kind": "package"}
    location: dict[str, Any] = {"logicalLocations": [logical]}
    if place is not None:
        physical: dict[str, Any] = {"artifactLocation": {"uri": where.uri(place.file)}}
        if place.line:
            physical["region"] = {"startLine": place.line}
        location["physicalLocation"] = physical
    return {
        "ruleId": hit.id,
        "ruleIndex": numbers[hit.id],
        "level": _level(hit),
        "message": {"text": sarif_message(message)},
        "locations": [location],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(hit, place, where)},
        "properties": _properties(one),
    }


def _properties(one: Told) -> dict[str, Any]:
    hit = one.hit
    return {
        "package": hit.package.project,
        "version": one_line(hit.package.version),
        "affected": hit.match.is_affected,
        "fixedIn": [one_line(version) for version in hit.match.fixed_in],
        "aliases": list(one.names),
        "severity": severity_word(hit),
        "cvss": hit.rating.vector,
    }


def _fingerprint(hit: AuditHit, place: Place | None, where: Checkout) -> str:
    """Return what stays the same when lines move or the release changes, and differs between files."""
    from hashlib import sha256

    file = where.path(place.file) if place is not None else ""
    return sha256(f"{hit.id}\0{hit.package.project}\0{file}".encode()).hexdigest()


def _notifications(outcome: AuditOutcome) -> list[dict[str, Any]]:
    """Tell what was not audited: a viewer must not take an audit of half of it for a clean one."""
    told = [
        ("warning", f"{one_line(f'{each.name} {each.version}')} was not audited: {skipped_text(each)}")
        for each in outcome.skipped
    ]
    told += [
        ("error", f"The advisory {one_line(each.record)} cannot be read: {one_line(each.detail)}")
        for each in outcome.unreadable
    ]
    if not outcome.packages:
        told.append(("error", f"Nothing was audited ({counted(len(outcome.inputs), 'input')})."))
    return [{"level": level, "message": {"text": sarif_message(text)}} for level, text in told]
