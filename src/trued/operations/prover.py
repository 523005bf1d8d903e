"""All provers joined: what stands behind one file, by the rules of when each is asked.

A pin is a proof by itself, and nothing else is looked at, unless a rule of policy is about the project, or
``strict`` knows who published it before: then that has to hold too. Without a pin a rule of the policy that
holds is a proof; else what is known of the file is; else the user may accept it, once for all such files.
"""

from __future__ import annotations

from trued.core.finding import Finding, Level
from trued.core.record import replace
from trued.operations.companions import (
    Companions,
    Wish,
    fetch_companions,
    keep_provenance,
    kept_provenance,
)
from trued.operations.joined import Joined
from trued.operations.known_projects import KnownProjects
from trued.policy.level import PolicyLevel
from trued.proof.subject import Proof, ProofSubject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from trued.core.limits import Limits
    from trued.core.names import ProjectName
    from trued.index.transport import Transport
    from trued.operations.checksum_documents import DocumentReader
    from trued.operations.offer import Judged, Offer
    from trued.operations.proof_rules import ProofRules
    from trued.operations.signed_indexes import SignedIndexes
    from trued.policy.exceptions import ExceptionBook
    from trued.proof.checksum_document import ChecksumDocument
    from trued.proof.known.known_files import KnownFiles
    from trued.proof.publisher import Publisher

__all__ = ["Prover"]

_TOLD_WITH_STORY = frozenset({"TRU706", "TRU718"})
"""What the attestation's prover tells of known publishers; the known files tell it with its story."""


