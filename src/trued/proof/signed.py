"""A document whose signature was verified: the bytes that are signed, by whom, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from trued.core.finding import Finding

__all__ = ["Signed", "Signer", "spelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who made a signature that holds.

    ``identity`` is a certificate's fingerprint, a minisign key's ID or a Sigstore identity, ``key`` what it
    signed with where that is another. ``made`` is the time that the signature states, RFC 3339 UTC, or empty.
    """

    identity: str
    key: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What verifying one document gave. Without ``signers`` no signature holds, and ``content`` is empty."""

    content: bytes = b""
    signers: tuple[Signer, ...] = ()
    findings: tuple[Finding, ...] = ()


def spelled(moment: datetime) -> str:
    """Return *moment*, which has a zone, as RFC 3339 in UTC to the second."""
    from datetime import UTC

    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
