"""SPDX 2.3 in JSON: a bill of materials of an environment or a lock.

Source: SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/). What cannot be said in SPDX' fields, above all how
a digest was proven, stands in annotations of the package. The same inventory gives the same bytes: the
document's namespace is made from its content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trued.core.digest import Digest
from trued.report.formats.component_identity import component_purl, digest_lines
from trued.report.formats.json_text import json_text
from trued.report.formats.license_expression import valid_expression
from trued.report.formats.quoting import limited, one_line, paragraphs, web_address
from trued.report.inventory import LicenseField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.report.inventory import Archive, Component, EmbeddedComponent, EmbeddedDocument, Inventory

__all__ = ["spdx_sbom"]

_UNKNOWN = "NOASSERTION"
_DOCUMENT = "SPDXRef-DOCUMENT"
_ROOT = "SPDXRef-subject"
_MOST_TEXT = 10_000
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


def spdx_sbom(inventory: Inventory) -> str:
    """Return the document of *inventory*, as JSON."""
    import hashlib
    from uuid import NAMESPACE_URL, uuid5

    document = _Writer(inventory).document()
    content = hashlib.sha256(json_text(document).encode()).hexdigest()
    return json_text({**document, "documentNamespace": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}"})


class _Writer:
    """Makes one document; licences that SPDX has no name for are gathered on the way."""

    def __init__(self, inventory: Inventory) -> None:
        from trued import __version__

        self._inventory = inventory
        self._time = inventory.made.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._tool = f"Tool: trued-{__version__}"
        self._ids: dict[str, str] = {}
        self._taken: set[str] = {_DOCUMENT, _ROOT}
        self._texts: dict[str, str] = {}
        self._packages: list[dict[str, Any]] = []
        self._files: list[dict[str, Any]] = []
        self._relations: list[tuple[str, str, str]] = []
        self._documents: dict[str, EmbeddedDocument] = {}

    def document(self) -> dict[str, Any]:
        """Return the document without its namespace."""
        for one in self._inventory.components:
            self._id(one.key)
        self._relations.append((_DOCUMENT, "DESCRIBES", _ROOT))
        self._relations += [(_ROOT, "DEPENDS_ON", self._id(key)) for key in self._inventory.roots]
        for one in self._inventory.components:
            self._add(one)
        found: dict[str, Any] = {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": _DOCUMENT,
            "name": one_line(self._inventory.subject) or "environment",
            "creationInfo": {"created": self._time, "creators": [self._tool]},
            "packages": [self._subject(), *self._packages],
            "files": self._files,
            "relationships": [
                {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
                for one, kind, other in self._relations
            ],
            "hasExtractedLicensingInfos": [
                {"licenseId": name, "extractedText": text, "name": limited(one_line(text), 100)}
                for text, name in self._texts.items()
            ],
            "externalDocumentRefs": [
                {
                    "externalDocumentId": name,
                    "spdxDocument": document.namespace,
                    "checksum": {"algorithm": "SHA256", "checksumValue": document.sha256},
                }
                for name, document in self._documents.items()
            ],
        }
        return {key: value for key, value in found.items() if value != []}

    def _subject(self) -> dict[str, Any]:
        facts = " ".join(f"{name} {value};" for name, value in self._inventory.facts.items() if value)
        return {
            "SPDXID": _ROOT,
            "name": one_line(self._inventory.subject) or "environment",
            "downloadLocation": _UNKNOWN,
            "filesAnalyzed": False,
            "primaryPackagePurpose": "APPLICATION",
            **({"comment": one_line(facts.rstrip(";"))} if facts else {}),
        }

    def _add(self, one: Component) -> None:
        own = self._id(one.key)
        self._relations += [(own, "DEPENDS_ON", self._id(key)) for key in one.needs]
        self._packages.append(self._package(one, own))
        for number, document in enumerate(one.documents):
            self._embed(document, own, number)
        for number, file in enumerate(one.files):
            name = f"{own}-file-{number}"
            sums = _checksums([Digest("sha1", file.sha1), Digest("sha256", file.sha256)])
            self._files.append({"SPDXID": name, "fileName": f"./{one_line(file.path)}", "checksums": sums})
            self._relations.append((own, "CONTAINS", name))

    def _package(self, one: Component, own: str) -> dict[str, Any]:
        archive = one.archives[0] if len(one.archives) == 1 else None
        purl = {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": component_purl(one),
        }
        supplier = one_line(", ".join(one.suppliers))
        optional = {
            "versionInfo": one_line(one.version),
            "packageFileName": one_line(archive.filename) if archive else "",
            "summary": limited(one_line(one.summary), _MOST_TEXT),
            "originator": _originator(one),
            "homepage": _homepage(one),
            "checksums": _checksums(one.digests),
            "licenseComments": _license_comment(one),
        }
        return {
            "SPDXID": own,
            "name": one_line(one.name),
            **{key: value for key, value in optional.items() if value},
            "supplier": f"Organization: {supplier}" if supplier else _UNKNOWN,
            "downloadLocation": _download(one, archive),
            **_analysed(one),
            "licenseConcluded": _UNKNOWN,
            "licenseDeclared": self._license(one),
            "copyrightText": _UNKNOWN,
            "primaryPackagePurpose": "LIBRARY",
            "externalRefs": [purl],
            "annotations": [self._annotation(text) for text in _told(one)],
        }

    def _annotation(self, text: str) -> dict[str, str]:
        return {
            "annotationDate": self._time,
            "annotationType": "OTHER",
            "annotator": self._tool,
            "comment": one_line(text),
        }

    def _license(self, one: Component) -> str:
        """Return the declared licence; what is no expression becomes a licence of the document's own."""
        stated = one.license
        if not stated.values:
            return _UNKNOWN
        if stated.field is LicenseField.EXPRESSION and (valid := valid_expression(stated.values[0])):
            for name in _references_in(valid):
                self._texts.setdefault(
                    f"{name}, as {one.project} names it; its text stands in the package", name
                )
            return valid
        return " AND ".join(dict.fromkeys(self._named(text) for text in stated.values))

    def _named(self, text: str) -> str:
        kept = limited(paragraphs(text), _MOST_TEXT)
        return self._texts.setdefault(kept, f"LicenseRef-stated-{len(self._texts) + 1}")

    def _embed(self, document: EmbeddedDocument, own: str, number: int) -> None:
        """Refer to a document inside the package, and list what it says is there."""
        if document.form == "SPDX" and _is_uri(document.namespace):
            name = f"DocumentRef-{own.removeprefix('SPDXRef-')}-{number}"
            self._documents[name] = document
            self._relations.append((own, "DESCRIBED_BY", f"{name}:{_DOCUMENT}"))
        for count, inner in enumerate(document.components):
            identifier = f"{own}-inside-{number}-{count}"
            self._packages.append(self._inner(inner, document, identifier))
            self._relations.append((own, "CONTAINS", identifier))

    def _inner(self, inner: EmbeddedComponent, document: EmbeddedDocument, identifier: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "SPDXID": identifier,
            "name": one_line(inner.name),
            "downloadLocation": _UNKNOWN,
            "filesAnalyzed": False,
            "licenseConcluded": _UNKNOWN,
            "licenseDeclared": valid_expression(inner.license) or _UNKNOWN,
            "copyrightText": _UNKNOWN,
            "comment": one_line(f"stated by {document.path}, a document inside the package (PEP 770)"),
        }
        if one_line(inner.version):
            found["versionInfo"] = one_line(inner.version)
        if inner.digests:
            found["checksums"] = _checksums(inner.digests)
        if inner.purl:
            found["externalRefs"] = [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": inner.purl,
                }
            ]
        if _references_in(found["licenseDeclared"]):
            found["licenseDeclared"] = _UNKNOWN
        return found

    def _id(self, key: str) -> str:
        """Return the identifier of a component: letters, digits, dots and dashes (SPDX 2.3, 3.2)."""
        if key not in self._ids:
            plain = "".join(character if character in _ALLOWED else "-" for character in key)
            name = f"SPDXRef-{plain}"
            while name in self._taken:
                name += "-"
            self._taken.add(name)
            self._ids[key] = name
        return self._ids[key]


