"""The certificates to check servers by, and when this machine's own ends."""

from __future__ import annotations

import os
from datetime import timedelta

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.operations.doctor.check import fine, told
from trued.operations.doctor.expiry import ending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trued.operations.doctor.check import Check
    from trued.operations.session import Session

__all__ = ["certificate_checks"]

_SOON = timedelta(days=30)
_BEGIN = b"-----BEGIN CERTIFICATE-----"


def certificate_checks(session: Session) -> Iterator[Check]:
    """Yield what vouches for servers, and when the certificates that settings name end."""
    from trued.index.certificates import certificate_store

    settings = session.settings
    try:
        store = certificate_store(
            session.environ,
            ca_file=settings.only_cert or settings.cert,
            only_ca_file=settings.only_cert is not None,
        )
    except UsageError as error:
        yield from told("certificates.authorities", error.findings)
    else:
        places = [store.folder, f"{len(store.pem)} bytes of PEM" if store.pem else ""]
        places.append("those of the system" if store.native else "")
        shown = ", ".join(filter(None, places))
        if shown:
            yield fine("certificates.authorities", shown)
        else:
            yield from told("certificates.authorities", [Finding(code="TRU952", subject="certificates")])
    for setting, path in (
        ("cert", settings.cert),
        ("only-cert", settings.only_cert),
        ("client-cert", settings.client_cert),
    ):
        if path:
            yield from _named(session, setting, os.path.join(session.cwd, path))


def _named(session: Session, setting: str, path: str) -> Iterator[Check]:
    name = f"certificates.{setting}"
    try:
        ends = _ends(path)
    except (OSError, ValueError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it holds no certificate"
        values = {"setting": setting, "reason": reason}
        yield from told(name, [Finding(code="TRU325", subject=path, values=values)])
        return
    # A bundle of authorities has old ones too; only where all have ended does nothing hold by it.
    deciding = min(ends) if setting == "client-cert" else max(ends)
    found = ending(path, deciding, now=session.started, soon=_SOON)
    if found is None:
        yield fine(name, f"{path}, until {deciding.date().isoformat()}")
    else:
        yield from told(name, [found])


def _ends(path: str) -> list[datetime]:
    """Return when the certificates of a PEM file end. Raises: OSError; ValueError when there are none."""
    import warnings

    from cryptography.x509 import load_pem_x509_certificate

    with open(path, "rb") as file:
        pieces = file.read().split(_BEGIN)[1:]
    ends = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of authorities' old certificates, which are theirs to correct
        for piece in pieces:
            try:
                ends.append(load_pem_x509_certificate(_BEGIN + piece).not_valid_after_utc)
            except ValueError:
                continue
    if not ends:
        raise ValueError(path)
    return ends
