"""Signatures of minisign over small documents (https://jedisct1.github.io/minisign/, "Signature format").

Two signatures stand in a file: one over the document, one over that signature and the trusted comment. Both
must hold, so the comment is as good as the document, and the time in it is the document's date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trued.core.finding import Finding, Place
from trued.proof.signed import Signed, Signer, spelled

if TYPE_CHECKING:
    from minisign import PublicKey, Signature

__all__ = ["MinisignRule", "key_ids", "verify_minisign"]

_TIMESTAMP = re.compile(r"(?:^|[\s,;])timestamp:([0-9]{1,12})(?![0-9])")
_DATE = re.compile(r"(?:^|[\s,;])date:([0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?)(?![\w:])")
_CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinisignRule:
    """Documents are signed by one of ``keys``: contents of ``minisign.pub`` files, or their base64 line."""

    keys: tuple[bytes, ...]
    place: Place | None = None


def key_ids(rule: MinisignRule) -> tuple[str, ...]:
    """Return the IDs of the rule's keys as minisign prints them. Raises :class:`ValueError`."""
    return tuple(_key_id(_key(data)) for data in rule.keys)


def verify_minisign(
    data: bytes, signature: bytes, rule: MinisignRule, *, subject: str, now: datetime
) -> Signed:
    """Verify *signature* over the document *data*; *subject* names it in findings."""
    try:
        keys = [_key(one) for one in rule.keys]
    except ValueError as error:
        return _refused("TRU769", subject, rule, problem=str(error))
    if not keys:
        return _refused("TRU769", subject, rule, problem="it names no key")
    try:
        read = _signature(signature)
    except ValueError as error:
        return _refused("TRU766", subject, rule, problem=str(error))
    named = [key for key in keys if _id_in(bytes(key)) == _id_in(bytes(read))]
    if not named:
        return _refused("TRU767", subject, rule, signer=f"minisign key {_id_in(bytes(read))}")
    if not any(_holds(key, data, read) for key in named):
        return _refused("TRU768", subject, rule, signer=f"minisign key {_key_id(named[0])}")
    made = _date(read.trusted_comment)
    if made is not None and made > now + _CLOCK_TOLERANCE:
        return _refused("TRU764", subject, rule, made=spelled(made), now=spelled(now))
    signer = Signer(identity=_key_id(named[0]), made=spelled(made) if made is not None else "")
    return Signed(content=data, signers=(signer,))


def _key(data: bytes) -> PublicKey:
    from minisign import PublicKey

    stripped = data.strip()
    return PublicKey.from_bytes(stripped) if b"\n" in stripped else PublicKey.from_base64(stripped)


def _signature(data: bytes) -> Signature:
    from minisign import Signature

    if not data.isascii():
        raise ValueError("bytes that are no text")
    return Signature.from_bytes(data)


def _holds(key: PublicKey, data: bytes, signature: Signature) -> bool:
    from minisign import VerifyError

    try:
        key.verify(data, signature)
    except VerifyError:
        return False
    return True


def _key_id(key: PublicKey) -> str:
    return _id_in(bytes(key))


def _id_in(file: bytes) -> str:
    """Return the key ID of a key file or a signature file, as minisign prints it: the last octet first."""
    import base64

    return base64.b64decode(file.splitlines()[1])[2:10][::-1].hex().upper()


def _date(comment: str) -> datetime | None:
    """Return the date in a trusted comment: ``timestamp:`` in seconds, else ``date:`` as RFC 3339."""
    try:
        if (stamp := _TIMESTAMP.search(comment)) is not None:
            return datetime.fromtimestamp(int(stamp[1]), tz=UTC)
        if (date := _DATE.search(comment)) is not None:
            read = datetime.fromisoformat(date[1])
            return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):  # a time that does not exist
        return None
    return None


def _refused(code: str, subject: str, rule: MinisignRule, **values: str) -> Signed:
    return Signed(findings=(Finding(code=code, subject=subject, place=rule.place, values=values),))
