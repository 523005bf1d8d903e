"""CycloneDX 1.6: a bill of materials of an environment or a lock, with what proved each component.

Source: CycloneDX 1.6 (ECMA-424). What no field has a place for stands in properties ``trued:…``. The
same inventory gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.report.formats.component_identity import component_purl, digest_lines
from trued.report.formats.cyclonedx_document import hash_types, metadata_of, unnumbered, written
from trued.report.formats.quoting import limited, one_line, web_address
from trued.report.inventory import LicenseField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cyclonedx.model import ExternalReference, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component as Listed
    from cyclonedx.model.component_evidence import ComponentEvidence, Identity
    from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
    from cyclonedx.model.license import License

    from trued.report.inventory import Component, EmbeddedComponent, EmbeddedDocument, Inventory, ProofFact

__all__ = ["cyclonedx_sbom"]

_TECHNIQUES = {
    "pin": "HASH_COMPARISON",
    "content": "HASH_COMPARISON",
    "first-use": "HASH_COMPARISON",
    "tuf": "ATTESTATION",
    "attestation": "ATTESTATION",
    "openpgp": "ATTESTATION",
    "checksums": "ATTESTATION",
}
_ROOT = "subject"
_MOST_TEXT = 1000


def cyclonedx_sbom(inventory: Inventory) -> str:
    """Return the document of *inventory*, as JSON."""
    return written(_document(inventory))


def _document(inventory: Inventory) -> Bom:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component as Listed
    from cyclonedx.model.component import ComponentType

    root = Listed(
        name=one_line(inventory.subject) or "environment", type=ComponentType.APPLICATION, bom_ref=_ROOT
    )
    facts = [
        Property(name=f"trued:{name}", value=one_line(value))
        for name, value in inventory.facts.items()
        if value
    ]
    kind = Property(name="trued:kind", value="lock" if inventory.is_lock else "environment")
    listed = {one.key: _component(one) for one in inventory.components}
    bom = unnumbered(listed.values(), metadata_of(inventory.made, properties=[kind, *facts], component=root))
    bom.register_dependency(root, [listed[key] for key in inventory.roots])
    for one in inventory.components:
        bom.register_dependency(listed[one.key], [listed[key] for key in one.needs])
    return bom


def _component(one: Component) -> Listed:
    from cyclonedx.model.component import Component as Listed
    from cyclonedx.model.component import ComponentType
    from packageurl import PackageURL

    reference = f"component:{one.key}"
    return Listed(
        type=ComponentType.LIBRARY,
        name=one_line(one.name),
        version=one_line(one.version),
        bom_ref=reference,
        description=limited(one_line(one.summary), _MOST_TEXT) or None,
        purl=PackageURL.from_string(component_purl(one)),
        hashes=hash_types(one.digests),
        licenses=_licenses(one),
        supplier=_supplier(one),
        authors=_authors(one),
        external_references=_references(one),
        properties=_properties(one),
        evidence=_evidence(one),
        components=[*_inside(one, reference), *_files(one, reference)],
    )


def _supplier(one: Component) -> OrganizationalEntity | None:
    """Return the publishers whose identity was verified; METADATA's word makes nobody a supplier."""
    from cyclonedx.model.contact import OrganizationalEntity

    return OrganizationalEntity(name=one_line(", ".join(one.suppliers))) if one.suppliers else None


def _authors(one: Component) -> Iterator[OrganizationalContact]:
    from cyclonedx.model.contact import OrganizationalContact

    for person in one.authors:
        name, email = limited(one_line(person.name), _MOST_TEXT), one_line(person.email)
        if name or email:
            yield OrganizationalContact(name=name or None, email=email if _is_email(email) else None)


def _is_email(text: str) -> bool:
    user, at, host = text.rpartition("@")
    return bool(user and at and host and text.isascii() and not set(text) & set(' "(),:;<>[]\\'))


def _licenses(one: Component) -> list[License]:
    """Return the licence as stated: an expression where there is a valid one, else the very words."""
    from cyclonedx.model.license import DisjunctiveLicense, LicenseAcknowledgement, LicenseExpression

    from trued.report.formats.license_expression import valid_expression

    stated = one.license
    if stated.field is LicenseField.EXPRESSION:
        expression = valid_expression(stated.values[0])
        if expression:
            return [LicenseExpression(expression, acknowledgement=LicenseAcknowledgement.DECLARED)]
    return [
        DisjunctiveLicense(
            name=limited(one_line(value), _MOST_TEXT), acknowledgement=LicenseAcknowledgement.DECLARED
        )
        for value in dict.fromkeys(stated.values)
        if one_line(value)
    ]


def _references(one: Component) -> Iterator[ExternalReference]:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    for archive in one.archives:
        if address := web_address(archive.url):
            kind = ExternalReferenceType.DISTRIBUTION
            yield ExternalReference(
                type=kind,
                url=XsUri(address),
                comment=one_line(archive.filename) or None,
                hashes=hash_types(archive.digests),
            )
    if one.source.vcs and (address := web_address(one.source.address)):
        yield ExternalReference(type=ExternalReferenceType.SCM, url=XsUri(address))
    for label, url in one.links:
        if address := web_address(url):
            yield ExternalReference(
                type=ExternalReferenceType[_link_kind(label)],
                url=XsUri(address),
                comment=limited(one_line(label), _MOST_TEXT) or None,
            )
    for document in one.documents:
        yield _reference_to(document)


