"""What a prover is asked about, and what it answers: one file by its digests, and evidence with findings."""

from __future__ import annotations

from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from trued.core.evidence import Evidence
    from trued.core.finding import Finding
    from trued.core.names import ProjectName

__all__ = ["Proof", "ProofSubject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSubject:
    """One whole file whose digests were computed.

    ``sha256`` is lower-case hexadecimal; ``digests`` maps each computed algorithm, sha256 among them, to the
    same. ``path`` is the archive where it is in hand, else empty; provers read its bytes, none parses it.
    """

    project: ProjectName
    version: str
    filename: str
    sha256: str
    digests: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one prover says of one file; without evidence and without findings it has nothing to say."""

    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __add__(self, other: Proof) -> Proof:
        return Proof(evidence=self.evidence + other.evidence, findings=self.findings + other.findings)
