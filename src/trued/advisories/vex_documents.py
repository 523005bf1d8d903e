"""Reads VEX documents: OpenVEX (0.0.1 to 0.2.0) and the analyses of a CycloneDX document (1.4 and newer).

Strict, for a statement takes an advisory out of the count: an unknown status, or a document of neither kind,
is an error. Products that are no Python releases stay out.
"""

from __future__ import annotations

from trued.advisories.package_url import python_release
from trued.advisories.timestamp import InvalidTimestamp, sortable_time
from trued.advisories.vex import VexProduct, VexStatement, VexStatus
from trued.core.errors import UsageError
from trued.core.finding import Finding, Place
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["read_vex"]

_STATES = {
    "resolved": VexStatus.FIXED,
    "resolved_with_pedigree": VexStatus.FIXED,
    "exploitable": VexStatus.AFFECTED,
    "in_triage": VexStatus.UNDER_INVESTIGATION,
    "false_positive": VexStatus.NOT_AFFECTED,
    "not_affected": VexStatus.NOT_AFFECTED,
}
"""CycloneDX' analysis states."""

_DEEPEST = 64


def read_vex(data: bytes, *, file: str) -> tuple[VexStatement, ...]:
    """Read the statements of one document, in its order. Raises :class:`UsageError` (TRU840)."""
    import json

    try:
        text = data.decode()
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_understood(file, "it is not JSON") from error
    if not isinstance(content, dict):
        raise _not_understood(file, "it is no object")
    lines = _Lines(text, file)
    if content.get("bomFormat") == "CycloneDX":
        return tuple(_of_cyclonedx(content, lines))
    if "openvex" in str(content.get("@context", "")):
        return tuple(_of_openvex(content, lines))
    raise _not_understood(file, "it is neither OpenVEX nor CycloneDX")


@dataclass(slots=True)
class _Lines:
    """Where the statements stand: looked for in the order in which they were read."""

    text: str
    file: str
    position: int = 0

    def place(self, name: str) -> Place:
        import json

        found = self.text.find(json.dumps(name), self.position)
        if found < 0:
            return Place(self.file)
        self.position = found + 1
        return Place(self.file, self.text.count("\n", 0, found) + 1)


def _of_openvex(content: dict[str, object], lines: _Lines) -> Iterator[VexStatement]:
    for statement in _objects(content.get("statements"), lines.file, "statements"):
        names = _openvex_names(statement.get("vulnerability"), lines.file)
        status = statement.get("status")
        if status not in [each.value for each in VexStatus]:
            raise _not_understood(lines.file, f"{names[0]} has no status that OpenVEX knows")
        yield VexStatement(
            names=names,
            products=_unique(_openvex_products(statement.get("products"))),
            status=VexStatus(status),
            justification=_text(statement, "justification"),
            detail=_text(statement, "impact_statement") or _text(statement, "status_notes"),
            time=_time(statement, "last_updated", "timestamp") or _time(content, "last_updated", "timestamp"),
            place=lines.place(names[0]),
        )


def _openvex_names(value: object, file: str) -> tuple[str, ...]:
    """Return the names of a flaw: a text in the first versions of OpenVEX, then an object with aliases."""
    if isinstance(value, str) and value:
        return (value,)
    if isinstance(value, dict) and (name := _text(value, "name")):
        return tuple(dict.fromkeys((name, *_texts(value.get("aliases")))))
    raise _not_understood(file, "a statement names no vulnerability")


def _openvex_products(value: object) -> Iterator[VexProduct]:
    """Yield the Python releases: the parts of a product where it names such, else the product itself."""
    for product in value if isinstance(value, list) else ():
        parts = product.get("subcomponents") if isinstance(product, dict) else None
        for each in parts if isinstance(parts, list) and parts else (product,):
            yield from _openvex_product(each)


def _openvex_product(value: object) -> Iterator[VexProduct]:
    if isinstance(value, str):
        yield from _product(value)
    elif isinstance(value, dict):
        identifiers = value.get("identifiers")
        stated = _text(identifiers, "purl") if isinstance(identifiers, dict) else ""
        yield from _product(stated or _text(value, "@id"))


def _of_cyclonedx(content: dict[str, object], lines: _Lines) -> Iterator[VexStatement]:
    known = dict(_references(content, 0))
    issued = content.get("metadata")
    default = _time(issued, "timestamp") if isinstance(issued, dict) else ""
    for flaw in _objects(content.get("vulnerabilities", []), lines.file, "vulnerabilities"):
        analysis, identifier = flaw.get("analysis"), _text(flaw, "id")
        if not isinstance(analysis, dict) or "state" not in analysis:
            continue
        state = analysis["state"]
        if not identifier or not isinstance(state, str) or state not in _STATES:
            raise _not_understood(
                lines.file, f"{identifier or 'a flaw'} has no id and state that CycloneDX knows"
            )
        others = [_text(each, "id") for each in _shown(flaw.get("references"))]
        affects = [_affected(each, known) for each in _shown(flaw.get("affects"))]
        yield VexStatement(
            names=tuple(dict.fromkeys(name for name in (identifier, *others) if name)),
            products=_unique(product for products in affects for product in products),
            status=_STATES[state],
            justification=_text(analysis, "justification"),
            detail=_text(analysis, "detail"),
            time=_time(analysis, "lastUpdated", "firstIssued") or _time(flaw, "updated") or default,
            place=lines.place(identifier),
        )


def _references(content: Mapping[str, object], depth: int) -> Iterator[tuple[str, str]]:
    """Yield the references of all components, nested ones too, with their package URLs."""
    for component in _shown(content.get("components")):
        if purl := _text(component, "purl"):
            yield _text(component, "bom-ref") or purl, purl
        if depth < _DEEPEST:
            yield from _references(component, depth + 1)


def _affected(target: Mapping[str, object], known: Mapping[str, str]) -> Iterator[VexProduct]:
    """Yield the releases of a target: a reference into this document or, as a BOM-Link, into another."""
    from urllib.parse import unquote

    reference = _text(target, "ref")
    if reference.startswith("urn:cdx:"):
        reference = unquote(reference.partition("#")[2])
    versions = _shown(target.get("versions"))
    for product in _product(known.get(reference, reference)):
        if not versions:
            yield product
        for each in versions:
            if each.get("status", "affected") == "affected" and (version := _text(each, "version")):
                yield VexProduct(project=product.project, version=version)


def _product(purl: str) -> Iterator[VexProduct]:
    release = python_release(purl)
    if release is not None:
        yield VexProduct(project=release[0], version=release[1])


def _unique(products: Iterable[VexProduct]) -> tuple[VexProduct, ...]:
    return tuple(dict.fromkeys(products))


def _objects(value: object, file: str, name: str) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _not_understood(file, f"its {name} are no list of objects")
    return value


def _shown(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _time(value: Mapping[str, object], *names: str) -> str:
    """Return the first of the times that can be read; what has none is older than all."""
    for name in names:
        try:
            if text := _text(value, name):
                return sortable_time(text)
        except InvalidTimestamp:
            continue
    return ""


def _not_understood(file: str, detail: str) -> UsageError:
    return UsageError(Finding(code="TRU840", subject=file, place=Place(file), values={"detail": detail}))
