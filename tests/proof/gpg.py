"""GnuPG in a home of its own: keys and signatures of any day, also such as nobody should make."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pysequoia.packet import PacketPile, Tag

CREATED = "20250101T000000"
SIGNED = "20250601T000000"
LATER = "20250801T000000"


@dataclass(frozen=True)
class PgpKey:
    """A key of the home: its public certificate as exported, and its fingerprint."""

    certificate: bytes
    fingerprint: str


class Gpg:
    """A home of GnuPG; ``close`` ends its agent and removes it."""

    def __init__(self) -> None:
        self.home = tempfile.mkdtemp(prefix="gpg-")  # short: a socket's path has a limit of 107 bytes

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def run(self, *arguments: str, at: str = SIGNED, data: bytes | None = None) -> bytes:
        command = ["gpg", "--homedir", self.home, "--yes", "--quiet", "--no-tty", "--trust-model", "always"]
        command += ["--pinentry-mode", "loopback", "--passphrase", "", "--faked-system-time", f"{at}!"]
        done = subprocess.run([*command, *arguments], input=data, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def key(
        self, name: str, *options: str, algorithm: str = "ed25519", use: str = "sign", expires: str = "never"
    ) -> PgpKey:
        arguments = ["--quick-generate-key", name, algorithm, use, expires]
        self.run("--batch", *options, *arguments, at=CREATED)
        return self.exported(name)

    def exported(self, name: str) -> PgpKey:
        certificate = self.run("--batch", "--export", name)
        first = next(iter(PacketPile.from_bytes(certificate)))
        return PgpKey(certificate, first.fingerprint or "")

    def sign(self, key: PgpKey, data: bytes, *options: str, at: str = SIGNED) -> bytes:
        """Return a detached signature in binary; *options* may change that."""
        return self._signed(key, data, "--detach-sign", *options, at=at)

    def clear_sign(self, key: PgpKey, data: bytes, *options: str, at: str = SIGNED) -> bytes:
        return self._signed(key, data, "--clear-sign", *options, at=at)

    def _signed(self, key: PgpKey, data: bytes, how: str, *options: str, at: str) -> bytes:
        user = key.fingerprint.upper()
        return self.run("--batch", "-u", user, *options, how, "--output", "-", at=at, data=data)

    def revoked(self, key: PgpKey, reason: int) -> bytes:
        """Return the certificate with a revocation: 0 no reason, 1 compromised, 2 superseded, 3 retired."""
        answers = f"y\n{reason}\n\ny\n".encode()
        armored = self.run(
            "--command-fd", "0", "--gen-revoke", key.fingerprint.upper(), at=LATER, data=answers
        )
        packet = dearmored(armored)
        primary, *others = (bytes(one) for one in PacketPile.from_bytes(key.certificate))
        return primary + packet + b"".join(others)

    def without_signing(self, key: PgpKey) -> bytes:
        """Return the certificate after its owner took the use for signing away from the primary key."""
        steps = b"change-usage\nS\nQ\nsave\n"
        self.run("--command-fd", "0", "--edit-key", key.fingerprint.upper(), at=LATER, data=steps)
        return self.exported(key.fingerprint.upper()).certificate

    def with_subkey(self, key: PgpKey, *, use: str) -> PgpKey:
        self.run("--batch", "--quick-add-key", key.fingerprint.upper(), "ed25519", use, "never", at=CREATED)
        return self.exported(key.fingerprint.upper())


def dearmored(armored: bytes) -> bytes:
    lines = armored.split(b"\n\n", 1)[1].splitlines()
    return base64.b64decode(b"".join(line for line in lines if not line.startswith((b"=", b"-"))))


def subkey_of(key: PgpKey) -> str:
    packets = PacketPile.from_bytes(key.certificate)
    return next(one.fingerprint or "" for one in packets if one.tag == Tag.PublicSubkey)


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
