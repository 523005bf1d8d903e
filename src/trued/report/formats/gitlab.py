"""GitLab's dependency scanning report.

Version 15.2.1 of GitLab's security report schemas: a report of a version that an instance does not know is
not read, and this one is known since GitLab 17.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trued.report.formats.advisory import (
    Told,
    action,
    advisory_address,
    cwes,
    pulled_in_by,
    reference_addresses,
    sentence,
    severity_word,
    skipped_text,
    source_text,
    title,
    told,
)
from trued.report.formats.checkout import Checkout
from trued.report.formats.json_text import json_text
from trued.report.formats.quoting import limited, markdown, one_line

if TYPE_CHECKING:
    from trued.advisories.outcome import AuditHit, AuditOutcome
    from trued.core.finding import Place

__all__ = ["gitlab_report"]

_VERSION = "15.2.1"
_NAME, _DESCRIPTION, _SOLUTION = 255, 100_000, 7_000
_IDENTIFIERS = 20
_VECTOR_LENGTHS = range(26, 129)
_TIME = "%Y-%m-%dT%H:%M:%S"


def gitlab_report(outcome: AuditOutcome, *, checkout: Checkout | None = None) -> str:
    """Return the report of one audit: a vulnerability for each line that asks for an affected release.

    What GitLab fingerprints is file, package and first identifier, so that one stays the same as lines move.
    """
    where = checkout or Checkout()
    found = [
        _vulnerability(one, file, place, where)
        for one in told(outcome.hits)
        for file, place in _files(one.hit, outcome, where).items()
    ]
    report: dict[str, Any] = {
        "version": _VERSION,
        "scan": _scan(outcome),
        "vulnerabilities": found,
    }
    if remedies := _remediations(outcome, found):
        report["remediations"] = remedies
    return json_text(report)


def _scan(outcome: AuditOutcome) -> dict[str, Any]:
    from trued import __version__

    tool = {"id": "trued", "name": "trued", "version": __version__, "vendor": {"name": "trued"}}
    time = outcome.started.strftime(_TIME)
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "dependency_scanning",
        "status": "success" if outcome.exit_status in (0, 1) else "failure",
        "start_time": time,
        "end_time": time,
        "messages": _messages(outcome),
    }


def _messages(outcome: AuditOutcome) -> list[dict[str, str]]:
    told = [("info", source_text(outcome))]
    told += [
        ("warn", f"{one_line(each.name)} was not audited: {skipped_text(each)}") for each in outcome.skipped
    ]
    told += [
        ("fatal", f"The advisory {one_line(each.record)} cannot be read: {one_line(each.detail)}")
        for each in outcome.unreadable
    ]
    if not outcome.packages:
        told.append(("fatal", "Nothing was audited."))
    return [{"level": level, "value": text} for level, text in told]


def _files(hit: AuditHit, outcome: AuditOutcome, where: Checkout) -> dict[str, Place | None]:
    """Return the files that ask for the release, with its first line in each; else what was audited."""
    found: dict[str, Place | None] = {}
    for place in hit.package.places:
        found.setdefault(where.path(place.file), place)
    return found or {where.path(outcome.inputs[0]) if outcome.inputs else "environment": None}


def _vulnerability(one: Told, file: str, place: Place | None, where: Checkout) -> dict[str, Any]:
    hit, record, package = one.hit, one.hit.match.record, one.hit.package
    said = f"{sentence(hit)}."
    data: dict[str, Any] = {
        "id": _identity(hit, file),
        "name": limited(title(record), _NAME),
        "description": limited(_described(said, record.details), _DESCRIPTION),
        "severity": severity_word(hit).capitalize(),
        "solution": limited(markdown(action(hit)), _SOLUTION),
        "identifiers": _identifiers(one),
        "links": [{"url": address} for address in reference_addresses(record)],
        "location": {
            "file": file,
            "dependency": {
                "package": {"name": package.project},
                "version": one_line(package.version),
                "direct": not pulled_in_by(package),
            },
        },
    }
    if details := _details(hit, place, where):
        data["details"] = details
    if vectors := _vectors(hit):
        data["cvss_vectors"] = vectors
    return data


def _described(said: str, details: str) -> str:
    """Return the description, which GitLab renders as Markdown, as plain paragraphs."""
    texts = [said, *(text for text in details.split("\n\n") if text.strip())]
    return "\n\n".join(markdown(text) for text in texts)


def _identity(hit: AuditHit, file: str) -> str:
    from uuid import NAMESPACE_URL, uuid5

    parts = (hit.id, hit.package.project, hit.package.version, file)
    return str(uuid5(NAMESPACE_URL, "trued:audit:" + "\0".join(parts)))


def _identifiers(one: Told) -> list[dict[str, str]]:
    """Return the names of the flaw, the record's own first: GitLab tells findings apart by the first."""
    found = [_identifier(name) for name in (one.hit.id, *one.names)]
    found += [
        {
            "type": "cwe",
            "name": f"CWE-{number}",
            "value": str(number),
            "url": f"https://cwe.mitre.org/data/definitions/{number}.html",
        }
        for number in cwes(one.hit.match.record)
    ]
    return found[:_IDENTIFIERS]


def _identifier(name: str) -> dict[str, str]:
    prefix = name.partition("-")[0].lower()
    known = prefix if prefix in ("cve", "ghsa", "pysec", "mal") else "osv"
    found = {"type": known, "name": name, "value": name}
    if address := advisory_address(name):
        found["url"] = address
    return found


def _vectors(hit: AuditHit) -> list[dict[str, str]]:
    """Return the vector where the schema knows its version: 2 and 3 only."""
    vector, origin = hit.rating.vector, hit.rating.origin
    if origin not in ("cvss-2.0", "cvss-3.0", "cvss-3.1") or len(vector) not in _VECTOR_LENGTHS:
        return []
    return [{"vendor": one_line(hit.rating.record) or "unknown", "vector": vector}]


def _details(hit: AuditHit, place: Place | None, where: Checkout) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if place is not None and place.line:
        details["line"] = {
            "name": "Asked for at",
            "type": "file-location",
            "file_name": where.path(place.file),
            "line_start": place.line,
        }
    if way := pulled_in_by(hit.package):
        details["way"] = {"name": "Pulled in by", "type": "text", "value": way}
    if not hit.match.is_affected:
        text = "It cannot be decided from the advisory whether this release is affected."
        details["certainty"] = {"name": "Not certain", "type": "text", "value": text}
    return details


def _remediations(outcome: AuditOutcome, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the difference that ``--fix`` made or would make, for the vulnerabilities that it ends."""
    from base64 import b64encode

    ended = {(step.project, identifier) for step in outcome.fixes if step.new for identifier in step.ids}
    fixes = [
        {"id": each["id"]}
        for each in found
        if (each["location"]["dependency"]["package"]["name"], each["identifiers"][0]["value"]) in ended
    ]
    if not outcome.diff or not fixes:
        return []
    steps = [
        f"{step.project} {one_line(step.old)} to {one_line(step.new)}" for step in outcome.fixes if step.new
    ]
    diff = b64encode(outcome.diff.encode()).decode()
    return [{"fixes": fixes, "summary": "Update " + ", ".join(steps), "diff": diff}]
