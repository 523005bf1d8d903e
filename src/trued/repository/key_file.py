"""Keys in files: an encrypted private key, and the public half as a small document to hand around."""

from __future__ import annotations

import os

from trued.core.record import dataclass
from trued.core.whole_file import write_whole
from trued.repository.faults import failed, misused
from trued.repository.file_content import read_if_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import CryptoSigner, SSlibKey

__all__ = ["PublicKey", "fingerprint", "load_private", "make_key", "read_public", "write_public"]

PUBLIC_ENDING = ".pub.json"
PRIVATE_ENDING = ".key"
SCRYPT_COST = 2**15
_SCRYPT = "scrypt "
_MOST_COST = 2**20
_SCHEMES = ("ed25519", "ecdsa-sha2-nistp256")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public key, who holds it, and where its private half is reached (``file:…`` or a signer's URI)."""

    name: str
    key: SSlibKey
    uri: str

    @property
    def keyid(self) -> str:
        """The TUF key id: the sha256 of the public key's canonical JSON."""
        return str(self.key.keyid)


def make_key(
    folder: str,
    name: str,
    *,
    passphrase: bytes,
    scheme: str = "ed25519",
    overwrite: bool = False,
    cost: int = SCRYPT_COST,
) -> PublicKey:
    """Make a key, write ``NAME.key`` (PKCS #8, encrypted) and ``NAME.pub.json``; return the public half.

    PKCS #8 makes a key of the passphrase within a millisecond, so the passphrase goes through scrypt first;
    *cost* is its N, 32 MiB and some 80 ms by default. The first line of the file tells how.

    Raises:
        UsageError: when there is such a key already, or no passphrase.

    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )
    from securesystemslib.signer import SSlibKey

    private = os.path.join(folder, f"{name}{PRIVATE_ENDING}")
    if scheme not in _SCHEMES:
        raise misused("TRU899", scheme, reason=f"a key in a file is one of {', '.join(_SCHEMES)}")
    if not passphrase:
        raise misused("TRU883", private, reason="a key is never written without a passphrase")
    if os.path.exists(private) and not overwrite:
        raise misused("TRU892", private, reason="there is a key of this name already")
    head = f"{_SCRYPT}{cost} 8 1 {os.urandom(16).hex()}".encode()
    word = _hardened(head, passphrase)
    secret = Ed25519PrivateKey.generate() if scheme == "ed25519" else generate_private_key(SECP256R1())
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word))
    key = SSlibKey.from_crypto(secret.public_key(), scheme=scheme)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    write_whole(private, head + b"\n" + pem, mode=0o600)
    public = PublicKey(name=name, key=key, uri=f"file:{os.path.abspath(private)}")
    write_public(os.path.join(folder, f"{name}{PUBLIC_ENDING}"), public)
    return public


def write_public(path: str, public: PublicKey) -> None:
    """Write the public half as a document."""
    import json

    told = {
        "trued-public-key": 1,
        "name": public.name,
        "keyid": public.keyid,
        "key": public.key.to_dict(),
        "uri": public.uri,
    }
    write_whole(path, json.dumps(told, indent=2, sort_keys=True).encode() + b"\n")


def read_public(path: str) -> PublicKey:
    """Read the public half. Raises :class:`OperationalError` when the file is none, or its key id a lie."""
    import json

    from securesystemslib.formats import encode_canonical
    from securesystemslib.signer import SSlibKey

    data = read_if_there(path)
    if data is None:
        raise failed("TRU892", path, reason="there is no such file")
    try:
        told = json.loads(data)
        key = SSlibKey.from_dict(str(told["keyid"]), dict(told["key"]))
        public = PublicKey(name=str(told["name"]), key=key, uri=str(told.get("uri", "")))
    except (ValueError, KeyError, TypeError) as error:
        raise failed("TRU892", path, reason="it is no public key of trued index key") from error
    if public.keyid != _keyid(encode_canonical(key.to_dict())):
        raise failed("TRU892", path, reason="its key id is not that of its key")
    return public


def load_private(path: str, key: SSlibKey, *, passphrase: Callable[[str], bytes]) -> CryptoSigner:
    """Open the private key at *path*, whose public half is *key*.

    Raises:
        OperationalError: when the file cannot be read, the passphrase is wrong, or the key another one.

    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.exceptions import Error
    from securesystemslib.signer import CryptoSigner

    pem = read_if_there(path)
    if pem is None:
        raise failed("TRU883", path, reason="there is no such file")
    head, _, rest = pem.partition(b"\n")
    word = passphrase(path) if b"ENCRYPTED" in pem else None
    try:
        if word is not None and head.startswith(_SCRYPT.encode()):
            pem, word = rest, _hardened(head, word)
        private = load_pem_private_key(pem, word)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = "the passphrase is wrong, or the file is damaged"
        raise failed("TRU883", path, reason=reason) from error
    try:
        return CryptoSigner(private, key)
    except (ValueError, Error) as error:
        raise failed("TRU883", path, reason="it is not the private half of the key that is meant") from error


def fingerprint(data: bytes) -> str:
    """Return the sha256 of *data* in groups of eight digits, to be compared by eye or read aloud."""
    import hashlib

    digest = hashlib.sha256(data).hexdigest()
    return " ".join(digest[start : start + 8] for start in range(0, 64, 8))


def _keyid(encoded: object) -> str:
    import hashlib

    return hashlib.sha256(str(encoded).encode()).hexdigest()


def _hardened(head: bytes, passphrase: bytes) -> bytes:
    """Return what the key is encrypted by: scrypt (RFC 7914) over the passphrase, as *head* says.

    Raises:
        ValueError: when *head* says nothing of the kind, or asks for more work than any key is worth.

    """
    import hashlib

    cost, block, lanes, salt = head.decode("ascii").removeprefix(_SCRYPT).split(" ")
    n, r, p = int(cost), int(block), int(lanes)
    if not (1 < n <= _MOST_COST and 1 <= r <= 8 and 1 <= p <= 4):
        raise ValueError("no cost of scrypt")
    derived = hashlib.scrypt(
        passphrase, salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=256 * n * r + 2**20, dklen=32
    )
    return derived.hex().encode()
