"""Bills of materials as input: the Python packages of CycloneDX JSON and SPDX JSON (2.x and 3.0).

A component is known by its package URL (``pkg:pypi/name@version``); what has none, or one of another kind, is
told as skipped: nothing is guessed from a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from trued.advisories.outcome import AuditedFile, AuditedPackage, Skipped, SkipReason
from trued.core.digest import Digest, InvalidDigest
from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.names import is_valid_name, normalize
from trued.core.record import dataclass, field
from trued.operations.audit.audited import Candidate, Inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trued.core.names import ProjectName

__all__ = ["read_document"]

_DEEPEST = 64
_LONGEST_WAY = 32
_MOST_WAYS = 20


def read_document(data: bytes, *, file: str) -> Inputs:
    """Read a bill of materials. Raises: UsageError TRU816 for what is neither CycloneDX nor SPDX JSON."""
    import json

    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _not_understood(file, "it is no JSON, or was cut off") from error
    if not isinstance(content, dict):
        raise _not_understood(file, "it is no object")
    document = _Document(file=file)
    if content.get("bomFormat") == "CycloneDX":
        document.take_cyclonedx(content)
    elif isinstance(content.get("spdxVersion"), str):
        document.take_spdx(content)
    elif isinstance(content.get("@graph"), list):
        document.take_spdx3(cast("list[object]", content["@graph"]))
    else:
        raise _not_understood(file, "it is neither CycloneDX nor SPDX")
    return document.inputs()


@dataclass(slots=True)
class _Document:
    """One document while it is read: components by their reference, and who depends on whom."""

    file: str
    candidates: dict[str, Candidate] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)

    def take_cyclonedx(self, content: dict[str, object]) -> None:
        if not isinstance(content.get("components", []), list):
            raise _not_understood(self.file, "its components are no list")
        metadata = content.get("metadata")
        root = metadata.get("component") if isinstance(metadata, dict) else None
        if isinstance(root, dict):
            self.names[str(root.get("bom-ref", ""))] = _named(root)
        for component in _components(content, 0):
            reference = str(component.get("bom-ref") or component.get("purl") or len(self.names))
            self._take(reference, component, component.get("purl"), _cyclonedx_digests(component))
        for edge in _objects(content.get("dependencies")):
            for needed in _texts(edge.get("dependsOn")):
                self.parents.setdefault(needed, []).append(str(edge.get("ref")))

    def take_spdx(self, content: dict[str, object]) -> None:
        if not isinstance(content.get("packages", []), list):
            raise _not_understood(self.file, "its packages are no list")
        described = set(_texts(content.get("documentDescribes")))
        relations = _objects(content.get("relationships"))
        described |= {str(one.get("relatedSpdxElement")) for one in relations
                      if one.get("relationshipType") == "DESCRIBES"}  # fmt: skip
        for package in _objects(content.get("packages")):
            reference = str(package.get("SPDXID"))
            purl = next(
                (
                    one.get("referenceLocator")
                    for one in _objects(package.get("externalRefs"))
                    if one.get("referenceType") == "purl"
                ),
                None,
            )
            if purl is None and reference in described:
                self.names[reference] = _named(package, version="versionInfo")
                continue  # what the document is about, and no part of it
            self._take(reference, package, purl, _spdx_digests(package), version="versionInfo")
        for relation in relations:
            self._relate(relation)

    def take_spdx3(self, graph: list[object]) -> None:
        for element in _objects(graph):
            if element.get("type") == "software_Package":
                reference = str(element.get("spdxId"))
                purl = element.get("software_packageUrl")
                self._take(
                    reference, element, purl, _spdx3_digests(element), version="software_packageVersion"
                )
            elif element.get("relationshipType") == "dependsOn":
                for needed in _texts(element.get("to")):
                    self.parents.setdefault(needed, []).append(str(element.get("from")))

    def _relate(self, relation: dict[str, object]) -> None:
        one, other = str(relation.get("spdxElementId")), str(relation.get("relatedSpdxElement"))
        kind = relation.get("relationshipType")
        if kind == "DEPENDS_ON":
            self.parents.setdefault(other, []).append(one)
        elif kind == "DEPENDENCY_OF":
            self.parents.setdefault(one, []).append(other)

    def _take(
        self,
        reference: str,
        component: dict[str, object],
        purl: object,
        digests: tuple[Digest, ...],
        *,
        version: str = "version",
    ) -> None:
        self.names[reference] = _named(component, version=version)
        release = _release(purl) if isinstance(purl, str) else None
        if release is None:
            detail = f"it is {purl}" if isinstance(purl, str) else "it has no package URL"
            self._skip(component, version, SkipReason.ECOSYSTEM, detail)
        elif not release[1]:
            self._skip(component, version, SkipReason.NO_VERSION, "its package URL has no version")
        else:
            files = (AuditedFile(filename="", digests=digests),) if digests else ()
            package = AuditedPackage(
                project=release[0], version=release[1], places=(Place(self.file),), files=files
            )
            self.names[reference] = str(package)
            self.candidates[reference] = Candidate(package=package, index=release[2])

    def _skip(self, component: dict[str, object], version: str, reason: SkipReason, detail: str) -> None:
        self.skipped.append(
            Skipped(
                name=str(component.get("name") or "unnamed")[:200],
                version=str(component.get(version) or "")[:200],
                reason=reason,
                detail=detail[:300],
                place=Place(self.file),
            )
        )

    def inputs(self) -> Inputs:
        return Inputs(
            names=(self.file,),
            candidates=tuple(self.candidates.values()),
            skipped=tuple(self.skipped),
            ways=self._ways,
        )

    def _ways(self, project: ProjectName, version: str) -> tuple[tuple[str, ...], ...]:
        """Walk from a release up to what nobody needs, breadth first."""
        found: list[tuple[str, ...]] = []
        waiting: list[tuple[str, ...]] = [
            (reference,)
            for reference, one in self.candidates.items()
            if (one.package.project, one.package.version) == (project, version)
        ]
        while waiting and len(found) < _MOST_WAYS:
            way = waiting.pop(0)
            parents = [one for one in self.parents.get(way[0], ()) if one not in way and one in self.names]
            if not parents or len(way) >= _LONGEST_WAY:
                found.append(tuple(self.names[one] for one in way))
            waiting += [(parent, *way) for parent in parents][: 1000 - len(waiting)]
        return tuple(found)


def _components(content: dict[str, object], depth: int) -> Iterator[dict[str, object]]:
    for component in _objects(content.get("components")):
        yield component
        if depth < _DEEPEST:
            yield from _components(component, depth + 1)


def _release(purl: str) -> tuple[ProjectName, str, str] | None:
    """Return project, version and index of a package URL of this ecosystem, else ``None``."""
    from packageurl import PackageURL

    try:
        parsed = PackageURL.from_string(purl)
    except ValueError:
        return None
    if parsed.type != "pypi" or parsed.namespace or not is_valid_name(parsed.name):
        return None
    index = dict(parsed.qualifiers or {}).get("repository_url", "")
    return normalize(parsed.name), parsed.version or "", index


def _named(component: dict[str, object], *, version: str = "version") -> str:
    return f"{component.get('name') or ''} {component.get(version) or ''}".strip()


def _cyclonedx_digests(component: dict[str, object]) -> tuple[Digest, ...]:
    return _digests((one.get("alg"), one.get("content")) for one in _objects(component.get("hashes")))


def _spdx_digests(package: dict[str, object]) -> tuple[Digest, ...]:
    stated = _objects(package.get("checksums"))
    return _digests((one.get("algorithm"), one.get("checksumValue")) for one in stated)


def _spdx3_digests(package: dict[str, object]) -> tuple[Digest, ...]:
    return _digests(
        (one.get("algorithm"), one.get("hashValue")) for one in _objects(package.get("verifiedUsing"))
    )


def _digests(stated: Iterable[tuple[object, object]]) -> tuple[Digest, ...]:
    found = []
    for algorithm, value in stated:
        name = str(algorithm).lower().replace("-", "")
        try:
            found.append(Digest.checked(name, str(value).lower()))
        except InvalidDigest:
            continue  # of an algorithm that no advisory uses either
    return tuple(found)


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _not_understood(file: str, reason: str) -> UsageError:
    return UsageError(Finding(code="TRU816", subject=file, place=Place(file), values={"reason": reason}))
