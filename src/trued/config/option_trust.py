"""The options of ``trued trust``: whose word is taken for what."""

from __future__ import annotations

from trued.config.option import Kind, Option, Type, option

__all__ = ["TRUST"]

_OWN = "Options"
_TRUST = ("trust",)

TRUST: tuple[Option, ...] = (
    option("--project", "The project that a document or a key is about.", name="trusted-project",
           kind=Kind.VALUE, of=Type.PROJECT, metavar="NAME", commands=_TRUST, group=_OWN, configurable=False,
           pip=False),
    option("--signature", "Where the document's signature is (default: in it, or beside it).",
           kind=Kind.VALUE, of=Type.LOCATION, metavar="FILE", commands=_TRUST, group=_OWN,
           configurable=False, pip=False),
    option("--key", "A file of OpenPGP or minisign keys that sign the document; may be repeated.",
           name="key-file", field="key_files", kind=Kind.LIST, of=Type.PATH, metavar="FILE", commands=_TRUST,
           group=_OWN, configurable=False, pip=False),
    option("--fingerprint", "The whole fingerprint of the key or root that is meant; may be repeated.",
           field="fingerprints", kind=Kind.LIST, metavar="HEX", commands=_TRUST, group=_OWN,
           configurable=False, pip=False),
    option("--root", "The index's first root, to begin trust at (default: the index's own 1.root.json).",
           name="root-file", kind=Kind.VALUE, of=Type.LOCATION, metavar="FILE|URL", commands=_TRUST,
           group=_OWN, configurable=False, pip=False),
    option("--identity", "The Sigstore identity that signs the document; with --issuer.", kind=Kind.VALUE,
           metavar="NAME", commands=_TRUST, group=_OWN, configurable=False, pip=False),
    option("--issuer", "Who vouches for that identity.", kind=Kind.VALUE, metavar="URL", commands=_TRUST,
           group=_OWN, configurable=False, pip=False),
    option("--rule", "Write a [[checksums]] rule in place of remembering the digests.", name="write-rule",
           commands=_TRUST, group=_OWN, configurable=False, pip=False),
)  # fmt: skip
"""Options of trust."""
