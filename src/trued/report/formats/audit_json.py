"""trued's own JSON of one audit. Its schema stands in ``docs/reference/audit.schema.json``.

Text is given as it is, since JSON escapes it. Within one format version keys are only added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trued.report.formats.advisory import cwes, title
from trued.report.formats.json_text import json_text
from trued.report.json_report import findings_data

if TYPE_CHECKING:
    from trued.advisories.outcome import (
        AuditedFile,
        AuditedPackage,
        AuditHit,
        AuditOutcome,
        AuditSource,
        FixStep,
        SetAside,
        Skipped,
    )
    from trued.core.finding import Place

__all__ = ["FORMAT_VERSION", "audit_data", "json_report"]

FORMAT_VERSION = 1


def json_report(outcome: AuditOutcome) -> str:
    """Return the report of one audit."""
    return json_text(audit_data(outcome))


def audit_data(outcome: AuditOutcome) -> dict[str, Any]:
    """Return the report of one audit as plain data."""
    from trued import __version__

    return {
        "format": FORMAT_VERSION,
        "trued": __version__,
        "command": "audit",
        "ok": outcome.exit_status == 0,
        "exit_status": outcome.exit_status,
        "started": outcome.started.isoformat(),
        "inputs": list(outcome.inputs),
        "source": _source(outcome.source),
        "packages": [_package(package) for package in outcome.packages],
        "advisories": [_hit(hit) for hit in outcome.hits],
        "set_aside": [_aside(aside) for aside in outcome.aside],
        "skipped": [_skipped(skipped) for skipped in outcome.skipped],
        "unreadable": [
            {"id": each.record, "project": each.project, "detail": each.detail} for each in outcome.unreadable
        ],
        "fixes": [_fix(step) for step in outcome.fixes],
        "diff": outcome.diff,
        "findings": findings_data(outcome.findings),
    }


def _source(source: AuditSource) -> dict[str, Any]:
    return {
        "service": source.service,
        "address": source.address,
        "origin": source.origin,
        "as_of": source.as_of,
        "age_seconds": source.age_seconds,
        "records": source.records,
        "content": source.content,
    }


def _package(package: AuditedPackage) -> dict[str, Any]:
    return {
        "name": package.project,
        "version": package.version,
        "places": [_place(place) for place in package.places],
        "files": [_file(file) for file in package.files],
        "paths": [list(path) for path in package.paths],
    }


def _file(file: AuditedFile) -> dict[str, Any]:
    return {
        "filename": file.filename,
        "digests": {digest.algorithm: digest.value for digest in file.digests},
    }


def _hit(hit: AuditHit) -> dict[str, Any]:
    record, match, rating = hit.match.record, hit.match, hit.rating
    return {
        "name": hit.package.project,
        "version": hit.package.version,
        "id": hit.id,
        "aliases": list(record.aliases),
        "affected": match.is_affected,
        "because": _because(hit),
        "sha256": match.sha256,
        "malware": hit.is_malware,
        "severity": rating.severity.value if rating.severity else "unknown",
        "rated_by": {"origin": rating.origin, "record": rating.record, "vector": rating.vector},
        "score": rating.score,
        "fixed_in": list(match.fixed_in),
        "title": title(record),
        "details": record.details,
        "published": record.published,
        "modified": record.modified,
        "cwes": list(cwes(record)),
        "references": [{"type": each.type, "url": each.url} for each in record.references],
        "places": [_place(place) for place in hit.package.places],
        "paths": [list(path) for path in hit.package.paths],
    }


def _because(hit: AuditHit) -> str:
    from trued.advisories.matching import Affected

    verdict = hit.match.verdict
    return verdict.how.value if isinstance(verdict, Affected) else verdict.reason.value


def _aside(aside: SetAside) -> dict[str, Any]:
    rule, statement = aside.rule, aside.vex
    data = _hit(aside.hit) | {"reason": aside.reason.value, "detail": aside.detail}
    if rule is not None:
        until = rule.until.isoformat() if rule.until else None
        data["rule"] = {"id": rule.identifier, "until": until, "reason": rule.reason}
        data["rule"]["place"] = _place(rule.place)
    if statement is not None:
        data["vex"] = {
            "status": statement.status.value,
            "justification": statement.justification,
            "detail": statement.detail,
            "place": _place(statement.place),
        }
    return data


def _skipped(skipped: Skipped) -> dict[str, Any]:
    return {
        "name": skipped.name,
        "version": skipped.version,
        "reason": skipped.reason.value,
        "detail": skipped.detail,
        "place": _place(skipped.place),
    }


def _fix(step: FixStep) -> dict[str, Any]:
    return {
        "name": step.project,
        "from": step.old,
        "to": step.new or None,
        "ids": list(step.ids),
        "blocked_by": step.blocked_by,
    }


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line}
