"""Certificates made by ``openssl`` for a test: an authority, and servers it vouches for, expired ones too."""

from __future__ import annotations

import base64
import hashlib
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Authority", "make_authority"]

_CONFIGURATION = """\
[ca]
default_ca = authority
[authority]
dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/authority.pem
private_key = {folder}/authority.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate authority in a folder."""

    folder: Path

    @property
    def certificate(self) -> str:
        """Path of the authority's own certificate (PEM)."""
        return str(self.folder / "authority.pem")

    def pem(self, name: str) -> str:
        """Path of certificate and key in one PEM file."""
        return str(self.folder / f"{name}.both.pem")

    def issue(self, name: str, *, names: str, until: str = "20991231235959Z") -> None:
        """Issue a certificate for the subject alternative *names*, valid from 2020 to *until*."""
        key, request, made = (self.folder / f"{name}.{kind}" for kind in ("key", "request", "pem"))
        _openssl(
            *_NEW_KEY, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}",
            "-keyout", str(key), "-out", str(request),
        )  # fmt: skip
        _openssl(
            "ca", "-batch", "-notext", "-config", str(self.folder / "openssl.cnf"), "-in", str(request),
            "-out", str(made), "-startdate", "20200101000000Z", "-enddate", until,
        )  # fmt: skip
        Path(self.pem(name)).write_bytes(made.read_bytes() + key.read_bytes())

    def server_context(self, name: str, *, wants_client: bool = False) -> ssl.SSLContext:
        """Return a context for a server that shows the certificate *name*."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem(name))
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.certificate)
        return context

    def pin(self, name: str) -> str:
        """Return the pin of the certificate's public key, as curl and RFC 7469 write it."""
        public = _openssl("x509", "-in", str(self.folder / f"{name}.pem"), "-noout", "-pubkey")
        der = base64.b64decode("".join(public.decode().splitlines()[1:-1]))
        return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


_NEW_KEY = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make_authority(folder: Path) -> Authority:
    """Make an authority in *folder*."""
    (folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=folder))
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    _openssl(
        *_NEW_KEY, "-x509", "-subj", "/CN=test authority", "-days", "36500",
        "-keyout", str(folder / "authority.key"), "-out", str(folder / "authority.pem"),
    )  # fmt: skip
    return Authority(folder=folder)


def _openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout
