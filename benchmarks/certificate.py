"""A throw-away certificate authority and a certificate for 127.0.0.1, made by ``openssl``."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Certificate", "make_certificate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Paths of PEM files: the authority to trust, the server's certificate and its private key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """Make an authority and a certificate for 127.0.0.1 and localhost, good for 30 days, in *folder*."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise BenchmarkError("openssl is needed for the https index: install it or leave out cold-https")
    made = Certificate(
        authority=folder / "authority.pem",
        certificate=folder / "certificate.pem",
        key=folder / "key.pem",
    )
    authority_key, request, extensions = folder / "authority.key", folder / "request", folder / "extensions"
    new = [openssl, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    subject = ["-subj", "/CN=benchmark authority", "-days", "30", *usage]
    _run([*new, "-x509", *subject, "-keyout", str(authority_key), "-out", str(made.authority)])
    _run([*new, "-subj", "/CN=localhost", "-keyout", str(made.key), "-out", str(request)])
    extensions.write_text(
        "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n"
        "authorityKeyIdentifier=keyid\n"
    )
    sign = [openssl, "x509", "-req", "-days", "30", "-in", str(request), "-extfile", str(extensions)]
    sign += ["-CA", str(made.authority), "-CAkey", str(authority_key), "-CAcreateserial"]
    _run([*sign, "-out", str(made.certificate)])
    return made


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"openssl failed: {done.stderr[-1000:]}")
