"""Pages and small documents over http: what is asked, what comes back, what is bounded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.network import Network, codes, messages
from tests.index.server import Reply, Server, compressed, in_turn, ranged, redirect
from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.index.settings import TransportSettings
from trued.index.transport import Request


def test_a_page_comes_back_with_its_headers_and_final_address(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"hello", headers={"ETag": '"1"', "Content-Type": "text/html"})

    response = network.fetch(server.url("/page"))

    assert (response.status, response.body, response.url) == (200, b"hello", server.url("/page"))
    assert response.headers["etag"] == '"1"'
    assert not response.authenticated


def test_the_user_agent_is_the_one_set(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply()

    network.fetch(server.url("/page"), TransportSettings(user_agent="trued/1"))

    assert server.last("/page").headers["user-agent"] == "trued/1"


def test_a_page_may_arrive_compressed_and_is_handed_over_plain(server: Server, network: Network) -> None:
    server.routes["/page"] = compressed(b"hello " * 50, {})

    assert network.fetch(server.url("/page")).body == b"hello " * 50
    assert "gzip" in server.last("/page").headers["accept-encoding"]


def test_a_page_that_grows_past_the_limit_when_unpacked_is_refused(server: Server, network: Network) -> None:
    """A decompression bomb: few bytes on the wire, many in memory."""
    server.routes["/page"] = compressed(b"0" * 1_000_000, {})

    assert network.refusal(server.url("/page")) == ["TRU314"]


def test_a_page_without_end_is_stopped_at_the_limit(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"x" * 500, endless=True)

    assert network.refusal(server.url("/page")) == ["TRU314"]


def test_an_expected_status_is_an_answer_and_any_other_an_error(server: Server, network: Network) -> None:
    request = Request(url=server.url("/none"), max_bytes=10, expected=frozenset({200, 404}))

    assert network.transport().fetch(request).status == 404
    assert network.refusal(server.url("/none")) == ["TRU311"]


def test_the_body_of_an_error_is_not_taken_for_a_page(server: Server, network: Network) -> None:
    server.routes["/page"] = in_turn(Reply(status=500, body=b"broken"), Reply(body=b"well"))

    assert network.fetch(server.url("/page")).body == b"well"


def test_access_forbidden_is_told_as_such(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(status=403)

    assert network.refusal(server.url("/page")) == ["TRU313"]
    assert server.count("/page") == 1


def test_an_address_that_cannot_be_read_is_refused_before_anything_is_sent(network: Network) -> None:
    assert network.refusal("http://127.0.0.1:port/") == ["TRU328"]
    assert network.refusal("ftp://127.0.0.1/") == ["TRU328"]


def test_a_port_where_nothing_listens_is_told_as_unreachable(network: Network) -> None:
    with Server() as closed:
        address = closed.url("/page")

    assert network.refusal(address) == ["TRU303"]


def test_a_dead_host_is_waited_for_once_and_not_a_page_at_a_time(network: Network) -> None:
    with Server() as closed:
        requests = [Request(url=closed.url(f"/{number}"), max_bytes=10) for number in range(6)]
    network.limits = Limits(connections=1, retries=2)

    outcomes = [outcome for _, outcome in network.transport().fetch_all(requests)]

    assert [codes(outcome) for outcome in outcomes if isinstance(outcome, OperationalError)] == [
        ["TRU303"]
    ] * 6
    assert len(network.slept) == 2


def test_a_name_that_does_not_resolve_is_told_as_such(network: Network) -> None:
    network.limits = Limits(retries=0)

    assert network.refusal("https://no-such-host.invalid/") == ["TRU302"]


def test_a_server_that_stands_still_is_given_up(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"x", announced=100, stalls=True)
    network.limits = Limits(retries=0, low_speed_seconds=1)

    assert network.refusal(server.url("/page")) == ["TRU310"]


def test_many_requests_are_answered_each_with_its_own_answer(server: Server, network: Network) -> None:
    paths = [f"/{number}" for number in range(20)]
    server.routes.update({path: Reply(body=path.encode()) for path in paths})
    requests = [Request(url=server.url(path), max_bytes=10, token=path) for path in paths]

    answers = {request.token: outcome for request, outcome in network.transport().fetch_all(requests)}

    assert {token: getattr(outcome, "body", None) for token, outcome in answers.items()} == {
        path: path.encode() for path in paths
    }


def test_requests_may_depend_on_what_arrives_while_they_run(server: Server, network: Network) -> None:
    server.routes.update({f"/{number}": Reply(body=b"ok") for number in range(3)})
    transport = network.transport()
    pages = transport.fetch_all([Request(url=server.url("/0"), max_bytes=10)])
    later = (Request(url=server.url("/1"), max_bytes=10) for _ in pages)

    assert [outcome for _, outcome in transport.fetch_all(later)]
    assert [asked.path for asked in server.asked] == ["/0", "/1"]


def test_a_fault_in_what_is_asked_reaches_the_caller(server: Server, network: Network) -> None:
    def broken() -> list[Request]:
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        list(network.transport().fetch_all(request for request in broken()))


def test_leaving_early_ends_the_transfers_that_run(server: Server, network: Network) -> None:
    server.routes["/quick"] = Reply(body=b"ok")
    server.routes["/stuck"] = Reply(body=b"x", announced=100, stalls=True)
    requests = [Request(url=server.url(path), max_bytes=10) for path in ("/stuck", "/quick")]

    for request, _ in network.transport().fetch_all(requests):
        assert request.url.endswith("/quick")
        break


def test_a_transport_serves_on_after_a_run_was_left_early(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"ok")
    transport = network.transport()
    requests = [Request(url=server.url("/page"), max_bytes=10) for _ in range(4)]

    next(iter(transport.fetch_all(requests)))

    assert transport.fetch(requests[0]).body == b"ok"


def test_offline_answers_at_once_and_asks_nobody(server: Server, network: Network) -> None:
    assert network.refusal(server.url("/page"), TransportSettings(offline=True)) == ["TRU301"]
    assert server.asked == []


def test_offline_still_reads_local_files(network: Network, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"local")

    assert network.fetch(page.as_uri(), TransportSettings(offline=True)).body == b"local"


def test_a_local_file_that_is_missing_answers_as_a_server_would(network: Network, tmp_path: Path) -> None:
    request = Request(url=(tmp_path / "none").as_uri(), max_bytes=10)

    assert network.transport().fetch(request).status == 404


def test_a_local_file_is_bounded_as_a_page_is(network: Network, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 1001)

    assert network.refusal((tmp_path / "large").as_uri()) == ["TRU314"]


def test_a_folder_is_no_page(network: Network, tmp_path: Path) -> None:
    assert network.refusal(tmp_path.as_uri()) == ["TRU327"]


def test_secrets_of_an_address_are_not_in_the_message(network: Network) -> None:
    url = "http://user:secret1@files.example.org/demo?token=secret2#secret3"

    with pytest.raises(OperationalError) as raised:
        network.fetch(url)

    assert "secret" not in " ".join(messages(raised.value)) + str(raised.value)


def test_a_part_of_a_file_can_be_asked_for(server: Server, network: Network) -> None:
    server.routes["/demo.whl"] = ranged(b"0123456789", etag='"1"')
    request = Request(
        url=server.url("/demo.whl"),
        max_bytes=100,
        headers=(("Range", "bytes=6-"),),
        expected=frozenset({200, 206}),
        compressed=False,
    )

    response = network.transport().fetch(request)

    assert (response.status, response.body) == (206, b"6789")
    assert response.headers["content-range"] == "bytes 6-9/10"
    assert server.last("/demo.whl").headers["accept-encoding"] == "identity"


def test_a_redirect_in_a_circle_ends(server: Server, network: Network) -> None:
    server.routes["/a"], server.routes["/b"] = redirect("/b"), redirect("/a")

    assert network.refusal(server.url("/a")) == ["TRU317"]
    assert len(server.asked) == 11