def _reference_to(document: EmbeddedDocument) -> ExternalReference:
    """Name a document inside the package by its path in the environment (a relative reference)."""
    from urllib.parse import quote

    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    from trued.core.digest import Digest

    return ExternalReference(
        type=ExternalReferenceType.BOM,
        url=XsUri(quote(document.path, errors="replace")),
        comment=f"{document.form or 'unread'} document inside the package (PEP 770)",
        hashes=hash_types([Digest("sha256", document.sha256)]),
    )


def _link_kind(label: str) -> str:
    """Return the type of a link by its label (the well-known labels of PEP 753)."""
    plain = "".join(character for character in label.lower() if character.isalnum())
    kinds = {
        "homepage": "WEBSITE",
        "source": "SCM", "repository": "SCM", "sourcecode": "SCM", "github": "SCM", "code": "SCM",
        "documentation": "DOCUMENTATION", "docs": "DOCUMENTATION",
        "changelog": "RELEASE_NOTES", "changes": "RELEASE_NOTES", "releasenotes": "RELEASE_NOTES",
        "issues": "ISSUE_TRACKER", "bugs": "ISSUE_TRACKER", "tracker": "ISSUE_TRACKER",
        "issuetracker": "ISSUE_TRACKER", "bugtracker": "ISSUE_TRACKER",
        "funding": "SUPPORT", "support": "SUPPORT",
    }  # fmt: skip
    return kinds.get(plain, "OTHER")


def _properties(one: Component) -> list[Property]:
    from cyclonedx.model import Property

    stated = one.license
    told: list[tuple[str, str]] = [
        ("source", one.source.kind.value),
        ("source-address", one.source.address if not one.source.vcs else ""),
        ("installer", one.installer),
        ("installed", one.installed),
        ("known-since", one.known_since),
        ("requested", "true" if one.requested else ""),
        ("no-digest", one.unproven),
        ("license-field", stated.field.value if stated.values else ""),
        *(("license-file", path) for path in stated.files),
        *(("proof", _proof_text(proof)) for proof in one.proofs),
        *(("file", line) for line in digest_lines(one)),
    ]
    return [Property(name=f"trued:{name}", value=one_line(value)) for name, value in told if one_line(value)]


def _proof_text(proof: ProofFact) -> str:
    return " ".join(filter(None, (proof.kind, proof.authority, proof.detail, proof.time)))


def _evidence(one: Component) -> ComponentEvidence | None:
    """Return what identifies the component: each proof as a method, and where it is installed."""
    from cyclonedx.model.component_evidence import ComponentEvidence, Occurrence

    identity = _identity(one.proofs) if one.digests else None
    occurrences = [Occurrence(location=one_line(one.folder))] if one.folder else []
    if identity is None and not occurrences:
        return None
    return ComponentEvidence(identity=[identity] if identity else [], occurrences=occurrences)


def _identity(proofs: Iterable[ProofFact]) -> Identity | None:
    """Return the methods by which the digest was established; each compared bytes, so none is a guess."""
    from decimal import Decimal

    from cyclonedx.model.component_evidence import AnalysisTechnique, Identity, IdentityField, Method

    methods = [
        Method(
            technique=AnalysisTechnique[_TECHNIQUES[proof.kind]],
            confidence=Decimal(1),
            value=one_line(_proof_text(proof)),
        )
        for proof in proofs
    ]
    return Identity(field=IdentityField.HASH, confidence=Decimal(1), methods=methods) if methods else None


def _inside(one: Component, reference: str) -> Iterator[Listed]:
    """Yield what the package's own documents say is inside it."""
    for number, document in enumerate(one.documents):
        for count, inner in enumerate(document.components):
            yield _inner(inner, document, f"{reference}/inside:{number}.{count}")


def _inner(inner: EmbeddedComponent, document: EmbeddedDocument, reference: str) -> Listed:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component as Listed
    from cyclonedx.model.component import ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from packageurl import PackageURL

    return Listed(
        type=ComponentType.LIBRARY,
        name=one_line(inner.name),
        version=one_line(inner.version) or None,
        bom_ref=reference,
        purl=PackageURL.from_string(inner.purl) if inner.purl else None,
        hashes=hash_types(inner.digests),
        licenses=[DisjunctiveLicense(name=one_line(inner.license))] if one_line(inner.license) else [],
        properties=[Property(name="trued:stated-by", value=one_line(document.path))],
    )


def _files(one: Component, reference: str) -> Iterator[Listed]:
    from cyclonedx.model.component import Component as Listed
    from cyclonedx.model.component import ComponentType

    from trued.core.digest import Digest

    for number, file in enumerate(one.files):
        yield Listed(
            type=ComponentType.FILE,
            name=one_line(file.path),
            bom_ref=f"{reference}/file:{number}",
            hashes=hash_types([Digest("sha256", file.sha256)]),
        )
