"""PEP 740 provenance as bytes from an index, read strictly into what a verifier is given.

Readers of JSON differ: which of two equal keys counts, what base64 may hold, how deep they go. Here each of
these refuses, and so does every field that the PEP does not name, so that no two readers see two documents.
What the index says of the publisher is kept as a claim and never as an identity.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trued.core.limits import Limits

__all__ = ["Attestation", "BadProvenance", "TooMuch", "read_provenance", "read_statement"]

_ATTESTATION = {"version", "verification_material", "envelope"}
_MATERIAL = {"certificate", "transparency_entries"}
_ENVELOPE = {"statement", "signature"}


class BadProvenance(ValueError):
    """The document is no PEP 740 provenance: ``where`` is a place in it, ``reason`` what is wrong there."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class TooMuch(BadProvenance):
    """A limit is exceeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """One attestation, well formed and not verified.

    ``where`` is its place in the provenance; ``claimed`` what the index says of its publisher;
    ``entries`` the transparency log's entries as they came, at least one.
    """

    where: str
    claimed: Mapping[str, object]
    certificate: bytes
    entries: tuple[Mapping[str, Any], ...]
    statement: bytes
    signature: bytes


def read_provenance(data: bytes, *, limits: Limits) -> tuple[Attestation, ...]:
    """Return every attestation of a provenance document (PEP 740, version 1).

    Raises:
        BadProvenance: anything is not as the PEP says it; :class:`TooMuch` where a limit is the reason.

    """
    if len(data) > limits.provenance_bytes:
        raise TooMuch("document", f"more than {limits.provenance_bytes} bytes")
    document = _fields(read_strictly(data, where="document"), "document", {"version", "attestation_bundles"})
    _expect_version(document, "document")
    bundles = _items(document["attestation_bundles"], "attestation_bundles", most=limits.provenance_bundles)
    return tuple(
        attestation
        for number, bundle in enumerate(bundles)
        for attestation in _bundle(bundle, f"attestation_bundles[{number}]", limits)
    )


def read_statement(data: bytes) -> Mapping[str, Any]:
    """Return the in-toto statement of an envelope.

    Raises:
        BadProvenance: it is no JSON object, or repeats a key.

    """
    statement = read_strictly(data, where="statement")
    if not isinstance(statement, dict):
        raise BadProvenance("statement", "not an object")
    return statement


def read_strictly(data: bytes, *, where: str) -> object:
    """Return the JSON value of *data*: UTF-8, no repeated key, no fraction, no NaN, no endless nesting.

    Raises:
        BadProvenance: it is none such.

    """

    def pairs(members: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(members)
        if len(found) != len(members):
            raise BadProvenance(where, "a key stands twice")
        return found

    def fraction(text: str) -> NoReturn:
        raise BadProvenance(where, f"{text[:20]} is no whole number")

    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=pairs, parse_float=fraction, parse_constant=fraction
        )
        if b"\\u" in data:  # only an escape can make half a character
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except BadProvenance:
        raise
    except RecursionError as error:
        raise TooMuch(where, "nested too deeply") from error
    except ValueError as error:
        raise BadProvenance(where, f"not JSON ({type(error).__name__})") from error
    return value


def _bundle(value: object, where: str, limits: Limits) -> Iterator[Attestation]:
    bundle = _fields(value, where, {"publisher", "attestations"})
    claimed = bundle["publisher"]
    if not isinstance(claimed, dict) or not isinstance(claimed.get("kind"), str):
        raise BadProvenance(f"{where}.publisher", "not an object with a kind")
    attestations = _items(
        bundle["attestations"], f"{where}.attestations", most=limits.provenance_attestations
    )
    for number, attestation in enumerate(attestations):
        yield _attestation(attestation, f"{where}.attestations[{number}]", claimed, limits)


def _attestation(value: object, where: str, claimed: Mapping[str, object], limits: Limits) -> Attestation:
    attestation = _fields(value, where, _ATTESTATION)
    _expect_version(attestation, where)
    material = _fields(attestation["verification_material"], f"{where}.verification_material", _MATERIAL)
    envelope = _fields(attestation["envelope"], f"{where}.envelope", _ENVELOPE)
    place = f"{where}.verification_material.transparency_entries"
    entries = _items(material["transparency_entries"], place, most=limits.provenance_log_entries)
    return Attestation(
        where=where,
        claimed=claimed,
        certificate=_bytes(material["certificate"], f"{where}.verification_material.certificate"),
        entries=tuple(_object(entry, f"{place}[{number}]") for number, entry in enumerate(entries)),
        statement=_bytes(envelope["statement"], f"{where}.envelope.statement"),
        signature=_bytes(envelope["signature"], f"{where}.envelope.signature"),
    )


def _fields(value: object, where: str, names: set[str]) -> dict[str, object]:
    """Return the object, which has exactly these fields."""
    found = _object(value, where)
    strange, lacking = found.keys() - names, names - found.keys()
    if strange:
        raise BadProvenance(where, f"unknown field {min(strange)[:40]!r}")
    if lacking:
        raise BadProvenance(where, f"no {min(lacking)}")
    return found


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadProvenance(where, "not an object")
    return value


def _items(value: object, where: str, *, most: int) -> list[object]:
    if not isinstance(value, list) or not value:
        raise BadProvenance(where, "not a list of at least one")
    if len(value) > most:
        raise TooMuch(where, f"more than {most}")
    return value


def _expect_version(value: Mapping[str, object], where: str) -> None:
    """Compare with version 1, the only one; ``True`` and ``1.0`` are others."""
    if type(value["version"]) is not int or value["version"] != 1:
        raise BadProvenance(where, f"version {str(value['version'])[:20]}")


def _bytes(value: object, where: str) -> bytes:
    """Return what canonical base64 stands for. Line ends are allowed: the first uploads have them."""
    import base64
    import binascii

    if not isinstance(value, str):
        raise BadProvenance(where, "no text")
    text = value.replace("\n", "")
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadProvenance(where, "not base64") from error
    if not decoded or base64.b64encode(decoded).decode() != text:
        raise BadProvenance(where, "not canonical base64")
    return decoded
