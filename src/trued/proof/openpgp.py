"""The proof called OpenPGP: the holder of a key that the user named signed these bytes (RFC 9580).

sequoia verifies; around it stand the rules it leaves open, each with its own finding. A signature counts when
a key of the rule made it over exactly these bytes, with a digest that stands against collisions, at a past
time at which the key existed and had not expired. A key that was revoked, for whatever reason, proves
nothing: whoever holds it chooses the time in its signatures. A key that has expired *since* still proves what
it signed before, with a warning: expiry is planned and says nothing of loss; a rule can refuse that.

Several rules for one project must all hold, so that a rule of a project's own file cannot replace the user's.
Within a rule, one signature of one of its keys is enough; signatures by other keys are left aside, but one
that names a key of the rule and does not hold refuses the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from trued.core.evidence import Evidence, Kind
from trued.core.finding import Finding, Level, Place
from trued.proof.openpgp_frame import BadFrame, signature_packets, split_clear_signed
from trued.proof.openpgp_keys import Certificate, Key, UnusableKey, certificates_of
from trued.proof.signed import Signed, Signer, spelled
from trued.proof.subject import Proof

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pysequoia import Cert

    from trued.proof.subject import ProofSubject

__all__ = ["OpenPgpRule", "verify_clear_signed", "verify_detached", "verify_document"]

_STRONG = ("SHA256", "SHA384", "SHA512", "SHA3_256", "SHA3_512")
"""Digests that stand against collisions with room to spare."""

_CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a signer's clock may be ahead of this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPgpRule:
    """Files of *project* (a normalised name or a glob of names) are signed by one of these keys.

    ``certificates`` are the contents of key files, each one or more certificates; ``fingerprints`` (of
    primary keys, lower-case hexadecimal) choose among them, all count where it is empty. ``accept_expired``
    lets signatures count that were made before their key expired.
    """

    project: str
    certificates: tuple[bytes, ...]
    fingerprints: tuple[str, ...] = ()
    accept_expired: bool = True
    place: Place | None = None

    def covers(self, project: str) -> bool:
        """Tell whether the rule is about *project*, a normalised name."""
        from fnmatch import fnmatchcase

        return fnmatchcase(project, self.project)


def verify_detached(
    subject: ProofSubject, signature: bytes | None, rules: Sequence[OpenPgpRule], now: datetime
) -> Proof:
    """Verify the detached *signature* over the file at ``subject.path`` by every rule for its project.

    Without a rule for the project there is nothing to say. The file is read in pieces. *now* is aware.
    Raises :class:`ValueError` where a rule covers a file that is not at hand.
    """
    proof = Proof()
    for rule in rules:
        if rule.covers(subject.project):
            if signature and not subject.path:
                raise ValueError(f"{subject.filename}: the archive is not at hand")
            proof += _by_rule(subject, signature, rule, now)
    return proof


def verify_document(
    data: bytes, signature: bytes, rule: OpenPgpRule, *, subject: str, now: datetime
) -> Signed:
    """Verify a detached *signature* over the small document *data*; *subject* names it in findings."""
    from pysequoia import Sig, verify

    def check(packet: bytes, certs: Sequence[Cert]) -> Sequence[str]:
        done = verify(bytes=data, store=lambda _: list(certs), signature=Sig.from_bytes(packet))
        return [valid.signing_key for valid in done.valid_sigs]

    judge = _Judge(subject, rule, now, check, allows_text=True)
    signers = judge.signers(signature)
    return Signed(content=data if signers else b"", signers=signers, findings=tuple(judge.findings))


def verify_clear_signed(data: bytes, rule: OpenPgpRule, *, subject: str, now: datetime) -> Signed | None:
    """Verify a clear-signed document; only what is inside the signature is returned as its content.

    ``None`` where no clear-signed block begins in *data*.
    """
    from pysequoia import verify

    contents: set[bytes] = set()
    try:
        block = split_clear_signed(data)
    except BadFrame as error:
        values = {"problem": str(error)}
        return Signed(findings=(Finding(code="TRU747", subject=subject, place=rule.place, values=values),))
    if block is None:
        return None

    def check(packet: bytes, certs: Sequence[Cert]) -> Sequence[str]:
        done = verify(bytes=block.with_signature(packet), store=lambda _: list(certs))
        contents.add(done.bytes or b"")
        return [valid.signing_key for valid in done.valid_sigs]

    judge = _Judge(subject, rule, now, check, allows_text=True)
    if block.has_text_around:
        judge.tell("TRU746", level=Level.WARNING)
    signers = judge.judged(block.packets)
    if len(contents) != 1:
        signers = ()
    return Signed(content=contents.pop() if signers else b"", signers=signers, findings=tuple(judge.findings))


def _by_rule(subject: ProofSubject, signature: bytes | None, rule: OpenPgpRule, now: datetime) -> Proof:
    from pysequoia import Sig, verify

    def check(packet: bytes, certs: Sequence[Cert]) -> Sequence[str]:
        done = verify(file=subject.path, store=lambda _: list(certs), signature=Sig.from_bytes(packet))
        return [valid.signing_key for valid in done.valid_sigs]

    judge = _Judge(subject.filename, rule, now, check, allows_text=False)
    if not signature:
        judge.tell("TRU730")
        return Proof(findings=tuple(judge.findings))
    evidence = tuple(
        Evidence(
            sha256=subject.sha256,
            kind=Kind.OPENPGP,
            authority=signer.identity,
            detail=f"signed {signer.made} by key {signer.key}",
            time=spelled(now),
        )
        for signer in judge.signers(signature)
    )
    return Proof(evidence=evidence, findings=tuple(judge.findings))


class _Fault(NamedTuple):
    """Why a signature does not count: a code, and the values of its finding beside the key."""

    code: str
    values: dict[str, str]


class _Stated(NamedTuple):
    """What a signature packet states of itself, in the words of pysequoia's enumerations."""

    issuer: str
    digest: str
    type: str
    made: datetime | None
    expires: datetime | None

    @classmethod
    def of(cls, packet: bytes) -> _Stated:
        """Read *packet*; all at once, since each part may raise :class:`RuntimeError`."""
        from pysequoia import Sig

        signature = Sig.from_bytes(packet)
        return cls(
            issuer=signature.issuer_fingerprint or signature.issuer_key_id or "",
            digest=str(signature.hash_algorithm).rpartition(".")[2],
            type=str(signature.signature_type).rpartition(".")[2],
            made=signature.created,
            expires=signature.expiration,
        )


