"""OpenVEX 0.2.0: what an audit knows of each advisory, as statements.

Source: the OpenVEX specification 0.2.0. "affected" needs an action, "not_affected" a justification or an
impact statement, never both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trued.advisories.outcome import AsideReason
from trued.advisories.package_url import package_url
from trued.advisories.vex import VexStatus
from trued.report.formats.advisory import action, title, why_aside
from trued.report.formats.json_text import json_text
from trued.report.formats.quoting import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trued.advisories.outcome import AuditedPackage, AuditHit, AuditOutcome, SetAside

__all__ = ["OPENVEX_JUSTIFICATIONS", "openvex_report"]

_CONTEXT = "https://openvex.dev/ns/v0.2.0"
_HASHES = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512", "sha1": "sha1", "md5": "md5"}

OPENVEX_JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)


def openvex_report(outcome: AuditOutcome, *, author: str = "trued audit") -> str:
    """Return the document of one audit. Without any advisory it has no statement; the schema wants one.

    What is set aside by an ignore rule or an exception stays "affected", with the reason as the action: that
    someone accepts a flaw does not end it.
    """
    from uuid import NAMESPACE_URL, uuid5

    from trued import __version__

    time = outcome.started.strftime("%Y-%m-%dT%H:%M:%SZ")
    statements = _grouped([*_of_hits(outcome), *_of_aside(outcome)])
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "",
        "author": one_line(author),
        "timestamp": time,
        "version": 1,
        "tooling": f"trued {__version__}",
        "statements": statements,
    }
    document["@id"] = f"urn:uuid:{uuid5(NAMESPACE_URL, json_text(document))}"
    return json_text(document)


_Said = tuple["AuditHit", dict[str, Any]]


def _of_hits(outcome: AuditOutcome) -> Iterator[_Said]:
    for hit in outcome.hits:
        if hit.match.is_affected:
            yield hit, {"status": "affected", "action_statement": action(hit)}
        else:
            notes = "It cannot be decided from the advisory whether this release is affected."
            yield hit, {"status": "under_investigation", "status_notes": notes}


def _of_aside(outcome: AuditOutcome) -> Iterator[_Said]:
    for aside in outcome.aside:
        yield aside.hit, _judged(aside)


def _judged(aside: SetAside) -> dict[str, Any]:
    statement = aside.vex
    if aside.reason is not AsideReason.VEX or statement is None:
        said = f"{action(aside.hit)} Set aside: {why_aside(aside)}."
        return {"status": "affected", "action_statement": said}
    if statement.status is VexStatus.FIXED:
        return {"status": "fixed"}
    if statement.justification in OPENVEX_JUSTIFICATIONS:
        return {"status": "not_affected", "justification": statement.justification}
    said = ": ".join(filter(None, (statement.justification, one_line(statement.detail))))
    return {"status": "not_affected", "impact_statement": said or "stated by a VEX document"}


def _grouped(said: list[_Said]) -> list[dict[str, Any]]:
    """Join the statements that say the same of one advisory, with all products."""
    groups: dict[str, dict[str, Any]] = {}
    for hit, status in said:
        key = json_text([hit.id, status])
        statement = groups.setdefault(key, {"vulnerability": _vulnerability(hit), "products": [], **status})
        product = _product(hit.package)
        if product not in statement["products"]:
            statement["products"].append(product)
    return list(groups.values())


def _vulnerability(hit: AuditHit) -> dict[str, Any]:
    record = hit.match.record
    aliases = [one_line(name) for name in dict.fromkeys(record.aliases) if name != record.id]
    return {"name": record.id, "description": title(record), "aliases": aliases}


def _product(package: AuditedPackage) -> dict[str, Any]:
    """Return the release; with its digest where exactly one file of it is meant, for a product has one."""
    url = package_url(package.project, package.version)
    product: dict[str, Any] = {"@id": url, "identifiers": {"purl": url}}
    if len(package.files) == 1 and package.files[0].digests:
        known = {
            _HASHES[each.algorithm]: each.value
            for each in package.files[0].digests
            if each.algorithm in _HASHES
        }
        product["hashes"] = known
    return product
