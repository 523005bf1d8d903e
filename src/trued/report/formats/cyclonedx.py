"""CycloneDX 1.6: the audited releases as components, the advisories as vulnerabilities with their VEX states.

Source: CycloneDX 1.6 (ECMA-424). Component, vulnerability and document have references made from what they
say, so that the same audit gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.advisories.outcome import AsideReason
from trued.advisories.package_url import package_url
from trued.advisories.vex import VexStatus
from trued.report.formats.advisory import (
    action,
    advisory_address,
    cwes,
    reference_addresses,
    skipped_text,
    source_text,
    title,
    why_aside,
)
from trued.report.formats.cyclonedx_document import hash_types, metadata_of, unnumbered, written
from trued.report.formats.quoting import one_line, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cyclonedx.model import HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.impact_analysis import ImpactAnalysisJustification
    from cyclonedx.model.vulnerability import Vulnerability, VulnerabilityAnalysis, VulnerabilityRating

    from trued.advisories.outcome import AuditedPackage, AuditHit, AuditOutcome, SetAside
    from trued.advisories.vex import VexStatement

__all__ = ["cyclonedx_report"]

_JUSTIFICATIONS = {
    "component_not_present": "code_not_present",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_cannot_be_controlled_by_adversary": "protected_by_mitigating_control",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
}
"""OpenVEX's justifications in CycloneDX' words."""


def cyclonedx_report(outcome: AuditOutcome, *, xml: bool = False) -> str:
    """Return the document of one audit, as JSON or XML."""
    return written(_document(outcome), xml=xml)


def _document(outcome: AuditOutcome) -> Bom:
    from cyclonedx.model import Property

    references = {id(package): _reference(package) for package in outcome.packages}
    properties = [Property(name="trued:source", value=source_text(outcome)), *_left_out(outcome)]
    components = {references[id(package)]: _component(package) for package in outcome.packages}
    bom = unnumbered(components.values(), metadata_of(outcome.started, properties=properties))
    bom.vulnerabilities.update(_vulnerabilities(outcome))
    _register(bom, outcome, components)
    return bom


def _reference(package: AuditedPackage) -> str:
    return package_url(package.project, package.version)


def _component(package: AuditedPackage) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    places = [Property(name="trued:place", value=one_line(str(place))) for place in package.places]
    return Component(
        type=ComponentType.LIBRARY,
        name=package.project,
        version=one_line(package.version),
        bom_ref=_reference(package),
        purl=PackageURL("pypi", None, package.project, package.version or None),
        hashes=_hashes(package),
        properties=[*places, *_file_properties(package)],
    )


def _hashes(package: AuditedPackage) -> list[HashType]:
    """Return the digests of the one file that is meant; a component has those of one file, never of many."""
    return hash_types(package.files[0].digests) if len(package.files) == 1 else []


def _file_properties(package: AuditedPackage) -> Iterator[Property]:
    """Yield the digests of each of several files that may be installed."""
    from cyclonedx.model import Property

    for file in package.files if len(package.files) > 1 else ():
        for digest in file.digests:
            yield Property(name="trued:file", value=f"{one_line(file.filename)} {digest}".strip())


def _register(bom: Bom, outcome: AuditOutcome, components: dict[str, Component]) -> None:
    """Say which component pulls in which, as far as the ways to them tell."""
    from itertools import pairwise

    by_step = {str(package): components[_reference(package)] for package in outcome.packages}
    for package in outcome.packages:
        for path in package.paths:
            for above, below in pairwise(path):
                if above in by_step and below in by_step:
                    bom.register_dependency(by_step[above], [by_step[below]])


def _left_out(outcome: AuditOutcome) -> Iterator[Property]:
    from cyclonedx.model import Property

    for each in outcome.skipped:
        name = f"{one_line(each.name)} {one_line(each.version)}".strip()
        yield Property(name="trued:not-audited", value=f"{name}: {skipped_text(each)}")
    for record in outcome.unreadable:
        yield Property(name="trued:unreadable", value=f"{one_line(record.record)}: {one_line(record.detail)}")


def _vulnerabilities(outcome: AuditOutcome) -> Iterator[Vulnerability]:
    told = [(hit, _of_hit(hit)) for hit in outcome.hits]
    told += [(aside.hit, _of_aside(aside)) for aside in outcome.aside]
    for number, (hit, analysis) in enumerate(told):
        yield _vulnerability(hit, analysis, number=number)


def _vulnerability(hit: AuditHit, analysis: VulnerabilityAnalysis, *, number: int) -> Vulnerability:
    from cyclonedx.model import XsUri
    from cyclonedx.model.vulnerability import (
        BomTarget,
        Vulnerability,
        VulnerabilityAdvisory,
        VulnerabilityReference,
        VulnerabilitySource,
    )

    record = hit.match.record
    reference = _reference(hit.package)
    return Vulnerability(
        bom_ref=f"advisory-{number}:{record.id}",
        id=record.id,
        source=VulnerabilitySource(name="OSV", url=XsUri(advisory_address(record.id))),
        references=[
            VulnerabilityReference(id=name, source=VulnerabilitySource(url=XsUri(address)))
            for name in record.aliases
            if (address := advisory_address(name))
        ],
        ratings=[_rating(hit)],
        cwes=cwes(record),
        description=title(record),
        detail=paragraphs(record.details) or None,
        recommendation=action(hit),
        advisories=[VulnerabilityAdvisory(url=XsUri(address)) for address in reference_addresses(record)],
        published=_time(record.published),
        updated=_time(record.modified),
        affects=[BomTarget(ref=reference)],
        analysis=analysis,
    )


def _time(text: str) -> datetime | None:
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _rating(hit: AuditHit) -> VulnerabilityRating:
    from decimal import Decimal

    from cyclonedx.model.vulnerability import (
        VulnerabilityRating,
        VulnerabilityScoreSource,
        VulnerabilitySeverity,
        VulnerabilitySource,
    )

    rating = hit.rating
    methods = {
        "cvss-2.0": VulnerabilityScoreSource.CVSS_V2,
        "cvss-3.0": VulnerabilityScoreSource.CVSS_V3,
        "cvss-3.1": VulnerabilityScoreSource.CVSS_V3_1,
        "cvss-4.0": VulnerabilityScoreSource.CVSS_V4,
    }
    made = VulnerabilityRating(
        source=VulnerabilitySource(name=one_line(rating.record)) if rating.record else None,
        score=Decimal(str(rating.score)) if rating.score is not None else None,
        severity=VulnerabilitySeverity(rating.severity.value if rating.severity else "unknown"),
        method=methods.get(rating.origin, VulnerabilityScoreSource.OTHER),
    )
    made.vector = rating.vector or None
    return made


def _of_hit(hit: AuditHit) -> VulnerabilityAnalysis:
    """Return the state of what counts: malware does harm; whether a flaw can be used is not known."""
    from cyclonedx.model.impact_analysis import ImpactAnalysisResponse, ImpactAnalysisState
    from cyclonedx.model.vulnerability import VulnerabilityAnalysis

    if hit.is_malware and hit.match.is_affected:
        return VulnerabilityAnalysis(state=ImpactAnalysisState.EXPLOITABLE, detail="It is malware.")
    return VulnerabilityAnalysis(
        state=ImpactAnalysisState.IN_TRIAGE,
        responses=[ImpactAnalysisResponse.UPDATE] if hit.match.fixed_in else [],
    )


def _of_aside(aside: SetAside) -> VulnerabilityAnalysis:
    """Return the state of what does not count; only a VEX document can say that a release is not affected."""
    from cyclonedx.model.impact_analysis import ImpactAnalysisResponse, ImpactAnalysisState
    from cyclonedx.model.vulnerability import VulnerabilityAnalysis

    if aside.reason is not AsideReason.VEX or aside.vex is None:
        accepted = aside.reason in (AsideReason.IGNORED, AsideReason.EXCEPTION)
        return VulnerabilityAnalysis(
            state=ImpactAnalysisState.IN_TRIAGE,
            responses=[ImpactAnalysisResponse.WILL_NOT_FIX] if accepted else [],
            detail=why_aside(aside),
        )
    is_fixed = aside.vex.status is VexStatus.FIXED
    return VulnerabilityAnalysis(
        state=ImpactAnalysisState.RESOLVED if is_fixed else ImpactAnalysisState.NOT_AFFECTED,
        justification=None if is_fixed else _justification(aside.vex),
        detail=one_line(aside.vex.detail) or why_aside(aside),
    )


def _justification(statement: VexStatement) -> ImpactAnalysisJustification | None:
    from cyclonedx.model.impact_analysis import ImpactAnalysisJustification

    word = _JUSTIFICATIONS.get(statement.justification, statement.justification)
    try:
        return ImpactAnalysisJustification(word)
    except ValueError:
        return None
