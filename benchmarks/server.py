"""Serves the local index on 127.0.0.1: one address a tool, so that the requests of each can be counted.

``/TOOL/simple/PROJECT/`` answers JSON to whoever accepts it (PEP 691) and HTML to the rest; both may be
kept for a day, so that no tool has to ask again in a warm run, which favours those that keep pages.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Protocol

from benchmarks import nginx, standard_server
from benchmarks.certificate import Certificate, make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["IndexServer", "index_server"]


class IndexServer(Protocol):
    """A running index."""

    @property
    def name(self) -> str:
        """What serves, with its version."""

    @property
    def http_port(self) -> int:
        """The port of plain http."""

    @property
    def https_port(self) -> int | None:
        """The port of https; ``None`` when there is no certificate."""

    def requests(self, tool: str) -> int:
        """Return how many requests came to the address of *tool* so far."""


@contextlib.contextmanager
def index_server(root: Path, run: Path, *, https: bool, standard: bool) -> Iterator[IndexServer]:
    """Serve *root* until the block ends; configuration, certificate and log stand in *run*.

    nginx when it is installed and *standard* is not asked for, else the standard library's server.
    """
    certificate: Certificate | None = make_certificate(run) if https else None
    program = None if standard else nginx.find()
    if program is None:
        with standard_server.serve(root, certificate) as server:
            yield server
    else:
        ports = free_ports(2)
        with nginx.serve(program, root, run, ports, certificate) as server:
            yield server


def free_ports(count: int) -> list[int]:
    """Return *count* different ports of 127.0.0.1 that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
