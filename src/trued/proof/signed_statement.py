"""One attestation, verified: certificate, log entries, signature, and what the signed statement says.

The sigstore library does the cryptography (the client specification's steps 0 to 8) with a trusted root that
is given, and without a network. Around it stand the rules that it, or the PEP 740 library, leaves open: each
log entry is verified, not the first alone; keys and authorities count within their stated periods; the
statement is read strictly and is about exactly this file.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from trued.core.finding import Finding, Level
from trued.proof.provenance import BadProvenance, read_statement
from trued.proof.publisher import Publisher, UnknownPublisher
from trued.proof.signing_certificate import publisher_of
from trued.proof.verified_memory import VerifiedAttestation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.x509 import Certificate
    from sigstore.models import Bundle

    from trued.proof.provenance import Attestation
    from trued.proof.subject import ProofSubject
    from trued.proof.trusted_root import Instance, TrustedRoot

__all__ = ["NotVerified", "verify"]

_SKEW = timedelta(hours=1)
"""How far behind the log's clock this machine's may be."""

_BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_PAYLOAD = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_SLSA = "https://slsa.dev/provenance/v1"
_PUBLISH_SHA256 = "64b3949826537e32dd526c5d9c31cbeb141dde83b68588399682d5aa3dcdcb74"
"""PEP 740's other predicate type is an address at a public index, whose name stands nowhere in trued."""


class NotVerified(Exception):
    """The attestation does not hold; where it cannot be judged, the finding is a warning."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code, dict(finding.values))
        self.finding = finding


def verify(
    attestation: Attestation, subject: ProofSubject, *, root: TrustedRoot, now: datetime
) -> VerifiedAttestation:
    """Return what *attestation* proves of *subject*; *now* is aware of its zone.

    Raises:
        NotVerified: it proves nothing.
        OperationalError: the trusted root cannot be used.

    """
    check = _Check(attestation, subject, root.instance())
    try:
        return check.result(now)
    except NotVerified:
        raise
    except UnknownPublisher as error:
        raise check.wrong("TRU713", undecided=True, issuer=str(error)[:200]) from error
    except Exception as error:  # foreign bytes: whatever else a library makes of them, it is a no
        raise check.failed(error) from error


class _Identity:
    """The policy that the sigstore library asks: it takes the publisher from the certificate it verified."""

    def __init__(self) -> None:
        self.publisher: Publisher | None = None

    def verify(self, cert: Certificate) -> None:
        """Read the publisher; a certificate without one raises :class:`UnknownPublisher`."""
        self.publisher = publisher_of(cert)


class _Check:
    """The steps over one attestation, each of which returns or raises."""

    def __init__(self, attestation: Attestation, subject: ProofSubject, instance: Instance) -> None:
        self._attestation = attestation
        self._subject = subject
        self._instance = instance

    def result(self, now: datetime) -> VerifiedAttestation:
        from cryptography.x509 import load_der_x509_certificate

        certificate = load_der_x509_certificate(self._attestation.certificate)
        entries = self._attestation.entries
        signed_at = min(self._logged_time(entry, certificate, now) for entry in entries)
        publishers = {self._signed_by(entry) for entry in entries}
        predicate = self._statement()
        return VerifiedAttestation(
            publisher=publishers.pop(), predicate=predicate, signed_at=int(signed_at.timestamp())
        )

    def _logged_time(self, entry: Mapping[str, Any], certificate: Certificate, now: datetime) -> datetime:
        """Return when the log says it took the entry, once all that signs was valid then."""
        kind = entry.get("kindVersion")
        if isinstance(kind, dict) and kind.get("version") == "0.0.2":
            raise self.wrong("TRU712", undecided=True)
        try:
            time = datetime.fromtimestamp(int(str(entry["integratedTime"])), tz=UTC)
        except (KeyError, ValueError, OverflowError, OSError) as error:
            raise self.wrong("TRU710", reason="it has no time") from error
        if not entry.get("inclusionPromise"):
            raise self.wrong("TRU710", reason="nobody signed its time")
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not begin <= time <= end:
            raise self.wrong("TRU708", logged=_text(time), begin=_text(begin), end=_text(end))
        if time > now + _SKEW:
            raise self.wrong("TRU709", logged=_text(time), now=_text(now))
        self._within_periods(entry, certificate, time)
        return time

    def _signed_by(self, entry: Mapping[str, Any]) -> Publisher:
        """Verify the signature with this log entry beside it, and return the certificate's publisher."""
        identity = _Identity()
        bundle = _bundle(self._attestation, entry)
        kind, payload = self._instance.verifier.verify_dsse(bundle, identity)
        if kind != _PAYLOAD or payload != self._attestation.statement:
            raise self.wrong("TRU717", reason=f"it is signed as {kind}")
        if identity.publisher is None:
            raise self.wrong("TRU705", reason="nobody asked who signed")
        return identity.publisher

    def _statement(self) -> str:
        """Return the predicate's name, once the statement is about this file and nothing else."""
        try:
            statement = read_statement(self._attestation.statement)
        except BadProvenance as error:
            raise self.wrong("TRU717", reason=error.reason) from error
        subjects = statement.get("subject")
        if statement.get("_type") != _STATEMENT or not isinstance(subjects, list) or len(subjects) != 1:
            raise self.wrong("TRU717", reason="it is no in-toto statement of one subject")
        self._about_this_file(subjects[0])
        return self._predicate(statement)

    def _about_this_file(self, stated: object) -> None:
        digests = stated.get("digest") if isinstance(stated, dict) else None
        name = stated.get("name") if isinstance(stated, dict) else None
        if not isinstance(name, str) or not isinstance(digests, dict):
            raise self.wrong("TRU717", reason="its subject has no name or digest")
        computed = {**self._subject.digests, "sha256": self._subject.sha256}
        holds = {each: computed[each] == digests[each] for each in digests.keys() & computed}
        same = bool(holds.get("sha256")) and all(holds.values())
        if not same or not _same_name(name, self._subject.filename):
            stated_digest = str(digests.get("sha256", "none"))[:64]
            raise self.wrong("TRU703", name=name[:200], stated=stated_digest, got=self._subject.sha256)

    def _predicate(self, statement: Mapping[str, object]) -> str:
        kind = str(statement.get("predicateType"))
        if kind == _SLSA:
            return "slsa-provenance/v1"
        if hashlib.sha256(kind.encode()).hexdigest() != _PUBLISH_SHA256:
            raise self.wrong("TRU711", undecided=True, predicate=kind[:200])
        if statement.get("predicate"):
            raise self.wrong("TRU717", reason="a publish attestation has nothing to say beside its subject")
        return "publish/v1"

    def _within_periods(self, entry: Mapping[str, Any], certificate: Certificate, time: datetime) -> None:
        """Compare *time* with the periods for which the root names the log's key and the authority.

        The library takes keys and authorities whose period is over, whatever time they sign.
        """
        if not self._instance.has_log(_log_key(entry), at=time):
            raise self.wrong("TRU710", reason="the trusted root names no such log at that time")
        if not self._instance.has_issuer(certificate, at=time):
            raise self.wrong("TRU707", reason="the trusted root names no such authority at that time")

    def failed(self, error: Exception) -> NotVerified:
        """Return which story a library's refusal is. Its words are kept out: they quote foreign bytes."""
        from sigstore.errors import CertValidationError

        words = str(error)
        if isinstance(error, CertValidationError) or "SCT" in words:
            return self.wrong("TRU707", reason="its certificate was not issued there")
        if "log entry" in words:
            return self.wrong("TRU710", reason="the log did not sign it, or it is about something else")
        return self.wrong("TRU705", reason=type(error).__name__)

    def wrong(self, code: str, *, undecided: bool = False, **values: str) -> NotVerified:
        finding = Finding(
            code=code,
            level=Level.WARNING if undecided else Level.ERROR,
            subject=self._subject.filename,
            values={"where": self._attestation.where, **values},
        )
        return NotVerified(finding)


