"""The trusted root: whose certificates and whose log count when an attestation is verified.

``trusted_root.json`` beside this module is the production instance's, as the sigstore library 4.5.1 carries
it (from sigstore/root-signing, Apache License 2.0, unchanged). It is used only while it has the digest below.
The library's own cache in the user's home is never read: it is written and read unverified.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

from trued.core.errors import OperationalError
from trued.core.finding import Finding, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate
    from sigstore.verify import Verifier
    from sigstore_models.trustroot.v1 import TrustedRoot as Parsed

__all__ = ["SHIPPED_SHA256", "Instance", "TrustedRoot", "shipped_root"]

SHIPPED_SHA256 = "6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"
_MOST_BYTES = 1024 * 1024


class Instance:
    """A Sigstore instance as a trusted root describes it: the library's verifier, and who counted when."""

    def __init__(self, parsed: Parsed) -> None:
        from functools import cache

        from cryptography.x509 import load_der_x509_certificate
        from sigstore.models import TrustedRoot as SigstoreRoot
        from sigstore.verify import Verifier

        root = SigstoreRoot(parsed)
        # The library makes its keys anew for each file; a root does not change.
        root.rekor_keyring = cache(root.rekor_keyring)  # type: ignore[method-assign]  # of this one object
        root.ct_keyring = cache(root.ct_keyring)  # type: ignore[method-assign]  # of this one object
        self.verifier: Verifier = Verifier(trusted_root=root)
        self._logs = [(log.log_id.key_id, log.public_key.valid_for) for log in parsed.tlogs]
        self._authorities = [
            (
                load_der_x509_certificate(authority.cert_chain.certificates[0].raw_bytes).subject,
                authority.valid_for,
            )
            for authority in parsed.certificate_authorities
        ]

    def has_log(self, key_id: bytes, *, at: datetime) -> bool:
        """Tell whether the root names the log with this key for that time."""
        periods = [period for known, period in self._logs if known == key_id]
        return any(_holds(period.start, period.end, at) for period in periods if period)

    def has_issuer(self, certificate: Certificate, *, at: datetime) -> bool:
        """Tell whether the root names an authority of the certificate's issuer for that time.

        That it issued the certificate is the verifier's to find out.
        """
        periods = [period for name, period in self._authorities if name == certificate.issuer]
        return any(_holds(period.start, period.end, at) for period in periods)


def _holds(start: datetime, end: datetime | None, at: datetime) -> bool:
    return start <= at and (end is None or at <= end)


class TrustedRoot:
    """A trusted root's file and the sha256 that it must have. Nothing is read before it is needed.

    What is built of it is kept here, so that one instance serves all files of a run, from any thread.
    """

    def __init__(self, path: str | Path, *, sha256: str, place: Place | None = None) -> None:
        self.path = os.fspath(path)
        self.sha256 = sha256
        self._place = place
        self._lock = allocate_lock()
        self._built: Instance | None = None

    def read(self) -> bytes:
        """Return the file's bytes once they have the digest.

        Raises:
            OperationalError: the file cannot be read, or has another digest.

        """
        try:
            with open(self.path, "rb") as file:
                data = file.read(_MOST_BYTES)
        except OSError as error:
            raise self._wrong("TRU720", reason=error.strerror or type(error).__name__) from error
        import hashlib

        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise self._wrong("TRU721", expected=self.sha256, found=found)
        return data

    def instance(self) -> Instance:
        """Return the instance that the root describes, built at the first call.

        Raises:
            OperationalError: see :meth:`read`; or the file is no trusted root.

        """
        with self._lock:
            if self._built is None:
                self._built = self._build(self.read())
            return self._built

    def _build(self, data: bytes) -> Instance:
        import logging

        from trued.proof.sigstore_library import load_sigstore

        load_sigstore()
        from sigstore.errors import Error
        from sigstore_models.trustroot.v1 import TrustedRoot as Parsed

        # Without a handler of its own the library's warnings would be written to standard error.
        logging.getLogger("sigstore").addHandler(logging.NullHandler())
        try:
            return Instance(Parsed.from_json(data))
        except (Error, ValueError, TypeError, IndexError) as error:
            raise self._wrong("TRU722", reason=type(error).__name__) from error

    def _wrong(self, code: str, **values: str) -> OperationalError:
        return OperationalError(Finding(code=code, subject=self.path, place=self._place, values=values))


def shipped_root() -> TrustedRoot:
    """Return the trusted root that comes with trued."""
    return TrustedRoot(os.path.join(os.path.dirname(__file__), "trusted_root.json"), sha256=SHIPPED_SHA256)
