"""The proofs in plain words, from the strongest to none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trued.core.record import dataclass

if TYPE_CHECKING:
    from trued.report.inventory import Component

__all__ = ["NO_PROOF", "PROOFS", "ProofWords", "strongest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofWords:
    """One kind of proof: its key, its short name, and what it says."""

    key: str
    name: str
    meaning: str


PROOFS: tuple[ProofWords, ...] = (
    ProofWords(
        key="attestation",
        name="Attestation",
        meaning="Signed by the pipeline of the publisher that is named (PEP 740).",
    ),
    ProofWords(
        key="tuf", name="Signed index", meaning="Listed in index metadata that offline keys sign (TUF)."
    ),
    ProofWords(key="openpgp", name="OpenPGP", meaning="Signed with a key that the policy names."),
    ProofWords(
        key="checksums",
        name="Signed list",
        meaning="Listed in a signed document of digests that the policy names.",
    ),
    ProofWords(
        key="pin",
        name="Pinned digest",
        meaning="Its digest was written down before, in a lock or a requirements file.",
    ),
    ProofWords(
        key="first-use",
        name="First use",
        meaning="Accepted by a person when it was first seen; the same bytes ever since.",
    ),
)
"""Every kind that a receipt can name, the strongest first."""

NO_PROOF = ProofWords(key="none", name="Not proven", meaning="No receipt says what proved it.")


def strongest(one: Component) -> ProofWords:
    """Return the strongest proof of *one*."""
    kinds = {proof.kind for proof in one.proofs}
    return next((words for words in PROOFS if words.key in kinds), NO_PROOF)