def _bundle(attestation: Attestation, entry: Mapping[str, Any]) -> Bundle:
    """Return the Sigstore bundle of the attestation with this one log entry (PEP 740, appendix 1)."""
    import json

    from sigstore.models import Bundle

    material = {
        "certificate": {"rawBytes": _base64(attestation.certificate)},
        "tlogEntries": [entry],
        "timestampVerificationData": {"rfc3161Timestamps": []},
    }
    envelope = {
        "payload": _base64(attestation.statement),
        "payloadType": _PAYLOAD,
        "signatures": [{"sig": _base64(attestation.signature)}],
    }
    bundle = {"mediaType": _BUNDLE, "verificationMaterial": material, "dsseEnvelope": envelope}
    return Bundle.from_json(json.dumps(bundle))


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def _log_key(entry: Mapping[str, Any]) -> bytes:
    import base64

    log = entry.get("logId")
    key = log.get("keyId") if isinstance(log, dict) else None
    try:
        return base64.b64decode(key, validate=True) if isinstance(key, str) else b""
    except ValueError:
        return b""


def _same_name(stated: str, filename: str) -> bool:
    """Compare file names as PEP 740 does: equal, or equal once both are parsed."""
    return stated == filename or (_parsed(stated) is not None and _parsed(stated) == _parsed(filename))


def _parsed(filename: str) -> object:
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        return parse_wheel_filename(filename) if filename.endswith(".whl") else parse_sdist_filename(filename)
    except (InvalidSdistFilename, InvalidWheelFilename, ValueError):
        return None


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