class _Judge:
    """Judges the signatures of one file by one rule."""

    def __init__(
        self,
        subject: str,
        rule: OpenPgpRule,
        now: datetime,
        check: Callable[[bytes, Sequence[Cert]], Sequence[str]],
        *,
        allows_text: bool,
    ) -> None:
        self.findings: list[Finding] = []
        self._subject = subject
        self._rule = rule
        self._now = now
        self._check = check
        self._allows_text = allows_text

    def signers(self, signature: bytes) -> tuple[Signer, ...]:
        """Judge the packets of a detached signature file; see :meth:`judged`."""
        try:
            packets = signature_packets(signature)
        except BadFrame as error:
            self.tell("TRU731", problem=str(error))
            return ()
        return self.judged(packets)

    def judged(self, packets: Sequence[bytes]) -> tuple[Signer, ...]:
        """Return who signed; nobody, with findings, when no key of the rule did or one of its own fails."""
        certificates = self._certificates()
        if not certificates:
            return ()
        found: list[Signer] = []
        strangers: list[str] = []
        failed = False
        for packet in packets:
            one = self._signer(packet, certificates)
            if isinstance(one, Signer):
                found.append(one)
            elif one is None:
                failed = True
            else:
                strangers.append(one)
        self._tell_strangers(strangers, is_signed=bool(found), has_failed=failed)
        if failed and found:
            self.tell("TRU732", count=str(len(packets)))
        return () if failed else tuple(found)

    def tell(self, code: str, *, level: Level = Level.ERROR, **values: str) -> None:
        """Add a finding about the file."""
        self._add(code, level, values)

    def _add(self, code: str, level: Level, values: dict[str, str]) -> None:
        finding = Finding(
            code=code, level=level, subject=self._subject, place=self._rule.place, values=values
        )
        self.findings.append(finding)

    def _certificates(self) -> tuple[Certificate, ...]:
        """Return the certificates that the rule names; what cannot be used is told."""
        found: dict[str, Certificate] = {}
        for data in self._rule.certificates:
            try:
                found |= {one.fingerprint: one for one in certificates_of(data)}
            except UnusableKey as error:
                self.tell("TRU743", problem=f"a key file is not usable ({error.reason})")
        wanted = self._rule.fingerprints
        missing = [fingerprint for fingerprint in wanted if fingerprint not in found]
        if missing:
            self.tell("TRU743", problem=f"no key file has {', '.join(missing)}")
        if not wanted and not found and not self.findings:
            self.tell("TRU743", problem="it names no key")
        return tuple(one for fingerprint, one in found.items() if not wanted or fingerprint in wanted)

    def _signer(self, packet: bytes, certificates: Sequence[Certificate]) -> Signer | str | None:
        """Return the signer; the issuer's name when the rule does not know it; ``None`` when it fails."""
        try:
            signature = _Stated.of(packet)
        except RuntimeError:  # sequoia cannot read the packet, or does not know what it names
            self.tell("TRU731", problem="a signature packet that cannot be read")
            return None
        issuer = signature.issuer
        matches = [(one, key) for one in certificates if (key := one.key(issuer)) is not None]
        if not matches:
            return issuer or "an unnamed key"
        certificate, key = matches[0]
        made = signature.made
        fault = self._fault(signature, certificate, key)
        if fault is None and not self._holds(packet, certificate, key):
            fault = _Fault("TRU741", {})
        if fault is not None:
            self._add(fault.code, Level.ERROR, {"key": certificate.fingerprint, **fault.values})
            return None
        if made is None:
            raise LookupError(certificate.fingerprint)
        return Signer(identity=certificate.fingerprint, key=key.fingerprint, made=spelled(made))

    def _holds(self, packet: bytes, certificate: Certificate, key: Key) -> bool:
        try:
            return key.fingerprint in self._check(packet, [certificate.cert])
        except RuntimeError:  # sequoia's answer that the signature does not hold
            return False

    def _fault(self, signature: _Stated, certificate: Certificate, key: Key) -> _Fault | None:
        """Return why *signature* does not count whatever the bytes are, or ``None``."""
        return (
            self._fault_of_form(signature)
            or self._fault_of_key(certificate, key)
            or self._fault_of_time(signature, certificate, key)
        )

    def _fault_of_form(self, signature: _Stated) -> _Fault | None:
        if signature.digest not in _STRONG:
            return _Fault("TRU733", {"algorithm": signature.digest})
        types = ("Binary", "Text") if self._allows_text else ("Binary",)
        if signature.type not in types:
            return _Fault("TRU740", {"type": signature.type})
        return None

    def _fault_of_key(self, certificate: Certificate, key: Key) -> _Fault | None:
        if certificate.is_revoked or certificate.keys[0].is_revoked or key.is_revoked:
            return _Fault("TRU737", {})
        if certificate.weakness:
            return _Fault("TRU749", {"problem": certificate.weakness})
        if key.can_sign is False:
            return _Fault("TRU739", {"signing_key": key.fingerprint})
        return None

    def _fault_of_time(self, signature: _Stated, certificate: Certificate, key: Key) -> _Fault | None:
        made = signature.made
        if made is None:
            return _Fault("TRU731", {"problem": "a signature without a time"})
        if made > self._now + _CLOCK_TOLERANCE:
            return _Fault("TRU735", {"made": spelled(made), "now": spelled(self._now)})
        if key.created is not None and made < key.created:
            return _Fault("TRU736", {"made": spelled(made), "created": spelled(key.created)})
        ends = [moment for moment in (certificate.expires, key.expires) if moment is not None]
        if ends and made >= min(ends):
            return _Fault("TRU738", {"made": spelled(made), "expired": spelled(min(ends))})
        if signature.expires is not None and self._now >= signature.expires:
            return _Fault("TRU742", {"expired": spelled(signature.expires)})
        if ends and self._now >= min(ends):
            times = {"made": spelled(made), "expired": spelled(min(ends))}
            if not self._rule.accept_expired:
                return _Fault("TRU748", times)
            self.tell("TRU744", level=Level.WARNING, key=certificate.fingerprint, **times)
        return None

    def _tell_strangers(self, strangers: Sequence[str], *, is_signed: bool, has_failed: bool) -> None:
        """Tell of signatures by keys that the rule does not name; refuse when there is no other."""
        if not strangers:
            return
        keys = ", ".join(dict.fromkeys(strangers))
        if is_signed or has_failed:
            self.tell("TRU745", level=Level.NOTE, keys=keys)
        else:
            self.tell("TRU734", keys=keys)
