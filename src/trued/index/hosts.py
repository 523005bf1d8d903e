"""Which hosts may be asked, and how: rules that every hop of every transfer passes, redirects included."""

from __future__ import annotations

from trued.core.record import dataclass
from trued.index.failure import TransferFailed
from trued.index.url import InvalidUrl, Origin, origin_of, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["HostPattern", "HostRules"]


@dataclass(frozen=True, slots=True)
class HostPattern:
    """``host`` or ``host:port`` as ``--trusted-host`` takes them; ``port`` is ``None`` for every port."""

    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> HostPattern:
        """Read a pattern. Raises :class:`trued.index.url.InvalidUrl`."""
        bare = text.strip()
        if not set("/?#@").isdisjoint(bare):
            raise InvalidUrl("it is more than a host")
        if bare.count(":") > 1 and not bare.startswith("["):
            bare = f"[{bare}]"
        origin = origin_of(f"https://{bare}/")
        ends_with_port = bare.rpartition("]")[2].find(":") != -1
        return cls(origin.host, origin.port if ends_with_port else None)

    def matches(self, origin: Origin) -> bool:
        """Tell whether *origin* is meant."""
        return self.host == origin.host and self.port in {None, origin.port}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRules:
    """The user's rules about hosts.

    ``trusted`` hosts may be asked over plain http and with any certificate (pip's ``--trusted-host``);
    ``plain_http`` hosts may be asked over plain http. With ``allowed`` no other host is asked at all.
    """

    trusted: tuple[HostPattern, ...] = ()
    plain_http: tuple[HostPattern, ...] = ()
    allowed: tuple[HostPattern, ...] = ()

    def checked(self, url: str, *, came_from: str | None = None) -> Origin:
        """Return the origin of *url* when it may be asked, being sent there by *came_from*.

        Raises :class:`TransferFailed`: a redirect from https stays on https, and no redirect leads to another
        scheme, a local file least of all.
        """
        origin = _origin(url, came_from)
        if came_from is not None and came_from.startswith("https:") and origin.scheme != "https":
            raise TransferFailed("TRU318", target=shown(url))
        if self.allowed and not _any(self.allowed, origin):
            raise TransferFailed("TRU321", host=origin.netloc)
        if origin.scheme == "http" and not self._may_be_plain(origin):
            raise TransferFailed("TRU320", host=origin.netloc)
        return origin

    def trusts(self, origin: Origin) -> bool:
        """Tell whether certificates of *origin* are not checked because the user said so."""
        return _any(self.trusted, origin)

    def _may_be_plain(self, origin: Origin) -> bool:
        return origin.is_loopback or _any(self.trusted, origin) or _any(self.plain_http, origin)


def _origin(url: str, came_from: str | None) -> Origin:
    try:
        return origin_of(url)
    except InvalidUrl as invalid:
        if came_from is not None:
            raise TransferFailed("TRU319", target=shown(url), reason=invalid.reason) from None
        raise TransferFailed("TRU328", reason=invalid.reason) from None


def _any(patterns: Iterable[HostPattern], origin: Origin) -> bool:
    return any(pattern.matches(origin) for pattern in patterns)
