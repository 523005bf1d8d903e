"""A server, a network and an index of offers, for the tests of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.index.network import Network
from tests.index.server import Server
from tests.resolution.offers import Offers, World


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def offers(server: Server) -> Offers:
    return Offers(server)


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[World]:
    with Network(tmp_path) as network:
        yield World(server, network, tmp_path)
