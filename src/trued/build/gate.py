"""The one way out of a box to hosts that the policy names: a proxy outside, reached by a socket inside.

The box keeps its empty network. A socket of the file system is shown in it, behind which trued itself
answers ``CONNECT host:port`` (RFC 9110, 9.3.6) for the named hosts alone, looks up their addresses, and
passes bytes on. The build can ask nothing else: no other host, no other port, no plain HTTP. What passes is
mostly TLS from end to end, so a build can send what it sees to a host that was named, and to whatever else
answers at that host's address.
"""

from __future__ import annotations

import os
import socket
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    Connect = Callable[[str, int], socket.socket]

__all__ = ["Gate", "InvalidHost", "connected", "host_and_port"]

_HEAD_BYTES = 8192
_PIECE = 65536
_CONNECT_SECONDS = 20.0
_IDLE_SECONDS = 300.0
_CONNECTIONS = 64
_TLS_PORT = 443
_NAME_CHARACTERS = 254
_ANSWERS = {200: "Connection established", 400: "Bad request", 403: "Forbidden", 502: "Bad gateway"}


class InvalidHost(ValueError):
    """The text names no host."""


def host_and_port(text: str) -> tuple[str, int]:
    """Read ``name`` or ``name:port``, as a policy names a host. Raises :class:`InvalidHost`."""
    name, colon, port = text.strip().lower().rstrip(".").partition(":")
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    number = int(port) if port.isascii() and port.isdecimal() else 0
    if not 0 < len(name) < _NAME_CHARACTERS or not set(name) <= allowed or (colon and not 0 < number < 65536):
        raise InvalidHost(text)
    return name, number if colon else _TLS_PORT


def connected(host: str, port: int) -> socket.socket:
    """Connect to *host*, but never to this machine or its link: a name may be made to point there.

    An address of this machine's own in a network is known by being at both ends.

    Raises:
        OSError: It cannot be reached, or not at an address that is allowed.

    """
    import ipaddress

    for family, kind, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if mapped.is_loopback or mapped.is_link_local or mapped.is_unspecified or mapped.is_multicast:
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(_CONNECT_SECONDS)
        try:
            connection.connect(place)
        except OSError:
            connection.close()
            continue
        if connection.getsockname()[0] != connection.getpeername()[0]:
            return connection
        connection.close()
    raise OSError(f"{host} has no address that may be reached")


class Gate:
    """Listens at *path* for one box, from entering until leaving; *told* gets a line for each wish."""

    def __init__(
        self, path: str, hosts: Iterable[str], *, connect: Connect, told: Callable[[str], None]
    ) -> None:
        self._hosts = frozenset(host_and_port(host) for host in hosts)
        self._path = path
        self._connect = connect
        self._told = told
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_closed = False
        self._slots = threading.BoundedSemaphore(_CONNECTIONS)
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._listener.bind(self._path)
        os.chmod(self._path, 0o600)
        self._listener.listen(_CONNECTIONS)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_closed = True
            for connection in (self._listener, *self._open):
                _shut(connection)

    def _serve(self) -> None:
        with self._listener:
            while True:
                self._slots.acquire()
                try:
                    asking, _ = self._listener.accept()
                except OSError:
                    return
                if not self._keep(asking):
                    return
                threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _keep(self, connection: socket.socket) -> bool:
        """Remember *connection*, to be shut at the end; ``False`` when that has come."""
        with self._lock:
            if self._is_closed:
                connection.close()
                return False
            self._open.add(connection)
            return True

    def _tell(self, line: str) -> None:
        with self._lock:
            if not self._is_closed:
                self._told(line)

    def _answer(self, asking: socket.socket) -> None:
        try:
            with asking:
                asking.settimeout(_IDLE_SECONDS)
                self._lead_on(asking)
        except OSError:
            return  # one side went away
        finally:
            with self._lock:
                self._open.discard(asking)
            self._slots.release()

    def _lead_on(self, asking: socket.socket) -> None:
        wish = _wish(asking)
        if wish is None:
            return _say(asking, 400)
        shown = f"{wish[0]}:{wish[1]}"
        if wish not in self._hosts:
            self._tell(f"network: {shown} is not among the hosts of the policy")
            return _say(asking, 403)
        try:
            there = self._connect(*wish)
        except OSError as error:
            self._tell(f"network: {shown} cannot be reached: {error}")
            return _say(asking, 502)
        self._tell(f"network: connected to {shown}")
        with there:
            if self._keep(there):
                _say(asking, 200)
                _pass_on(asking, there)
            with self._lock:
                self._open.discard(there)
        return None


def _wish(asking: socket.socket) -> tuple[str, int] | None:
    """Return the host and port that are asked for; ``None`` when it is no ``CONNECT`` alone."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = asking.recv(_HEAD_BYTES)
        head += piece
        if not piece or len(head) > _HEAD_BYTES:
            return None
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) != 3 or words[0] != b"CONNECT" or b":" not in words[1] or not head.endswith(b"\r\n\r\n"):
        return None
    try:
        return host_and_port(words[1].decode("ascii"))
    except (UnicodeDecodeError, InvalidHost):
        return None


def _say(asking: socket.socket, status: int) -> None:
    asking.sendall(f"HTTP/1.1 {status} {_ANSWERS[status]}\r\nContent-Length: 0\r\n\r\n".encode())


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    other.settimeout(_IDLE_SECONDS)
    back = threading.Thread(target=_pour, args=(other, one), daemon=True)
    back.start()
    _pour(one, other)
    back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        _shut(source)
        _shut(target)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is shut already