def _references_in(expression: str) -> list[str]:
    words = expression.replace("(", " ").replace(")", " ").split()
    return [word for word in words if word.startswith("LicenseRef-")]


def _originator(one: Component) -> str:
    """Return the first author that METADATA names; SPDX has room for one."""
    for person in one.authors:
        name = limited(one_line(person.name).replace("(", "[").replace(")", "]"), 200)
        email = one_line(person.email)
        if name and "@" in email and not set(email) & set("() "):
            return f"Person: {name} ({email})"
        if name:
            return f"Person: {name}"
    return ""


def _homepage(one: Component) -> str:
    return next((url for label, url in one.links if label.lower() == "homepage" and web_address(url)), "")


def _download(one: Component, archive: Archive | None) -> str:
    source = one.source
    if source.vcs and web_address(source.address):
        return f"{source.vcs}+{source.address}@{source.commit}"
    return web_address(archive.url if archive else source.address) or _UNKNOWN


def _analysed(one: Component) -> dict[str, Any]:
    """Return whether the files are listed, and then the one code of all of them (SPDX 2.3, 7.9)."""
    import hashlib

    if not one.files:
        return {"filesAnalyzed": False}
    joined = "".join(sorted(file.sha1 for file in one.files))
    code = hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
    return {"filesAnalyzed": True, "packageVerificationCode": {"packageVerificationCodeValue": code}}


def _checksums(digests: Iterable[Digest]) -> list[dict[str, str]]:
    return [{"algorithm": each.algorithm.upper(), "checksumValue": each.value} for each in digests]


def _license_comment(one: Component) -> str:
    stated = one.license
    parts = []
    if stated.values:
        parts.append(f"stated in the field {stated.field.value}")
    if stated.files:
        parts.append(f"license files: {', '.join(stated.files)}")
    return limited(one_line("; ".join(parts)), _MOST_TEXT)


def _is_uri(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    is_plain = text.isascii() and text.isprintable() and " " not in text
    return bool(is_plain and colon and scheme.isalpha() and rest)


def _told(one: Component) -> Iterator[str]:
    """Yield what SPDX has no field for."""
    for proof in one.proofs:
        words = filter(None, (proof.kind, proof.authority, proof.detail, proof.time))
        yield f"proof: {' '.join(words)}"
    if one.unproven:
        yield f"no digest: {one.unproven}"
    yield f"source: {' '.join(filter(None, (one.source.kind.value, one.source.address, one.source.commit)))}"
    if one.installer:
        yield f"installer: {one.installer}"
    for document in one.documents:
        yield f"carries {document.form or 'an unread'} document {document.path} sha256:{document.sha256}"
    for line in digest_lines(one):
        yield f"file: {line}"
