"""A scripted HTTP server on 127.0.0.1 in this process: it counts requests, and misbehaves when told to.

A route is a reply, or a function from the request to a reply. As a proxy it is asked for whole addresses,
which are routes like any other, so that one server can play many hosts.
"""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from ssl import SSLContext
from types import TracebackType
from typing import Self

__all__ = ["Asked", "Reply", "Route", "Server", "compressed", "in_turn", "ranged", "redirect", "with_login"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came in; header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer.

    ``announced`` replaces the true Content-Length; fewer bytes sent than announced is a broken transfer.
    ``endless`` repeats the body until the client goes away. ``stalls`` sends the body, then nothing more
    until the server is closed. ``hangs_up`` closes the connection without any answer.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    endless: bool = False
    stalls: bool = False
    hangs_up: bool = False


Route = Reply | Callable[[Asked], Reply]


class Server:
    """Serves its routes while it is entered; an unknown path is 404."""

    def __init__(self, *, tls: SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self.closing = threading.Event()
        self._scheme = "http" if tls is None else "https"
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.server = self
        if tls is not None:
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def count(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    def last(self, path: str) -> Asked:
        return [asked for asked in self.asked if asked.path == path][-1]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    server: Server

    def get_request(self) -> tuple[socket, object]:
        """Count each connection, whatever comes of it."""
        accepted = super().get_request()
        self.server.connections += 1
        return accepted

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: the peer's delayed acknowledgement would cost 40 ms each
    server: _Listener

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        server = self.server.server
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
        )
        server.asked.append(asked)
        route = server.routes.get(self.path, Reply(status=404))
        self._answer(route(asked) if callable(route) else route)

    def _answer(self, reply: Reply) -> None:
        if reply.hangs_up:
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = len(reply.body) if reply.announced is None else reply.announced
        if reply.endless:
            self.send_header("Connection", "close")
        elif reply.status != 304:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(reply.body)
        while reply.endless and not self.server.server.closing.is_set():
            self.wfile.write(reply.body)
        if reply.stalls:
            self.wfile.flush()
            self.server.server.closing.wait()
        if length != len(reply.body) or reply.endless:
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay quiet."""

    def log_error(self, *args: object) -> None:
        """Stay quiet."""


def redirect(target: str, *, status: int = 302) -> Reply:
    """Return a redirect to *target*."""
    return Reply(status=status, headers={"Location": target})


def in_turn(*replies: Reply) -> Route:
    """Return a route that gives each reply once and the last one from then on."""
    left: Iterator[Reply] = iter(replies)
    return lambda asked: next(left, replies[-1])


def with_login(expected: str, reply: Reply) -> Route:
    """Return a route that wants the ``Authorization`` header *expected*, and says 401 otherwise."""
    refusal = Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="index"'})
    return lambda asked: reply if asked.headers.get("authorization") == expected else refusal


def compressed(body: bytes, headers: Mapping[str, str]) -> Route:
    """Return a route that sends *body* with gzip to whoever accepts it."""

    def answer(asked: Asked) -> Reply:
        if "gzip" not in asked.headers.get("accept-encoding", ""):
            return Reply(body=body, headers=headers)
        return Reply(body=gzip.compress(body), headers={**headers, "Content-Encoding": "gzip"})

    return answer


def ranged(body: bytes, *, etag: str, breaks_after: int | None = None) -> Route:
    """Return a route that honours Range and If-Range; whole answers break off after *breaks_after* bytes."""

    def answer(asked: Asked) -> Reply:
        start = _range_start(asked, etag)
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if start is None:
            sent = body if breaks_after is None else body[:breaks_after]
            return Reply(body=sent, announced=len(body), headers=headers)
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return Reply(status=206, body=body[start:], headers={**headers, "Content-Range": span})

    return answer


def _range_start(asked: Asked, etag: str) -> int | None:
    unit, _, span = asked.headers.get("range", "").partition("=")
    if unit != "bytes" or asked.headers.get("if-range", etag) != etag:
        return None
    return int(span.partition("-")[0])
