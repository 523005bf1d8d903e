"""Sigstore bundles over small documents: an identity signed them, and a public log has it (client spec 1.1).

The sigstore library verifies, offline, with the trusted root that is given. The time is the one that the log
signed: a bundle whose time nobody signed, or of a log or authority outside its period, proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Place
from trued.proof.publisher import Publisher, PublisherRule, UnknownPublisher
from trued.proof.signed import Signed, Signer, spelled

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle

    from trued.proof.trusted_root import Instance, TrustedRoot

__all__ = ["SigstoreRule", "verify_bundle"]

_CLOCK_TOLERANCE = timedelta(hours=1)
_LAST_TIME = 253_402_300_800  # the year 10000, past what a datetime holds
_ISSUER = "1.3.6.1.4.1.57264.1.8"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigstoreRule:
    """Documents are signed by a ``publisher``, or by ``identity`` as ``issuer`` knows it.

    ``identity`` is the whole e-mail address or URI in the certificate, ``issuer`` the address of who vouches
    for it; both are needed, since every issuer has an identity of that name. A URI may end in ``@*``, or in
    ``*`` after a part of what follows the ``@``: a workflow's identity ends in the tag it ran for.
    """

    publisher: PublisherRule | None = None
    identity: str = ""
    issuer: str = ""
    place: Place | None = None

    def names(self, identity: str) -> bool:
        """Tell whether *identity*, as a certificate has it, is the rule's."""
        before, at, reference = self.identity.partition("@")
        if not (before.startswith("https://") and at and reference.endswith("*")):
            return identity == self.identity
        return identity.startswith(self.identity[:-1])


class _OtherIdentity(Exception):
    """The certificate is of somebody whom the rule does not name; the argument says who."""


class _Policy:
    """The policy that the library asks once the certificate is verified; it keeps who that is."""

    def __init__(self, rule: SigstoreRule) -> None:
        self._rule = rule
        self.identity = ""

    def verify(self, cert: Certificate) -> None:
        """Accept the certificate of whom the rule names. Raises :class:`_OtherIdentity`."""
        publisher = _publisher(cert)
        names, issuer = _names(cert), _issuer(cert)
        wanted = self._rule
        if wanted.publisher is not None and publisher is not None and wanted.publisher.admits(publisher):
            self.identity = publisher.identity
        elif wanted.identity and wanted.issuer == issuer and any(map(wanted.names, names)):
            self.identity = f"{wanted.identity} ({issuer})"
        else:
            raise _OtherIdentity(f"{', '.join(names)} ({issuer})"[:300])


def verify_bundle(
    data: bytes, bundle: bytes, rule: SigstoreRule, *, subject: str, roots: TrustedRoot | None, now: datetime
) -> Signed:
    """Verify *bundle* over the document *data*; *subject* names it in findings.

    Raises :class:`OperationalError` when the trusted root cannot be used.
    """
    if roots is None or not (rule.publisher or (rule.identity and rule.issuer)):
        return _refused("TRU769", subject, rule, problem="it has no trusted root, or no identity with issuer")
    instance = roots.instance()
    read = _read(bundle)
    if isinstance(read, str):
        return _refused("TRU766", subject, rule, problem=read)
    made = datetime.fromtimestamp(read.log_entry._inner.integrated_time or 0, tz=UTC)
    if made > now + _CLOCK_TOLERANCE:
        return _refused("TRU764", subject, rule, made=spelled(made), now=spelled(now))
    return _verified(data, read, rule, subject, instance, made)


def _verified(
    data: bytes, bundle: Bundle, rule: SigstoreRule, subject: str, instance: Instance, made: datetime
) -> Signed:
    policy = _Policy(rule)
    try:
        instance.verifier.verify_artifact(data, bundle, policy)
    except _OtherIdentity as error:
        return _refused("TRU767", subject, rule, signer=str(error))
    except Exception as error:  # noqa: BLE001 - foreign bytes: whatever a library makes of them, it is a no
        return _refused("TRU768", subject, rule, signer=f"a Sigstore bundle ({type(error).__name__})")
    log = bytes(bundle.log_entry._inner.log_id.key_id)
    if not instance.has_log(log, at=made) or not instance.has_issuer(bundle.signing_certificate, at=made):
        return _refused("TRU768", subject, rule, signer="a log or authority out of its time")
    return Signed(content=data, signers=(Signer(identity=policy.identity, made=spelled(made)),))


def _read(data: bytes) -> Bundle | str:
    """Return the bundle, or what is wrong with it."""
    from sigstore.models import Bundle

    try:
        bundle = Bundle.from_json(data)
    except Exception as error:  # noqa: BLE001 - foreign bytes; three libraries raise their own
        return f"no Sigstore bundle ({type(error).__name__})"
    entry = bundle.log_entry._inner
    if not entry.inclusion_promise or not 0 < (entry.integrated_time or 0) < _LAST_TIME:
        return "a log entry whose time nobody signed"
    return bundle


def _publisher(certificate: Certificate) -> Publisher | None:
    from trued.proof.signing_certificate import publisher_of

    try:
        return publisher_of(certificate)
    except (UnknownPublisher, ValueError):
        return None


def _names(certificate: Certificate) -> list[str]:
    from cryptography.x509 import RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    return [
        *names.get_values_for_type(RFC822Name),
        *names.get_values_for_type(UniformResourceIdentifier),
    ]


def _issuer(certificate: Certificate) -> str:
    """Return the issuer of the identity: Fulcio's extension 8, else the older 1, which is no DER string."""
    from cryptography.hazmat import asn1
    from cryptography.x509 import UnrecognizedExtension

    found = {
        extension.oid.dotted_string: extension.value.value
        for extension in certificate.extensions
        if isinstance(extension.value, UnrecognizedExtension)
    }
    if _ISSUER in found:
        return asn1.decode_der(str, found[_ISSUER])
    return found.get(_ISSUER[:-1] + "1", b"").decode("utf-8", "replace")


def _refused(code: str, subject: str, rule: SigstoreRule, **values: str) -> Signed:
    return Signed(findings=(Finding(code=code, subject=subject, place=rule.place, values=values),))
