"""Which certificates vouch for a server: the system's, and those that the user adds or puts in their place.

libcurl comes with an OpenSSL of its own, which does not know where this system keeps its certificates. On
Linux and BSD the place is looked up here; Windows and macOS keep them in a store that libcurl asks by itself.
A folder of certificates by hash is preferred to one large file: OpenSSL then reads the one certificate it
needs, not all of them again for each connection.
"""

from __future__ import annotations

import os
import sys

from trued.core.errors import UsageError
from trued.core.finding import Finding
from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CertificateStore", "certificate_store"]

_HASHED_FOLDERS = (
    "/etc/ssl/certs",
    "/etc/pki/ca-trust/extracted/pem/directory-hash",
    "/etc/openssl/certs",
)
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
)
_HAS_NATIVE_STORE = sys.platform in {"win32", "darwin"}
_PEM_MARK = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStore:
    """What libcurl is told: PEM certificates, a folder of them by hash, and whether to ask the system."""

    pem: bytes = b""
    folder: str = ""
    native: bool = False


def certificate_store(
    environ: Mapping[str, str], *, ca_file: str | None, only_ca_file: bool
) -> CertificateStore:
    """Return the certificates to check servers with.

    ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` take the place of the system's, as in OpenSSL itself. Raises
    :class:`UsageError` when *ca_file* cannot be read or holds no certificate.
    """
    added = read_certificates(ca_file, setting="cert") if ca_file else b""
    if only_ca_file:
        return CertificateStore(pem=added)
    system = _from_environment(environ) or _system_store()
    if not added:
        return system
    return CertificateStore(
        pem=b"\n".join(part for part in (system.pem, added) if part),
        folder=system.folder,
        native=system.native,
    )


def read_certificates(path: str, *, setting: str) -> bytes:
    """Return the PEM file of a setting. Raises :class:`UsageError` when it is unreadable or none."""
    try:
        with open(path, "rb") as file:
            pem = file.read()
    except OSError as error:
        raise _unusable(path, setting, error.strerror or "it cannot be read") from None
    if _PEM_MARK not in pem:
        raise _unusable(path, setting, "it holds no PEM certificate")
    return pem


def _unusable(path: str, setting: str, reason: str) -> UsageError:
    return UsageError(Finding(code="TRU325", subject=path, values={"setting": setting, "reason": reason}))


def _from_environment(environ: Mapping[str, str]) -> CertificateStore | None:
    file, folder = environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", "")
    if not file and not folder:
        return None
    pem = read_certificates(file, setting="SSL_CERT_FILE") if file else b""
    return CertificateStore(pem=pem, folder=folder)


def _system_store() -> CertificateStore:
    if _HAS_NATIVE_STORE:
        return CertificateStore(native=True)
    for folder in _HASHED_FOLDERS:
        if _is_hashed(folder):
            return CertificateStore(folder=folder)
    for bundle in _BUNDLES:
        if os.path.isfile(bundle):
            return CertificateStore(pem=read_certificates(bundle, setting="system store"))
    return _store_of_python()


def _is_hashed(folder: str) -> bool:
    """Tell whether OpenSSL can look certificates up in *folder*: names of eight hex digits and a number."""
    try:
        with os.scandir(folder) as entries:
            return any(len(entry.name) == 10 and entry.name.endswith(".0") for entry in entries)
    except OSError:
        return False


def _store_of_python() -> CertificateStore:
    import ssl

    paths = ssl.get_default_verify_paths()
    pem = read_certificates(paths.cafile, setting="system store") if paths.cafile else b""
    return CertificateStore(pem=pem, folder=paths.capath or "")
