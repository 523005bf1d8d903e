"""What was verified before, so that a warm run does not verify it again: a port, and what is written into it.

A result is kept under the digests of the file, of its provenance and of the trusted root. It also says under
which file name it was found, and by which edition of the verification: a name is part of what an attestation
states, and a stricter trued has to look again.
"""

from __future__ import annotations

from trued.core.record import Protocol, dataclass
from trued.proof.publisher import Publisher, UnknownPublisher

__all__ = ["EDITION", "VerifiedAttestation", "VerifiedMemory", "recall", "result_text"]

EDITION = "1"
"""Counted up whenever the verification refuses more than before."""


class VerifiedMemory(Protocol):
    """Keeps results. All three keys are lower-case sha256: of the file, its provenance, the trusted root."""

    def recall(self, *, file: str, bundle: str, root: str) -> str | None:
        """Return the result that was kept, or ``None``."""

    def remember(self, *, file: str, bundle: str, root: str, result: str) -> None:
        """Keep *result*, lines of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAttestation:
    """One attestation that held: who signed, which ``predicate``, and when the log saw it (Unix seconds)."""

    publisher: Publisher
    predicate: str
    signed_at: int


def result_text(filename: str, attestations: tuple[VerifiedAttestation, ...]) -> str:
    """Return the text that is kept of a provenance whose every attestation held."""
    lines = (f"{each.predicate}\t{each.signed_at}\t{each.publisher.to_line()}" for each in attestations)
    return "\n".join((f"{EDITION}\t{filename}", *lines))


def recall(text: str | None, *, filename: str) -> tuple[VerifiedAttestation, ...]:
    """Read what :func:`result_text` wrote; empty when it is of another edition or name, or damaged."""
    head, *lines = (text or "").split("\n")
    if head != f"{EDITION}\t{filename}":
        return ()
    try:
        return tuple(_attestation(line) for line in lines)
    except (ValueError, UnknownPublisher):
        return ()


def _attestation(line: str) -> VerifiedAttestation:
    predicate, signed_at, publisher = line.split("\t")
    return VerifiedAttestation(
        publisher=Publisher.from_line(publisher), predicate=predicate, signed_at=int(signed_at)
    )
