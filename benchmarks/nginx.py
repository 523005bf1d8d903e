"""nginx as the local index: two workers, sendfile, http and https with HTTP/2, on 127.0.0.1 only."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.workloads import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.certificate import Certificate

__all__ = ["NginxServer", "configuration", "find", "serve"]

_CONFIGURATION = """\
{user}worker_processes 2;
daemon off;
pid "{run}/nginx.pid";
error_log "{run}/error.log" warn;
events {{ worker_connections 512; }}
http {{
  log_format requests "$connection $request_uri $status $bytes_sent";
  access_log "{run}/access.log" requests;
  client_body_temp_path "{run}/body";
  proxy_temp_path "{run}/proxy";
  fastcgi_temp_path "{run}/fastcgi";
  uwsgi_temp_path "{run}/uwsgi";
  scgi_temp_path "{run}/scgi";
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  map $http_accept $page {{
    default index.html;
    "~application/vnd\\.pypi\\.simple\\.v1\\+json" index.json;
  }}
  server {{
    listen 127.0.0.1:{http_port};
{https}    server_name localhost;
    root "{root}";
    location ~ "^/[a-z0-9-]+/simple/(?<project>[^/]+)/$" {{
      types {{ application/vnd.pypi.simple.v1+json json; text/html html; }}
      add_header Vary Accept;
      add_header Cache-Control "max-age=86400, public";
      try_files /simple/$project/$page =404;
    }}
    location ~ "^/[a-z0-9-]+/files/(?<file>[^/]+)$" {{
      types {{ }}
      default_type application/octet-stream;
      add_header Cache-Control "max-age=31536000, immutable, public";
      try_files /files/$file =404;
    }}
    location / {{ return 404; }}
  }}
}}
"""

_HTTPS = """\
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate "{certificate}";
    ssl_certificate_key "{key}";
    ssl_session_cache shared:tls:1m;
"""


class NginxServer:
    """A running nginx; requests are counted in its access log."""

    def __init__(self, name: str, log: Path, http_port: int, https_port: int | None) -> None:
        self.name = name
        self.http_port = http_port
        self.https_port = https_port
        self._log = log

    def requests(self, tool: str) -> int:
        """Return how many requests came to the address of *tool* so far."""
        mark = f" /{tool}/".encode()
        return self._log.read_bytes().count(mark)


def find() -> str | None:
    """Return the path of nginx, also where an ordinary user's search path does not lead."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def configuration(
    root: Path, run: Path, http_port: int, https_port: int | None, certificate: Certificate | None
) -> str:
    """Return nginx's configuration for the index at *root*, with all it writes in *run*."""
    https = ""
    if certificate and https_port:
        https = _HTTPS.format(port=https_port, certificate=certificate.certificate, key=certificate.key)
    # Workers of a root-started nginx become another user, who may not read a folder below /root.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return _CONFIGURATION.format(run=run, root=root, http_port=http_port, https=https, user=user)


@contextlib.contextmanager
def serve(
    program: str, root: Path, run: Path, ports: list[int], certificate: Certificate | None
) -> Iterator[NginxServer]:
    """Run nginx on *ports* (http, https) until the block ends."""
    http_port, https_port = ports[0], ports[1] if certificate else None
    settings = run / "nginx.conf"
    settings.write_text(configuration(root, run, http_port, https_port, certificate), encoding="utf-8")
    command = [program, "-p", str(run), "-c", str(settings), "-e", str(run / "error.log")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_until_open(http_port, process, run / "error.log")
        yield NginxServer(_version(program), run / "access.log", http_port, https_port)
    finally:
        process.terminate()
        process.wait()


def _version(program: str) -> str:
    done = subprocess.run([program, "-v"], capture_output=True, text=True, check=True)
    return done.stderr.partition(":")[2].strip()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise BenchmarkError(f"nginx does not answer: {log.read_text() if log.exists() else 'no log'}")
