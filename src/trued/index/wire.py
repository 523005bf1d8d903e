"""One HTTP request over libcurl: no redirect, no second attempt, no credentials but those it is handed."""

from __future__ import annotations

from trued.core.record import dataclass, field
from trued.index.curl_failure import failure_of
from trued.index.failure import TransferFailed
from trued.index.receiver import Answer, Receiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pycurl

    from trued.index.certificates import CertificateStore
    from trued.index.proxies import Proxies
    from trued.index.settings import TransportSettings
    from trued.index.url import Origin
    from trued.requirements.url import Credentials

__all__ = ["Hop", "Wire"]

_BUFFER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Hop:
    """All that one request needs. ``compressed`` allows a content encoding: pages yes, files never.

    A file is asked for as it is (``identity``), because its digest is of these bytes. Once ``stopped`` says
    so, the transfer ends.
    """

    url: str
    origin: Origin
    stopped: Callable[[], bool]
    headers: tuple[str, ...] = ()
    credentials: Credentials | None = None
    compressed: bool = True
    body: bytes | None = None
    verify: bool = True


@dataclass(slots=True)
class _Arrival:
    """What the callbacks gather while libcurl runs; an exception must not leave a callback."""

    receiver: Receiver
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    wanted: bool | None = None
    problem: TransferFailed | OSError | None = None

    def take_header(self, line: bytes) -> None:
        """Take a header line; a status line begins anew, after a proxy's or an interim answer."""
        text = line.decode("latin-1").strip()
        if text.startswith("HTTP/"):
            number = text.partition(" ")[2][:3]
            self.status = int(number) if number.isdecimal() else 0
            self.headers = {}
            return
        name, colon, value = text.partition(":")
        if colon:
            name = name.strip().lower()
            before = self.headers.get(name)
            self.headers[name] = value.strip() if before is None else f"{before}, {value.strip()}"

    def take_body(self, chunk: bytes) -> int:
        """Take bytes of the body; fewer taken than given stops the transfer."""
        try:
            if self.wanted is None:
                self.wanted = self.receiver.begin(self.answer)
            if self.wanted:
                self.receiver.write(chunk)
        except (TransferFailed, OSError) as problem:
            self.problem = problem
            return 0
        return len(chunk)

    @property
    def answer(self) -> Answer:
        return Answer(self.status, self.headers)


