"""A small web server for trying an index out: on this machine only, one folder, nothing written."""

from __future__ import annotations

import os
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from trued.core.tuf_paths import is_target_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trued.repository.site import Site

__all__ = ["TYPES", "server_of"]

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".whl": "application/zip",
    ".gz": "application/gzip",
    ".metadata": "text/plain; charset=utf-8",
    ".provenance": "application/vnd.pypi.integrity.v1+json",
}
"""Content types by ending; what is missing is plain bytes."""

_PAGE_JSON = "application/vnd.pypi.simple.v1+json"


def server_of(site: Site, *, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of *site* on 127.0.0.1, not yet serving; port 0 lets the system choose one."""

    class Handler(_SiteHandler):
        root = site.root

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


class _SiteHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD as a static server with content negotiation does (PEP 691)."""

    protocol_version = "HTTP/1.1"
    root: str

    def do_GET(self) -> None:
        """Send the file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send the headers of the file."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it
        """Say nothing."""

    def _answer(self, *, with_body: bool) -> None:
        path, kind = self._wanted()
        if not path:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        if os.path.isdir(os.path.join(self.root, path)):
            self._moved()
            return
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                body = file.read()
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _moved(self) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", f"{urlsplit(self.path).path}/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _wanted(self) -> tuple[str, str]:
        """Return the file's path below the root and its type; an empty path where there can be none."""
        path = unquote(urlsplit(self.path).path).removeprefix("/")
        if path.endswith("/") or not path:
            is_json = _PAGE_JSON in self.headers.get("Accept", "")
            name, kind = ("index.json", _PAGE_JSON) if is_json else ("index.html", TYPES[".html"])
            path += name
        else:
            kind = TYPES.get(os.path.splitext(path)[1], "application/octet-stream")
        is_open = is_target_path(path) and not any(part.startswith(".") for part in path.split("/"))
        return (path if is_open else ""), kind