class Prover:
    """Proves the files of one run.

    *asks* is given all files that nothing proves, and returns what accepts them (``--trust-on-first-use``, an
    answer), or an empty text. *listed* returns the names and claimed sha256 of a file's release. With
    *only_pins* (hash-checking mode) a file without pin has no proof. *locked* is who published each project
    by the lock. *kept* is the folder where provenance is kept that held, empty for none. *signed* are the
    indexes whose own signature is a proof, and without which nothing of theirs is.
    """

    def __init__(
        self,
        *,
        rules: ProofRules,
        known: Callable[[], KnownFiles],
        known_path: str,
        transport: Callable[[], Transport],
        limits: Limits,
        level: PolicyLevel,
        exceptions: ExceptionBook,
        started: datetime,
        now: str,
        only_pins: bool,
        asks: Callable[[Sequence[Joined]], str],
        listed: Callable[[Offer], Mapping[str, str]],
        documents: Callable[[], DocumentReader],
        kept: str = "",
        locked: Mapping[ProjectName, tuple[Publisher, ...]] | None = None,
        signed: Callable[[], SignedIndexes] | None = None,
    ) -> None:
        self._rules = rules
        self._known = KnownProjects(
            open_known=known, path=known_path, level=level, rules=rules, locked=locked or {}
        )
        self._transport = transport
        self._limits = limits
        self._level = level
        self._exceptions = exceptions
        self._started = started
        self._now = now
        self._only_pins = only_pins
        self._asks = asks
        self._listed = listed
        self._kept = kept
        self._signed_indexes = signed
        self._reader = documents
        self._documents: dict[tuple[ProjectName, str], tuple[ChecksumDocument, ...]] = {}
        self._companions: dict[str, Companions] = {}
        self._open: list[Joined] = []
        self._accepted = ""
        self._joined: dict[tuple[str, str], Joined] = {}

    # Before anything is downloaded

    def fetch_companions(self, offers: Iterable[Offer]) -> list[Finding]:
        """Fetch what stands beside the files of *offers*, as far as it is looked at; return failures."""
        coming = list(offers)
        self.prepare(coming)
        wishes = [wish for offer in coming if (wish := self._wish(offer))]
        if not wishes:
            return []
        self._companions |= fetch_companions(self._transport(), wishes, limits=self._limits)
        return [finding for one in self._companions.values() for finding in one.failures]

    def prepare(self, offers: Iterable[Offer]) -> None:
        """Look together for what signed indexes state of files without pin, to be asked one by one later."""
        if self._signed_indexes is not None:
            self._signed_indexes().prepare(one.distribution for one in offers if one.wanted.allowed.is_empty)

    def needs_page(self, project: ProjectName, sha256: str = "") -> bool:
        """Tell whether proving a pinned file of *project* takes more than is here: then its page is asked."""
        if self._rules.openpgp_of(project):
            return True
        needed = bool(self._rules.publishers_of(project) or self._known.expected(project))
        return needed and (not sha256 or kept_provenance(self._kept, sha256) is None)

    def is_left_to_pin(self, offer: Offer) -> bool:
        """Tell whether nothing is asked beside the digests that are listed for the file."""
        project = offer.distribution.project
        return (
            self._signed_indexes is None
            and not offer.wanted.allowed.is_empty
            and not self._rules.bind(project)
            and not self._known.expected(project)
        )

    def needs_archive(self, offer: Offer) -> bool:
        """Tell whether proving takes the archive itself, which the store does not keep.

        A signature is over the archive's bytes, and the store computed no digest but sha256.
        """
        distribution = offer.distribution
        if self._rules.openpgp_of(distribution.project):
            return True
        open_signed = self._signed_indexes if offer.wanted.allowed.is_empty else None
        if open_signed is not None and open_signed().needs_archive(distribution):
            return True
        documents = self._documents_of(distribution.project, distribution.version)
        stated = (one.entries.get(distribution.filename, {}) for one in documents)
        return any(set(digests) - {"sha256"} for digests in stated)

    def _documents_of(self, project: ProjectName, version: str) -> tuple[ChecksumDocument, ...]:
        """Return the signed lists about a release, each opened once; what holds is remembered."""
        rules = self._rules.checksums_of(project)
        if not rules:
            return ()
        if (project, version) not in self._documents:
            opened = self._reader().open_all(rules, [(project, version)])
            self._documents[(project, version)] = opened
            for one in opened:
                one.remember(self._known.files)
        return self._documents[(project, version)]

    def _wish(self, offer: Offer) -> Wish | None:
        distribution = offer.distribution
        project = distribution.project
        pinned = not offer.wanted.allowed.is_empty or self._is_signed(offer)
        provenance = bool(self._rules.publishers_of(project)) or (
            bool(self._known.expected(project))
            if pinned
            else not self._only_pins and not self._known.has(offer)
        )
        claimed = next((one.value for one in distribution.digests if one.algorithm == "sha256"), "")
        kept = kept_provenance(self._kept, claimed)
        wish = Wish(
            distribution=distribution,
            provenance=provenance and bool(distribution.provenance_url) and kept is None,
            signature=bool(self._rules.openpgp_of(project)),
        )
        return wish if wish.provenance or wish.signature else None

    def _is_signed(self, offer: Offer) -> bool:
        """Tell whether an index vouches for the file by its own signature, which proves it as a pin does."""
        return self._signed_indexes is not None and bool(self._signed_indexes().covers(offer.distribution))

    # File by file

    def prove(self, offer: Offer, digests: Mapping[str, str], path: str = "") -> Joined:
        """Return what stands behind the file with these *digests*; *path* is the archive, where it is there.

        The archive is not parsed.
        """
        distribution = offer.distribution
        subject = ProofSubject(
            project=distribution.project,
            version=distribution.version,
            filename=distribution.filename,
            sha256=digests["sha256"],
            digests=digests,
            path=path,
        )
        pin = self._pin(offer, digests)
        joined = Joined(offer=offer, subject=subject, proof=pin, pinned=bool(pin.evidence))
        refused = any(finding.level is Level.ERROR for finding in pin.findings)
        if not refused and not (self._only_pins and not joined.pinned):
            joined = self._beside_pin(joined)
        if not joined.pinned and joined.is_open and not self._only_pins:
            self._open.append(joined)
        self._joined[(subject.filename, subject.sha256)] = joined
        return joined

    def _pin(self, offer: Offer, digests: Mapping[str, str]) -> Proof:
        from trued.proof.pin import prove

        distribution = offer.distribution
        evidence, findings = prove(
            filename=distribution.filename,
            computed=digests,
            allowed=offer.wanted.allowed,
            claimed=tuple(claim for claim in distribution.digests if claim.algorithm in digests),
            place=offer.wanted.place,
            time=self._now,
        )
        return Proof(evidence=evidence, findings=findings)

    def _beside_pin(self, joined: Joined) -> Joined:
        """Add what attestations, signatures and the known files say, where they are asked."""
        project = joined.subject.project
        expected = self._known.expected(project) if joined.pinned else ()
        by_index = self._vouched(joined)
        if joined.pinned and not expected and not self._rules.bind(project):
            return replace(joined, proof=joined.proof + by_index)
        companions = self._companions_of(joined)
        if companions.failures:
            return replace(joined, proof=joined.proof + Proof(findings=companions.failures))
        by_policy, publishers, recorded = self._attested(joined, companions)
        by_policy += self._signed(joined.subject, companions) + self._listed_by_documents(joined.subject)
        known = self._known.judge(
            joined,
            publishers,
            is_proven=bool(by_policy.evidence),
            is_vouched_for=bool(by_index.evidence),
        )
        proof = joined.proof + by_index + by_policy + recorded + known
        return replace(joined, proof=self._weighed(proof, joined.offer), publishers=publishers)

    def _vouched(self, joined: Joined) -> Proof:
        """Return what a signed index says of a file that is its own.

        A pin is a proof by itself: what is known without asking is told beside it.
        """
        if self._signed_indexes is None:
            return Proof()
        indexes, distribution = self._signed_indexes(), joined.offer.distribution
        return indexes.prove(joined.subject, distribution, looked_up=joined.pinned)

    def _weighed(self, proof: Proof, offer: Offer) -> Proof:
        """Weigh the findings, so that a file of which an exception lets all pass is one to be asked about.

        Those without a place get the requirement's.
        """
        from trued.policy.level import weigh

        weighed = weigh(proof.findings, self._level, self._exceptions)
        place = offer.wanted.place
        return Proof(
            evidence=proof.evidence,
            findings=tuple(one if one.place else replace(one, place=place) for one in weighed),
        )

    def _companions_of(self, joined: Joined) -> Companions:
        fetched = self._companions.get(joined.offer.distribution.url, Companions())
        if fetched.provenance is None and not fetched.failures:
            return replace(fetched, provenance=kept_provenance(self._kept, joined.subject.sha256))
        return fetched

    def _attested(self, joined: Joined, companions: Companions) -> tuple[Proof, tuple[Publisher, ...], Proof]:
        """Return what attestations prove by policy, who published the file, and what they prove by first use.

        What holds is kept, so that a later run need not fetch it.
        """
        from trued.proof.attestation import verify_provenance

        project = joined.subject.project
        rules = self._rules.publishers_of(project)
        locked = self._known.locked(project)
        if companions.provenance is None and not rules and not locked:
            return Proof(), (), Proof()
        result = verify_provenance(
            joined.subject,
            companions.provenance,
            rules=rules,
            known=() if rules else (*locked, *self._known.recorded(project)),
            roots=self._rules.root,
            remembered=self._known.files.verified,
            now=self._now,
            limits=self._limits,
        )
        if companions.provenance is not None:
            held = companions.provenance if result.publishers else None
            keep_provenance(self._kept, joined.subject.sha256, held)
        if rules:
            return result.proof, result.publishers, Proof()
        evidence = () if self._level is PolicyLevel.STRICT else result.proof.evidence
        untold = frozenset() if locked else _TOLD_WITH_STORY
        findings = tuple(one for one in result.proof.findings if one.code not in untold)
        return Proof(), result.publishers, Proof(evidence=evidence, findings=findings)

    def _signed(self, subject: ProofSubject, companions: Companions) -> Proof:
        rules = self._rules.openpgp_of(subject.project)
        if not rules:
            return Proof()
        from trued.proof.openpgp import verify_detached

        return verify_detached(subject, companions.signature, rules, self._started)

    def _listed_by_documents(self, subject: ProofSubject) -> Proof:
        documents = self._documents_of(subject.project, subject.version)
        if not documents:
            return Proof()
        from trued.proof.checksum_document import prove

        return prove(subject, documents, now=self._started)

    # Files that nothing proves

    def ask(self) -> None:
        """Ask once about all files that were found to be open since the last question."""
        waiting, self._open = self._open, []
        if waiting and self._level is not PolicyLevel.STRICT:
            self._accepted = self._asks(waiting)

    def accepted(self, joined: Joined) -> Joined:
        """Return *joined* with the evidence of first use, where the user accepted what is open."""
        if not joined.is_open or joined.pinned or self._only_pins or not self._accepted:
            return joined
        from trued.core.evidence import Evidence, Kind

        sha256 = joined.subject.sha256
        evidence = Evidence(
            sha256=sha256,
            kind=Kind.FIRST_USE,
            authority=self._accepted,
            detail=f"sha256:{sha256}",
            time=self._now,
        )
        joined = replace(joined, proof=joined.proof + Proof(evidence=(evidence,)))
        self._joined[(joined.subject.filename, sha256)] = joined
        return joined

    def publishers_of(self, offer: Offer, sha256: str) -> tuple[Publisher, ...]:
        """Return who was verified to have published the file of *offer* with that digest."""
        joined = self._joined.get((offer.distribution.filename, sha256))
        return joined.publishers if joined is not None else ()

    def learn(self, judged: Iterable[Judged]) -> None:
        """Have the known files remember what was admitted by anything but a pin."""
        for one in judged:
            joined = self._joined.get((one.offer.distribution.filename, one.digests["sha256"]))
            if joined is not None and not joined.pinned and one.verdict.admitted:
                self._learn(joined)

    def _learn(self, joined: Joined) -> None:
        if joined.proof.evidence and not joined.is_own and not self._known.is_recorded(joined):
            self._known.learn(joined, self._listed(joined.offer))
