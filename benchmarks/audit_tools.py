"""``audit --pip-audit``: trued and pip-audit over the same pins, with the same advisories, as whole programs.

pip-audit asks a server on this machine that plays ``POST /v1/query`` of OSV from the fixture; its answers are
worked out beforehand, so that only sending them counts. trued looks the pins up in its local database, and
once more asks the same server. ``as_called`` times the plain ``pip-audit -r FILE``, which has pip fetch each
file into an environment of its own first, from a local index.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import rotated
from benchmarks.server import index_server
from benchmarks.stopwatch import Command, Measured, stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["as_called", "compared", "timed"]

_ALLOWED = "9999d"


def compared(fixture: Path, pins: Sequence[str], pip_audit: str, runs: int) -> dict[str, list[Measured]]:
    """Return the times of each program over *pins* (``name==version``)."""
    with tempfile.TemporaryDirectory() as name, _serving(_answers(fixture, pins)) as url:
        folder = Path(name)
        lines = [f"{pin} --hash=sha256:{'0' * 64}\n" for pin in pins]
        (folder / "pins.txt").write_text("".join(lines))
        return timed(_commands(folder, fixture, pip_audit, url), folder, runs)


def as_called(
    fixture: Path, requirements: Path, index: Path, pip_audit: str, runs: int
) -> dict[str, list[Measured]]:
    """Return the times of each program over the hashed lines of *requirements*, whose files *index* holds."""
    pins = re.findall(r"^[\w.-]+==[\w.+!-]+", requirements.read_text(), re.MULTILINE)
    with tempfile.TemporaryDirectory() as name, _serving(_answers(fixture, pins)) as url:
        folder = Path(name)
        (folder / "server").mkdir()
        with index_server(index, folder / "server", https=False, standard=False) as server:
            shell = ["/bin/sh", "-c", '"$@" > /dev/null 2>&1; test $? -lt 2', "sh"]
            trued = [sys.executable, "-m", "trued", "audit", "-r", str(requirements)]
            asking = ["-s", "osv", "--osv-url", f"{url}/v1/query", "--progress-spinner", "off"]
            what = f"{requirements.stem}: {len(pins)} pins"
            commands = {
                f"{what}, trued audit": [*shell, *trued, "--db", str(fixture), "--max-db-age", _ALLOWED],
                f"{what}, pip-audit as it is called": [*shell, pip_audit, "-r", str(requirements), *asking],
            }
            address = f"http://127.0.0.1:{server.http_port}/pip/simple/"
            return timed(commands, folder, runs, {"PIP_INDEX_URL": address})


def timed(
    commands: Mapping[str, list[str]], folder: Path, runs: int, more: Mapping[str, str] | None = None
) -> dict[str, list[Measured]]:
    """Run *commands* in turn, one round unmeasured before."""
    environment = {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        **(more or {}),
    }
    samples: dict[str, list[Measured]] = {key: [] for key in commands}
    with stopwatch(folder) as watch:
        for number in range(-1, runs):
            for key in rotated(list(commands), number):
                measured = watch.run(Command(arguments=commands[key], environment=environment))
                if number >= 0:
                    samples[key].append(measured)
    return samples


def _commands(folder: Path, fixture: Path, pip_audit: str, url: str) -> dict[str, list[str]]:
    pins = str(folder / "pins.txt")
    shell = ["/bin/sh", "-c", '"$@" > /dev/null 2>&1; test $? = 1', "sh"]
    trued = [*shell, sys.executable, "-m", "trued", "audit", "-r", pins]
    asking = [
        "--service",
        "osv",
        "--osv-url",
        url,
        "--disable-cache",
        "--public-index",
        "https://example.org/",
    ]
    auditing = [pip_audit, "-r", pins, "--disable-pip", "-s", "osv", "--osv-url", f"{url}/v1/query"]
    return {
        "trued audit, local database": [*trued, "--db", str(fixture), "--max-db-age", _ALLOWED],
        "trued audit, the server": [*trued, *asking],
        "pip-audit, the server": [*shell, *auditing, "--progress-spinner", "off"],
    }


def _answers(fixture: Path, pins: Sequence[str]) -> dict[str, dict[str, object]]:
    """Work out what the service says of each pin, and keep each record by its id."""
    import zipfile

    from trued.advisories.document import record_of
    from trued.advisories.matching import Affected, judge
    from trued.core.names import normalize

    documents: dict[str, list[dict[str, object]]] = {}
    answers: dict[str, dict[str, object]] = {}
    with zipfile.ZipFile(fixture) as archive:
        for member in archive.namelist():
            document = json.loads(archive.read(member))
            answers[f"/v1/vulns/{document['id']}"] = document
            for entry in document["affected"]:
                documents.setdefault(normalize(entry["package"]["name"]), []).append(document)
    for pin in pins:
        name, version = pin.split("==")
        project = normalize(name)
        found = [
            one
            for one in documents.get(project, ())
            if isinstance(judge(record_of(one), project, version), Affected)
        ]
        answers[f"{project} {version}"] = {"vulns": found}
    return answers


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    bodies: Mapping[str, bytes]
    ids: Mapping[str, list[dict[str, object]]]

    def do_GET(self) -> None:
        self._send(self.bodies.get(self.path, b"{}"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("querybatch"):
            results = [{"vulns": self.ids.get(_key(query), [])} for query in body["queries"]]
            self._send(json.dumps({"results": results}).encode())
        else:
            self._send(self.bodies.get(_key(body), b"{}"))

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the output is the programs' own."""


def _key(query: Mapping[str, dict[str, str]]) -> str:
    from trued.core.names import normalize

    return f"{normalize(query['package']['name'])} {query['version']}"


class _serving:  # noqa: N801 - a context manager, used like a function
    """Serves the answers on this machine."""

    def __init__(self, answers: Mapping[str, dict[str, object]]) -> None:
        bodies = {key: json.dumps(value).encode() for key, value in answers.items()}
        ids = {key: list(_ids(value)) for key, value in answers.items() if " " in key}
        handler = type("Handler", (_Handler,), {"bodies": bodies, "ids": ids})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _ids(answer: Mapping[str, object]) -> Iterator[dict[str, object]]:
    listed = answer["vulns"]
    for one in listed if isinstance(listed, list) else ():
        yield {"id": one["id"], "modified": one["modified"]}
