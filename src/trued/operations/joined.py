"""What stands behind one file, joined of what every prover said."""

from __future__ import annotations

from trued.core.finding import Level
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.operations.offer import Offer
    from trued.proof.publisher import Publisher
    from trued.proof.subject import Proof, ProofSubject

__all__ = ["Joined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What stands behind one file. ``pinned`` tells that the user's own digest is part of it."""

    offer: Offer
    subject: ProofSubject
    proof: Proof
    publishers: tuple[Publisher, ...] = ()
    pinned: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing proves the file, and nothing speaks against it."""
        refused = any(finding.level is Level.ERROR for finding in self.proof.findings)
        return not self.proof.evidence and not refused

    @property
    def is_own(self) -> bool:
        """Whether the user named a file of this machine, which may be built again under one name."""
        return self.offer.is_direct and self.offer.distribution.url.startswith("file:")
