"""Bills of materials that packages carry inside (PEP 770): found, hashed, and their components read.

Such a document is its author's word about what was put into the wheel: C libraries, crates, vendored code.
It was written by others, so it is bounded in size, and only names, versions, package URLs, licences and
digests are taken from it; what is neither CycloneDX nor SPDX in JSON is named with its digest and not read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trued.core.digest import Digest, InvalidDigest
from trued.core.finding import Finding, Level
from trued.report.inventory import EmbeddedComponent, EmbeddedDocument

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["embedded_documents"]

_FOLDER = "sboms"
_MOST_DOCUMENTS = 64
_MOST_BYTES = 16 * 1024 * 1024
_MOST_COMPONENTS = 5000
_MOST_CHARACTERS = 500
_NONE = frozenset(("", "NOASSERTION", "NONE"))


def embedded_documents(
    folder: str, *, shown: str, subject: str
) -> tuple[tuple[EmbeddedDocument, ...], tuple[Finding, ...]]:
    """Return the documents below ``sboms`` of the dist-info *folder*, and a finding for each not read.

    *shown* is the folder as the documents' paths are to begin with.
    """
    documents: list[EmbeddedDocument] = []
    findings: list[Finding] = []
    for path in _files(os.path.join(folder, _FOLDER)):
        inside = os.path.relpath(path, folder).replace(os.sep, "/")
        document, reason = _read(path, f"{shown}/{inside}")
        if document is not None:
            documents.append(document)
        if reason:
            values = {"path": inside, "reason": reason}
            findings.append(Finding(code="TRU984", level=Level.WARNING, subject=subject, values=values))
    return tuple(documents), tuple(findings)


def _files(folder: str) -> list[str]:
    found = [
        os.path.join(root, name) for root, _, names in os.walk(folder, followlinks=False) for name in names
    ]
    return sorted(found)[:_MOST_DOCUMENTS]


def _read(path: str, shown: str) -> tuple[EmbeddedDocument | None, str]:
    """Return the document, and why its content is not read (empty where it is)."""
    import hashlib
    import json

    from trued.core.regular_file import open_regular

    try:
        with open_regular(path) as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        return None, error.strerror or "the system does not say why"
    if len(data) > _MOST_BYTES:
        return None, f"it is larger than {_MOST_BYTES} bytes"
    sha256 = hashlib.sha256(data).hexdigest()
    bare = EmbeddedDocument(path=shown, sha256=sha256)
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return bare, "it is no JSON"
    if isinstance(content, dict) and content.get("bomFormat") == "CycloneDX":
        namespace = _text(content.get("serialNumber"))
        return _document(bare, "CycloneDX", namespace, _of_cyclonedx(content, 0)), ""
    if isinstance(content, dict) and _text(content.get("spdxVersion")).startswith("SPDX-2."):
        return _document(bare, "SPDX", _text(content.get("documentNamespace")), _of_spdx(content)), ""
    return bare, "it is neither CycloneDX nor SPDX 2"


def _document(
    bare: EmbeddedDocument, form: str, namespace: str, components: Iterator[EmbeddedComponent]
) -> EmbeddedDocument:
    from itertools import islice

    taken = tuple(dict.fromkeys(islice(components, _MOST_COMPONENTS)))
    return EmbeddedDocument(
        path=bare.path, sha256=bare.sha256, form=form, namespace=namespace, components=taken
    )


def _of_cyclonedx(holder: Mapping[str, object], depth: int) -> Iterator[EmbeddedComponent]:
    """Yield the components and what is nested in them (CycloneDX 1.2 and later, ``components``)."""
    for item in _mappings(holder.get("components")):
        name, group = _text(item.get("name")), _text(item.get("group"))
        if name:
            yield EmbeddedComponent(
                name=f"{group}/{name}" if group else name,
                version=_text(item.get("version")),
                purl=_purl(_text(item.get("purl"))),
                license=_cyclonedx_license(item),
                digests=_digests(
                    (one.get("alg"), one.get("content")) for one in _mappings(item.get("hashes"))
                ),
            )
        if depth < 8:
            yield from _of_cyclonedx(item, depth + 1)


def _cyclonedx_license(item: Mapping[str, object]) -> str:
    for choice in _mappings(item.get("licenses")):
        stated = choice.get("license")
        named = stated if isinstance(stated, dict) else {}
        text = _text(choice.get("expression")) or _text(named.get("id")) or _text(named.get("name"))
        if text:
            return text
    return ""


def _of_spdx(content: Mapping[str, object]) -> Iterator[EmbeddedComponent]:
    """Yield the packages (SPDX 2.3, clause 7) but the one that the document describes."""
    described = content.get("documentDescribes")
    itself = described if isinstance(described, list) else []
    for item in _mappings(content.get("packages")):
        name = _text(item.get("name"))
        if not name or item.get("SPDXID") in itself:
            continue
        purls = [
            _text(one.get("referenceLocator"))
            for one in _mappings(item.get("externalRefs"))
            if one.get("referenceType") == "purl"
        ]
        stated = _text(item.get("licenseDeclared"))
        checksums = _mappings(item.get("checksums"))
        yield EmbeddedComponent(
            name=name,
            version=_text(item.get("versionInfo")),
            purl=_purl(purls[0]) if purls else "",
            license="" if stated in _NONE else stated,
            digests=_digests((one.get("algorithm"), one.get("checksumValue")) for one in checksums),
        )


def _digests(pairs: Iterator[tuple[object, object]]) -> tuple[Digest, ...]:
    found = []
    for algorithm, value in pairs:
        try:
            found.append(Digest.checked(_text(algorithm).lower().replace("-", ""), _text(value)))
        except InvalidDigest:
            continue
    return tuple(found)


def _purl(text: str) -> str:
    """Return the package URL in its one form; empty for what is none."""
    from packageurl import PackageURL

    try:
        return PackageURL.from_string(text).to_string()
    except ValueError:
        return ""


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip()[:_MOST_CHARACTERS] if isinstance(value, str) else ""
