"""The script of a ceremony: the steps with the commands, to be printed and ticked off."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from trued.repository.key_file import PublicKey

__all__ = ["FILE", "ceremony_script"]

FILE = "CEREMONY.md"


def ceremony_script(
    *, name: str, keys: str, root_keys: Sequence[PublicKey], threshold: int, online: PublicKey
) -> str:
    """Return the steps for this index, the operator's folder *keys* and these holders, in Markdown."""
    holders = "\n".join(f"- [ ] {key.name}: `{key.keyid}`" for key in root_keys)
    signings = "\n".join(
        f"- [ ] {key.name}, on their own machine without network:\n"
        f"      `trued index sign request.json --key {key.name}.pub.json -o {key.name}.signatures.json`"
        for key in root_keys
    )
    return f"""# Key ceremony of the index {name}

{threshold} of {len(root_keys)} holders have to sign. Each compares what the command shows with what the
others read aloud, and signs only then. Keep this page, with the names of those present, and publish it
together with `transcript.jsonl`.

Date, place: ........................................  Witness: ........................................

## 1. The keys are those of their holders

{holders}
- [ ] online (snapshot, timestamp, bins): `{online.keyid}`

Each holder reads the key id from their own `NAME.pub.json`; the operator compares it with this list.

## 2. The request goes out

- [ ] `trued index export request.json --keys {keys}`
- [ ] its copies reach all holders on a medium, or by any other way: nothing in it is secret

## 3. Signatures

{signings}

`sign` shows the roles, their keys, thresholds, expiry and the sha256 of what is signed, and asks.

- [ ] The sha256 of root and targets was the same on every screen.

## 4. Signatures come back

- [ ] `trued index collect *.signatures.json --keys {keys}`, until it says that the root is accepted
- [ ] the sha256 of `{keys}/chain/1.root.json` is written here:

      ................................................................

## 5. First publication

- [ ] `trued index sign SITE --keys {keys}`

## 6. Somebody who took no part

- [ ] `trued index check SITE --root 1.root.json --transcript transcript.jsonl`

with the root and the transcript as they are published. Clients get that same `1.root.json`, over a way that
is not the index itself.
"""
