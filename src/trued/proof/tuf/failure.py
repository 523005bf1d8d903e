"""What the library raises, read into findings: expired, rolled back, frozen, mixed, unsigned, long, slow.

The library's exceptions say little more than their class; the rest is known from what was being loaded. To be
imported once :func:`trued.proof.tuf.library.load_tuf` has run.
"""

from __future__ import annotations

import json

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from trued.core.errors import OperationalError
from trued.core.finding import Finding
from trued.proof.tuf.fetching import FetchFailed
from trued.proof.tuf.unproven import IndexUnproven

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

    from trued.core.errors import TruedError

__all__ = ["Loading", "failure_of"]


class Loading:
    """What was being loaded when something failed: the index, the last file, and what is trusted so far."""

    def __init__(
        self, index: str, last: tuple[str, bytes], trusted: TrustedMetadataSet | None, now: datetime
    ) -> None:
        self.index = index
        self.name, self.body = last
        self.trusted = trusted
        self.now = now

    @property
    def role(self) -> str:
        """The role whose file was loaded last, unquoted."""
        from urllib.parse import unquote

        version, _, rest = self.name.partition(".")
        return unquote((rest if version.isdecimal() else self.name).removesuffix(".json"))

    @property
    def version(self) -> int:
        """The version that the last file says it is; -1 where it says none."""
        try:
            return int(json.loads(self.body)["signed"]["version"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return -1

    def finding(self, code: str, role: str = "", **values: str) -> Finding:
        """Return a finding about the index; *role* is the one that was loaded unless it is named."""
        return Finding(code=code, subject=self.index, values={"role": role or self.role, **values})


def failure_of(error: Exception, loading: Loading) -> TruedError:
    """Return what *error*, raised by the library, means."""
    if isinstance(error, FetchFailed):
        return OperationalError(*error.findings)
    if isinstance(error, DownloadHTTPError):
        code = "TRU857" if loading.role == "timestamp" else "TRU866"
        return OperationalError(loading.finding(code))
    if isinstance(error, SlowRetrievalError):
        return OperationalError(loading.finding("TRU861"))
    if isinstance(error, DownloadLengthMismatchError):
        return IndexUnproven(loading.finding("TRU860"))
    if isinstance(error, DownloadError):
        return OperationalError(loading.finding("TRU866"))
    return IndexUnproven(_judged(error, loading))


def _judged(error: Exception, loading: Loading) -> Finding:
    if isinstance(error, ExpiredMetadataError):
        return _expired(loading)
    if isinstance(error, UnsignedMetadataError):
        return _unsigned(loading)
    if isinstance(error, DeserializationError):
        return loading.finding("TRU859", detail="it is no TUF metadata")
    if isinstance(error, BadVersionNumberError):
        return _bad_version(loading)
    if isinstance(error, LengthOrHashMismatchError):
        return loading.finding("TRU853", detail="its length or hash is another")
    if isinstance(error, RepositoryError) and loading.role == "snapshot":
        return loading.finding("TRU851", detail="it leaves out a role that was there before")
    return loading.finding("TRU859", detail="it is not what its name says")


def _expired(loading: Loading) -> Finding:
    """Tell which role has expired: the highest one that has, for the others hang from it."""
    for role in ("root", "timestamp", "snapshot", loading.role):
        signed = loading.trusted.get(role) if loading.trusted is not None else None
        if signed is not None and signed.is_expired(loading.now):
            return _expired_finding(loading, role, signed.expires)
    return _expired_finding(loading, loading.role, _stated_expiry(loading.body))


def _expired_finding(loading: Loading, role: str, expires: datetime | None) -> Finding:
    stated = f"{expires:%Y-%m-%d %H:%M} UTC" if expires else "the past"
    now = f"{loading.now:%Y-%m-%d %H:%M} UTC"
    if role == "timestamp":
        return loading.finding("TRU852", role, expires=stated, now=now)
    return loading.finding("TRU850", role, expires=stated, now=now)


def _stated_expiry(body: bytes) -> datetime | None:
    try:
        found: Metadata[Root] = Metadata.from_bytes(body)
    except DeserializationError:
        return None
    return found.signed.expires


def _unsigned(loading: Loading) -> Finding:
    """Tell a signature too few from a root that the known one knows nothing of."""
    signed, threshold = _signatures(loading)
    values = {"signed": str(signed), "threshold": str(threshold)}
    if loading.role == "root" and not signed:
        return loading.finding("TRU856", **values)
    return loading.finding("TRU855", **values)


def _signatures(loading: Loading) -> tuple[int, int]:
    """Return how many keys signed the last file, and how many must, by the first that it does not satisfy."""
    if loading.trusted is None:
        return 0, 1
    try:
        found: Metadata[Root] = Metadata.from_bytes(loading.body)
    except DeserializationError:
        return 0, 1
    delegators = [one for one in loading.trusted if hasattr(one, "get_verification_result")]
    if isinstance(found.signed, Root):
        delegators = [loading.trusted.root, found.signed]
    for delegator in delegators:
        try:
            result = delegator.get_verification_result(loading.role, found.signed_bytes, found.signatures)
        except ValueError:  # another role's delegation
            continue
        if not result:
            return len(result.signed), result.threshold
    return 0, 1


def _bad_version(loading: Loading) -> Finding:
    """Tell an older state from files that belong to different states."""
    trusted, found = loading.trusted, loading.version
    if loading.role == "timestamp":
        return loading.finding("TRU851", detail=f"version {found} is older than the one known")
    if loading.role == "snapshot" and trusted is not None:
        expected = trusted.timestamp.snapshot_meta.version
        if found == expected:
            return loading.finding("TRU851", detail="a role in it is older than the one known")
        return loading.finding("TRU853", detail=f"it is version {found} where {expected} is signed for")
    return loading.finding("TRU853", detail=f"it says that it is version {found}")
