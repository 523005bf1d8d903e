"""The options of ``trued index``: the operator's side of an index, its keys and their ceremony."""

from __future__ import annotations

from trued.config.option import Kind, Option, ProjectRule, Type, option

__all__ = ["SIGNED_INDEX"]

_INDEX = ("index",)
_SIGNING = "Signing"
_CEREMONY = "Ceremony"
_PAGES = "Pages"
_NEVER = ProjectRule.NEVER

_SIGN: tuple[Option, ...] = (
    option("--keys", "The operator's folder: accepted roots, drafts, where online keys are.",
           name="index-keys", kind=Kind.VALUE, of=Type.PATH, metavar="DIR", commands=_INDEX, group=_SIGNING,
           pip=False, project=_NEVER),
    option("--passphrase-file", "Read the passphrase of a key from this file's first line.",
           name="index-passphrase-file", kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=_INDEX,
           group=_SIGNING, pip=False, project=_NEVER),
    option("--all", "Read and sign the whole index anew.", name="index-all", commands=_INDEX, group=_SIGNING,
           configurable=False, pip=False),
    option("--root", "Check as somebody who has only this root.", name="index-root", kind=Kind.VALUE,
           of=Type.PATH, metavar="FILE", commands=_INDEX, group=_SIGNING, configurable=False, pip=False),
    option("--transcript", "Compare the roots with this transcript of the ceremony.",
           name="index-transcript", kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=_INDEX,
           group=_SIGNING, configurable=False, pip=False),
    option("--quick", "Compare lengths, hash no file.", name="index-quick", commands=_INDEX, group=_SIGNING,
           configurable=False, pip=False),
    option("--good", "A copy from before the break-in to compare with.", name="index-good", kind=Kind.VALUE,
           of=Type.PATH, metavar="DIR", commands=_INDEX, group=_SIGNING, configurable=False, pip=False),
)  # fmt: skip

_KEEP: tuple[Option, ...] = (
    option("--name", "What the index is called in its root.", name="index-name", kind=Kind.VALUE,
           default="index", metavar="NAME", commands=_INDEX, group=_CEREMONY, configurable=False, pip=False),
    option("--root-key", "The public key of a holder; may be repeated.", name="index-root-key",
           field="index_root_keys", kind=Kind.LIST, of=Type.PATH, metavar="FILE", commands=_INDEX,
           group=_CEREMONY, configurable=False, pip=False),
    option("--online-key", "The public key of snapshot, timestamp and bins.", name="index-online-key",
           kind=Kind.VALUE, of=Type.PATH, metavar="FILE", commands=_INDEX, group=_CEREMONY,
           configurable=False, pip=False),
    option("--threshold", "How many holders have to sign (default: more than half).", name="index-threshold",
           kind=Kind.VALUE, of=Type.INTEGER, metavar="N", commands=_INDEX, group=_CEREMONY,
           configurable=False, pip=False),
    option("--targets", "For about so many files and pages: the number of bins follows.",
           name="index-targets", kind=Kind.VALUE, of=Type.INTEGER, metavar="N", commands=_INDEX,
           group=_CEREMONY, configurable=False, pip=False),
    option("--expires", "Days that a role's metadata holds, as ROLE=DAYS; may be repeated.",
           name="index-expires", field="index_lifetimes", kind=Kind.LIST, metavar="ROLE=DAYS",
           commands=_INDEX, group=_CEREMONY, configurable=False, pip=False),
    option("--add-key", "A public key that the role gets; may be repeated.", name="index-add-key",
           field="index_add_keys", kind=Kind.LIST, of=Type.PATH, metavar="FILE", commands=_INDEX,
           group=_CEREMONY, configurable=False, pip=False),
    option("--remove-key", "A key id, or its beginning, that the role loses; may be repeated.",
           name="index-remove-key", field="index_remove_keys", kind=Kind.LIST, metavar="KEYID",
           commands=_INDEX, group=_CEREMONY, configurable=False, pip=False),
    option("--key", "The holder's key that signs a request.", name="index-key", kind=Kind.VALUE,
           of=Type.PATH, metavar="FILE", commands=_INDEX, group=_CEREMONY, configurable=False, pip=False),
    option("--key-dir", "Where a new key is written (default: here).", name="index-key-dir", kind=Kind.VALUE,
           of=Type.PATH, default=".", metavar="DIR", commands=_INDEX, group=_CEREMONY, configurable=False,
           pip=False),
    option("--scheme", "What kind of key is made.", name="index-scheme", kind=Kind.VALUE, default="ed25519",
           choices=("ed25519", "ecdsa-sha2-nistp256"), commands=_INDEX, group=_CEREMONY, configurable=False,
           pip=False),
    option("--uri", "Use the key at this address of a device or a cloud (hsm:, awskms:, gcpkms:, ...).",
           name="index-key-uri", kind=Kind.VALUE, metavar="URI", commands=_INDEX, group=_CEREMONY,
           configurable=False, pip=False),
    option("-y --yes", "Do not ask before signing a request.", name="index-yes", commands=_INDEX,
           group=_CEREMONY, configurable=False, pip=False),
)  # fmt: skip

_SHOW: tuple[Option, ...] = (
    option("--reason", "Why it is yanked, or has this status.", name="index-reason", kind=Kind.VALUE,
           default="", metavar="TEXT", commands=_INDEX, group=_PAGES, configurable=False, pip=False),
    option("--undo", "Take the yanking back.", name="index-undo", commands=_INDEX, group=_PAGES,
           configurable=False, pip=False),
    option("--upload-time", "The upload time to state (default: SOURCE_DATE_EPOCH, or each file's own).",
           name="index-upload-time", kind=Kind.VALUE, metavar="RFC3339", commands=_INDEX, group=_PAGES,
           configurable=False, pip=False),
    option("--port", "The port to serve on.", name="index-port", kind=Kind.VALUE, of=Type.INTEGER,
           default=8000, metavar="N", commands=_INDEX, group=_PAGES, configurable=False, pip=False),
)  # fmt: skip

SIGNED_INDEX: tuple[Option, ...] = _SIGN + _KEEP + _SHOW
"""Options of index."""
