"""Further attempts: when, how often, after how long; nothing here waits for real."""

from __future__ import annotations

import pytest

from tests.index.network import Network
from tests.index.server import Reply, Server, in_turn
from trued.core.limits import Limits


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_trouble_is_tried_again(server: Server, network: Network, status: int) -> None:
    server.routes["/page"] = in_turn(Reply(status=status), Reply(body=b"ok"))

    assert network.fetch(server.url("/page")).body == b"ok"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 501])
def test_a_lasting_trouble_is_not(server: Server, network: Network, status: int) -> None:
    server.routes["/page"] = Reply(status=status)

    assert network.refusal(server.url("/page"))
    assert server.count("/page") == 1


def test_attempts_are_bounded(server: Server, network: Network) -> None:
    network.limits = Limits(retries=4)
    server.routes["/page"] = Reply(status=503)

    assert network.refusal(server.url("/page")) == ["TRU311"]
    assert server.count("/page") == 5


def test_the_waits_double(server: Server, network: Network) -> None:
    network.limits = Limits(retries=4)
    server.routes["/page"] = Reply(status=503)

    network.refusal(server.url("/page"))

    assert network.slept == [0.25, 0.5, 1.0, 2.0]


def test_a_connection_that_breaks_off_is_tried_again(server: Server, network: Network) -> None:
    server.routes["/page"] = in_turn(Reply(hangs_up=True), Reply(body=b"ok"))

    assert network.fetch(server.url("/page")).body == b"ok"


def test_the_server_may_name_the_wait(server: Server, network: Network) -> None:
    server.routes["/page"] = in_turn(Reply(status=503, headers={"Retry-After": "7"}), Reply(body=b"ok"))

    assert network.fetch(server.url("/page")).body == b"ok"
    assert network.slept == [7.0]


def test_the_server_may_name_the_wait_as_a_date(server: Server, network: Network) -> None:
    date = "Tue, 14 Nov 2023 22:13:29 GMT"  # nine seconds after the transport's clock
    server.routes["/page"] = in_turn(Reply(status=429, headers={"Retry-After": date}), Reply(body=b"ok"))

    network.fetch(server.url("/page"))

    assert network.slept == [9.0]


def test_a_wait_in_the_past_is_none(server: Server, network: Network) -> None:
    date = "Tue, 14 Nov 2000 00:00:00 GMT"
    server.routes["/page"] = in_turn(Reply(status=429, headers={"Retry-After": date}), Reply(body=b"ok"))

    network.fetch(server.url("/page"))

    assert network.slept == [0.0]


@pytest.mark.parametrize("text", ["soon", "-3", "1.5", "Tue, 99 Nov 2023 22:13:20 GMT"])
def test_a_wait_that_cannot_be_read_is_the_usual_one(server: Server, network: Network, text: str) -> None:
    server.routes["/page"] = in_turn(Reply(status=503, headers={"Retry-After": text}), Reply(body=b"ok"))

    network.fetch(server.url("/page"))

    assert network.slept == [0.25]


def test_a_wait_that_is_too_long_ends_the_run_and_says_so(server: Server, network: Network) -> None:
    """A server could otherwise hold a build for a day with one header."""
    server.routes["/page"] = Reply(status=503, headers={"Retry-After": "86400"})

    assert network.refusal(server.url("/page")) == ["TRU330"]
    assert network.slept == []