class Wire:
    """Sends hops over libcurl handles, which keep their connections open between hops.

    Safe to use from several threads: each takes a handle of its own.
    """

    def __init__(
        self,
        settings: TransportSettings,
        *,
        certificates: CertificateStore,
        proxies: Proxies,
        pins: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._settings = settings
        self._certificates = certificates
        self._proxies = proxies
        self._pins = pins
        self._idle: list[pycurl.Curl] = []

    def send(self, hop: Hop, receiver: Receiver) -> Answer:
        """Perform *hop*, its body into *receiver*. Raises :class:`TransferFailed` and ``OSError``."""
        if hop.origin.scheme != "https" and self._pins_for(hop.origin):
            raise TransferFailed("TRU792", host=hop.origin.netloc)
        handle = self._handle()
        try:
            return self._perform(handle, hop, receiver)
        finally:
            self._idle.append(handle)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _handle(self) -> pycurl.Curl:
        from trued.index.libcurl import pycurl

        try:
            return self._idle.pop()
        except IndexError:
            return pycurl.Curl()

    def _perform(self, handle: pycurl.Curl, hop: Hop, receiver: Receiver) -> Answer:
        from trued.index.libcurl import pycurl

        arrival = _Arrival(receiver)
        self._prepare(handle, hop, receiver.request_headers())
        handle.setopt(pycurl.HEADERFUNCTION, arrival.take_header)
        handle.setopt(pycurl.WRITEFUNCTION, arrival.take_body)
        try:
            handle.perform()
        except pycurl.error as error:
            if arrival.problem is not None:
                raise arrival.problem from None
            raise self._failure(handle, hop, error.args[0], handle.errstr()) from None
        finally:
            handle.reset()
        if arrival.wanted is None:
            receiver.begin(arrival.answer)
        return arrival.answer

    def _failure(self, handle: pycurl.Curl, hop: Hop, number: int, text: str) -> TransferFailed:
        from trued.index.libcurl import pycurl

        return failure_of(
            number,
            text,
            host=hop.origin.netloc,
            verify_result=handle.getinfo(pycurl.SSL_VERIFYRESULT),
            connected=handle.getinfo(pycurl.PRETRANSFER_TIME) > 0,
        )

    def _prepare(self, handle: pycurl.Curl, hop: Hop, extra_headers: list[str]) -> None:
        from trued.index.libcurl import pycurl

        limits = self._settings.limits
        handle.setopt(pycurl.URL, hop.url)
        handle.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        handle.setopt(pycurl.FOLLOWLOCATION, 0)
        handle.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.BUFFERSIZE, _BUFFER_BYTES)
        handle.setopt(pycurl.CONNECTTIMEOUT_MS, int(limits.connect_seconds * 1000))
        handle.setopt(pycurl.LOW_SPEED_LIMIT, limits.low_speed_bytes_per_second)
        handle.setopt(pycurl.LOW_SPEED_TIME, limits.low_speed_seconds)
        handle.setopt(pycurl.USERAGENT, self._settings.user_agent)
        handle.setopt(pycurl.ENCODING, "" if hop.compressed else "identity")
        handle.setopt(pycurl.HTTPHEADER, [*hop.headers, *extra_headers])
        if hop.body is not None:
            handle.setopt(pycurl.POSTFIELDS, hop.body)
        handle.setopt(pycurl.NOPROGRESS, 0)
        # libcurl asks at least once a second; anything but zero ends the transfer.
        handle.setopt(pycurl.XFERINFOFUNCTION, lambda *_counts: hop.stopped())
        self._set_proxy(handle, hop)
        self._set_credentials(handle, hop)
        if hop.origin.scheme == "https":
            self._set_tls(handle, hop)

    def _set_proxy(self, handle: pycurl.Curl, hop: Hop) -> None:
        from trued.index.libcurl import pycurl

        proxy = self._proxies.for_scheme(hop.origin.scheme)
        # Set even when empty, or libcurl reads the environment by itself.
        handle.setopt(pycurl.PROXY, proxy.address)
        handle.setopt(pycurl.NOPROXY, proxy.exceptions)

    def _set_credentials(self, handle: pycurl.Curl, hop: Hop) -> None:
        from trued.index.libcurl import pycurl

        if hop.credentials is not None:
            handle.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
            handle.setopt(pycurl.USERNAME, hop.credentials.username.encode())
            handle.setopt(pycurl.PASSWORD, hop.credentials.password.encode())

    def _set_tls(self, handle: pycurl.Curl, hop: Hop) -> None:
        from trued.index.libcurl import pycurl

        handle.setopt(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2)
        if not hop.verify:
            handle.setopt(pycurl.SSL_VERIFYPEER, 0)
            handle.setopt(pycurl.SSL_VERIFYHOST, 0)
        else:
            self._set_certificates(handle)
        if self._settings.client_certificate:
            handle.setopt(pycurl.SSLCERT, self._settings.client_certificate)
            handle.setopt(pycurl.SSLKEY, self._settings.client_certificate)
        pins = self._pins_for(hop.origin)
        if pins:
            handle.setopt(pycurl.PINNEDPUBLICKEY, ";".join(pins))

    def _pins_for(self, origin: Origin) -> tuple[str, ...]:
        """Return the pins of a host: those of its port, else the host's; a dot at its end changes no host."""
        host = origin.host.rstrip(".")
        return self._pins.get(f"{host}:{origin.port}") or self._pins.get(host) or ()

    def _set_certificates(self, handle: pycurl.Curl) -> None:
        from trued.index.libcurl import pycurl

        store = self._certificates
        if store.native:
            handle.setopt(pycurl.SSL_OPTIONS, pycurl.SSLOPT_NATIVE_CA)
            handle.setopt(pycurl.PROXY_SSL_OPTIONS, pycurl.SSLOPT_NATIVE_CA)
        if not (store.pem or store.folder):
            return
        # What is not wanted is unset, or the places compiled into libcurl would be trusted too.
        for blob, file, folder in (
            (pycurl.CAINFO_BLOB, pycurl.CAINFO, pycurl.CAPATH),
            (pycurl.PROXY_CAINFO_BLOB, pycurl.PROXY_CAINFO, pycurl.PROXY_CAPATH),
        ):
            handle.unsetopt(file)
            handle.unsetopt(folder)
            if store.folder:
                handle.setopt(folder, store.folder)
            if store.pem:
                handle.setopt(blob, store.pem)
