"""What the user decides about the network, in one place."""

from __future__ import annotations

from trued.core.limits import Limits
from trued.core.record import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TransportSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSettings:
    """Settings of a transport; bounds on bytes, seconds and attempts stand in ``limits``.

    ``environ`` is read for proxies and for ``SSL_CERT_FILE``/``SSL_CERT_DIR``. ``ca_file`` (PEM) adds to the
    system's certificates, or replaces them with ``only_ca_file``. ``client_certificate`` is one PEM file with
    certificate and key. Hosts are ``host`` or ``host:port``: ``trusted_hosts`` as pip's ``--trusted-host``,
    ``plain_http_hosts`` may be asked without TLS, and when ``allowed_hosts`` is not empty no other is asked.
    ``pins`` maps a host, or ``host:port``, to the public keys it may show (``sha256//base64`` of its
    SubjectPublicKeyInfo); it is asked with TLS only.
    ``proxy`` is an address, ``""`` for none at all, ``None`` to follow the environment.
    ``longest_wait`` bounds in seconds what a server's ``Retry-After`` may ask for.
    """

    user_agent: str = "trued"
    offline: bool = False
    limits: Limits = field(default_factory=Limits)
    environ: Mapping[str, str] = field(default_factory=dict)
    proxy: str | None = None
    use_proxy_environment: bool = True
    ca_file: str | None = None
    only_ca_file: bool = False
    client_certificate: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    plain_http_hosts: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longest_wait: float = 30.0
