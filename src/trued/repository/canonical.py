"""Canonical JSON of metadata: the bytes that signatures are over, and the file that carries both.

The TUF specification signs OLPC canonical JSON. Its reference encoder is slow for a million targets; what the
C encoder of the standard library writes with sorted keys and without spaces is the same text as long as no
character has to be escaped, which differs between the two. Where one has, the reference encoder is asked.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from securesystemslib.signer import Signature, Signer

__all__ = ["canonical", "envelope", "signed_document"]


def canonical(signed: Mapping[str, object]) -> bytes:
    """Return the canonical JSON of *signed*: texts, whole numbers, booleans, lists and mappings."""
    import json

    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if "\\" not in text:
        return text.encode()
    from securesystemslib.formats import encode_canonical

    encoded = encode_canonical(dict(signed))
    if not isinstance(encoded, str):
        raise TypeError("the encoder was to return the text")
    return encoded.encode()


def envelope(payload: bytes, signatures: Iterable[Signature]) -> bytes:
    """Return the metadata file: *payload* as it was signed, and the signatures."""
    told = sorted((one.to_dict() for one in signatures), key=lambda one: str(one["keyid"]))
    return b'{"signatures":' + canonical_list(told) + b',"signed":' + payload + b"}"


def canonical_list(values: list[dict[str, object]]) -> bytes:
    """Return the canonical JSON of a list of mappings."""
    return b"[" + b",".join(canonical(value) for value in values) + b"]"


def signed_document(signed: Mapping[str, object], signers: Iterable[Signer]) -> bytes:
    """Return *signed* as a metadata file with a signature of each of *signers*."""
    payload = canonical(signed)
    return envelope(payload, [signer.sign(payload) for signer in signers])
