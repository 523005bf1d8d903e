"""Servers, certificates and transports for the tests of the index station."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.index.authority import Authority, make_authority
from tests.index.network import Network
from tests.index.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with Network(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = make_authority(tmp_path_factory.mktemp("authority"))
    made.issue("good", names="IP:127.0.0.1,DNS:localhost")
    made.issue("expired", names="IP:127.0.0.1,DNS:localhost", until="20200201000000Z")
    made.issue("elsewhere", names="DNS:files.example.org")
    return made


@pytest.fixture
def tls_server(authority: Authority) -> Iterator[Callable[..., Server]]:
    with ExitStack() as stack:

        def start(certificate: str = "good", *, wants_client: bool = False) -> Server:
            context = authority.server_context(certificate, wants_client=wants_client)
            return stack.enter_context(Server(tls=context))

        yield start
