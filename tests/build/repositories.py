"""Real git repositories for the tests, and a server on the loopback interface that hands them out."""

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

_IDENTITY = {
    "GIT_AUTHOR_NAME": "An Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "An Author",
    "GIT_COMMITTER_EMAIL": "author@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """A repository with a working tree at *path*."""

    def __init__(self, path: Path, *, object_format: str = "sha1") -> None:
        if shutil.which("git") is None:
            pytest.skip("git is not installed")
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", f"--object-format={object_format}")

    def git(self, *arguments: str, given: bytes | None = None) -> str:
        """Run git here and return what it wrote."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.path), **_IDENTITY}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environ, input=given, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def write(self, path: str, content: str = "", *, executable: bool = False) -> None:
        """Write one file of the working tree."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        if executable:
            file.chmod(0o755)

    def commit(self, message: str = "change") -> str:
        """Commit everything and return the commit's name."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def commit_tree(self, *entries: tuple[str, str, str]) -> str:
        """Commit a tree of (mode, object name, name) as it is, fit or not; a branch ``raw`` leads to it."""
        raw = b"".join(
            f"{mode} {name}".encode() + b"\0" + bytes.fromhex(object_name)
            for mode, object_name, name in entries
        )
        tree = self.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)
        commit = self.git("commit-tree", tree, "-m", "raw")
        self.git("update-ref", "refs/heads/raw", commit)
        return commit

    def blob(self, content: str) -> str:
        """Write an object and return its name."""
        return self.git("hash-object", "-w", "--stdin", given=content.encode())

    @property
    def url(self) -> str:
        """The address by ``file://``, as a requirement writes it."""
        return f"git+file://{self.path}"


@dataclass
class GitServer:
    """``git http-backend`` behind http on the loopback interface; without *smart*, plain files."""

    root: Path
    smart: bool = True
    password: str = ""
    redirect_to: str = ""
    port: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, repository: Repository, user_info: str = "") -> str:
        """Return the address of *repository*, as a requirement writes it."""
        path = repository.path.relative_to(self.root)
        return f"git+http://{user_info}{self.host}/{path}/.git"


@contextmanager
def serving(server: GitServer) -> Iterator[GitServer]:
    """Serve in a thread of this process."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, server))
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, server: GitServer, *arguments: Any) -> None:
        self._git = server
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        server, given = self._git, self.headers.get("Authorization", "")
        server.requests.append((self.path, given))
        if server.redirect_to:
            self._say(302, [("Location", server.redirect_to + self.path)])
        elif server.password and given != f"Basic {_basic(server.password)}":
            self._say(401, [("WWW-Authenticate", 'Basic realm="x"')])
        elif server.smart:
            self._by_backend(body)
        else:
            path = server.root / urlsplit(self.path).path.lstrip("/")
            self._say(200, [], path.read_bytes()) if path.is_file() else self._say(404, [])

    def _say(self, status: int, headers: list[tuple[str, str]], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _by_backend(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        environ = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=True, env=environ
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n")]
        status = next((value for name, _, value in lines if name == "Status"), "200")
        self._say(
            int(status.split()[0]), [(name, value) for name, _, value in lines if name != "Status"], content
        )


def _basic(user_and_password: str) -> str:
    return base64.b64encode(user_and_password.encode()).decode()
