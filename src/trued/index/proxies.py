"""Proxies: the one the user names, else those of the environment, with its exceptions."""

from __future__ import annotations

from trued.core.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Proxies", "Proxy"]


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """A proxy's address, which may hold a password, and the hosts that are asked without it."""

    address: str = ""
    exceptions: str = ""


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Proxies:
    """Answers which proxy a URL goes through.

    *explicit* is the address of ``--proxy``: it serves every URL and the environment is not read, ``""``
    means none. Otherwise ``http_proxy``, ``https_proxy``, ``all_proxy`` and ``no_proxy`` are followed, lower
    case before upper, as curl and Python do.
    """

    explicit: str | None = None
    environ: Mapping[str, str]

    def for_scheme(self, scheme: str) -> Proxy:
        """Return the proxy of URLs of *scheme*; an empty address means a direct connection."""
        if self.explicit is not None:
            return Proxy(self.explicit)
        address = self._variable(f"{scheme}_proxy") or self._variable("all_proxy")
        return Proxy(address, self._variable("no_proxy")) if address else Proxy()

    def _variable(self, name: str) -> str:
        value = self.environ.get(name, "")
        if value or (name == "http_proxy" and "REQUEST_METHOD" in self.environ):
            # In a CGI process HTTP_PROXY is a request's "Proxy:" header (CVE-2016-5385).
            return value
        return self.environ.get(name.upper(), "")
