"""The standard library's threaded server as the local index, where nginx is not installed."""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import ssl
import threading
from collections import Counter
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.certificate import Certificate

__all__ = ["StandardServer", "serve"]

_PAGE = re.compile(r"^/([a-z0-9-]+)/simple/([A-Za-z0-9._-]+)/$")
_FILE = re.compile(r"^/([a-z0-9-]+)/files/([^/]+)$")
_JSON = "application/vnd.pypi.simple.v1+json"


class StandardServer:
    """Counts requests a tool and finds what each asks for."""

    name = f"http.server of Python {platform.python_version()}"

    def __init__(self, root: Path) -> None:
        self.http_port = 0
        self.https_port: int | None = None
        self._root = root
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def requests(self, tool: str) -> int:
        """Return how many requests came to the address of *tool* so far."""
        return self._counts[tool]

    def answer(self, address: str, accept: str) -> tuple[Path, str, str] | None:
        """Count the request; return the file, its content type and how long it may be kept, if any."""
        path = unquote(address)
        found = _PAGE.match(path) or _FILE.match(path)
        if found is None:
            return None
        tool, name = found.groups()
        with self._lock:
            self._counts[tool] += 1
        if found.re is _FILE:
            return self._root / "files" / name, "application/octet-stream", "max-age=31536000, immutable"
        if _JSON in accept:
            return self._root / "simple" / name / "index.json", _JSON, "max-age=86400, public"
        return self._root / "simple" / name / "index.html", "text/html", "max-age=86400, public"


class _IndexHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: StandardServer

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        answer = self.index.answer(self.path, self.headers.get("Accept", ""))
        if answer is None or not answer[0].is_file():
            self.send_response(HTTPStatus.NOT_FOUND)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, content_type, keep = answer
        with path.open("rb") as stream:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(path.stat().st_size))
            self.send_header("Cache-Control", keep)
            self.send_header("Vary", "Accept")
            self.end_headers()
            if body:
                shutil.copyfileobj(stream, self.wfile, 1 << 20)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter of http.server
        """Keep quiet: a line a request would be timed with the tools."""


@contextlib.contextmanager
def serve(root: Path, certificate: Certificate | None) -> Iterator[StandardServer]:
    """Serve *root* over http, and https when there is a *certificate*, until the block ends."""
    index = StandardServer(root)
    handler = type("IndexHandler", (_IndexHandler,), {"index": index})
    with contextlib.ExitStack() as stack:
        index.http_port = stack.enter_context(_listening(handler, None))
        if certificate:
            index.https_port = stack.enter_context(_listening(handler, certificate))
        yield index


@contextlib.contextmanager
def _listening(handler: type[BaseHTTPRequestHandler], certificate: Certificate | None) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate, certificate.key)
            # The handshake waits for the first read, in the connection's own thread.
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
