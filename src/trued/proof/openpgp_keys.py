"""OpenPGP certificates as the user gave them: which keys they hold, and what is known of each.

What is read here explains why a signature does not hold; whether it holds is sequoia's answer. Two facts are
taken from here in both directions, because sequoia is milder: a revocation of any kind, and a revoked subkey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pysequoia import Cert
    from pysequoia.packet import Packet

__all__ = ["Certificate", "Key", "UnusableKey", "certificates_of", "parse_fingerprint"]

_FINGERPRINT_LENGTHS = (40, 64)
"""Hexadecimal digits of version 4 and 6 fingerprints; key IDs are shorter and can be made to order."""


class UnusableKey(ValueError):
    """The bytes hold no usable certificate; ``reason`` is ``secret``, ``unreadable`` or ``none``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A primary key or subkey. ``can_sign`` is ``None`` where nothing states it; times are in UTC."""

    fingerprint: str
    key_id: str
    created: datetime | None
    can_sign: bool | None = None
    expires: datetime | None = None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate with its keys, the primary one first.

    ``weakness`` says why its cryptography is not accepted (a short key, SHA-1 in its own signatures), else it
    is empty. ``names`` are its user IDs, which nobody vouches for.
    """

    cert: Cert
    keys: tuple[Key, ...]
    names: tuple[str, ...] = ()
    expires: datetime | None = None
    is_revoked: bool = False
    weakness: str = ""

    @property
    def fingerprint(self) -> str:
        """The primary key's fingerprint, lower-case hexadecimal."""
        return self.keys[0].fingerprint

    def key(self, issuer: str) -> Key | None:
        """Return the key with the fingerprint or key ID *issuer*."""
        return next((key for key in self.keys if issuer in (key.fingerprint, key.key_id)), None)


def parse_fingerprint(text: str) -> str:
    """Return *text*, with or without spaces, as lower-case hexadecimal. Raises :class:`ValueError`."""
    compact = "".join(text.split()).lower().removeprefix("0x")
    if len(compact) not in _FINGERPRINT_LENGTHS or not set(compact) <= frozenset("0123456789abcdef"):
        raise ValueError(text)
    return compact


def certificates_of(data: bytes) -> tuple[Certificate, ...]:
    """Return all certificates of a key file, armored or binary. Raises :class:`UnusableKey`."""
    from pysequoia import Cert
    from pysequoia.packet import PacketPile, Tag

    try:
        tags = [packet.tag for packet in PacketPile.from_bytes(data)]
        if Tag.SecretKey in tags or Tag.SecretSubkey in tags:
            raise UnusableKey("secret")
        certs = Cert.split_bytes(data)
        if not certs:
            raise UnusableKey("none")
        return tuple(_certificate(cert, tuple(PacketPile.from_bytes(bytes(cert)))) for cert in certs)
    except RuntimeError as error:  # whatever sequoia cannot read
        raise UnusableKey("unreadable") from error


def _certificate(cert: Cert, packets: Sequence[Packet]) -> Certificate:
    keys = tuple(_keys(packets))
    try:
        return Certificate(
            cert=cert,
            keys=keys,
            names=tuple(str(name) for name in cert.user_ids),
            expires=cert.expiration,
            is_revoked=cert.is_revoked,
        )
    except RuntimeError as error:  # sequoia's policy rejects the certificate, and says so only here
        return Certificate(cert=cert, keys=keys, weakness=_cause(str(error)))


def _cause(text: str) -> str:
    """Return the innermost cause of one of sequoia's errors, without its backtrace."""
    told = text.partition("\n\nStack backtrace")[0].strip().splitlines()
    return told[-1].strip().lstrip("0123456789: ") if told else "rejected"


def _keys(packets: Iterable[Packet]) -> Iterator[Key]:
    key: Packet | None = None
    signatures: list[Packet] = []
    for packet in packets:
        if packet.fingerprint is None:
            signatures.append(packet)
            continue
        if key is not None:
            yield _key(key, signatures)
        key, signatures = packet, []
    if key is not None:
        yield _key(key, signatures)


def _key(key: Packet, packets: Sequence[Packet]) -> Key:
    """Read what the newest binding says of *key*, and whether any packet revokes it."""
    from pysequoia.packet import SignatureType

    revoking = (SignatureType.SubkeyRevocation, SignatureType.KeyRevocation)
    bindings = [packet for packet in packets if packet.key_flags is not None]
    newest = max(bindings, key=_made, default=None)
    lifetime = newest.key_validity_period if newest is not None else None
    created = key.key_created
    return Key(
        fingerprint=key.fingerprint or "",
        key_id=key.key_id or "",
        created=created,
        can_sign=newest.key_flags.signing if newest is not None and newest.key_flags is not None else None,
        expires=created + lifetime if created is not None and lifetime is not None else None,
        is_revoked=any(packet.signature_type in revoking for packet in packets),
    )


def _made(packet: Packet) -> float:
    return packet.signature_created.timestamp() if packet.signature_created is not None else 0.0
