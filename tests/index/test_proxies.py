"""Proxies: the named one, the environment's, and the hosts that are asked directly."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest

from tests.index.network import Network, messages
from tests.index.server import Reply, Server
from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.index.proxies import Proxies
from trued.index.settings import TransportSettings

TARGET = "http://files.example.org/page"
PLAIN = ("files.example.org",)


def test_the_named_proxy_is_used(server: Server, network: Network) -> None:
    server.routes[TARGET] = Reply(body=b"through")

    response = network.fetch(TARGET, TransportSettings(proxy=server.url(), plain_http_hosts=PLAIN))

    assert response.body == b"through"


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_the_environment_s_proxy_is_used(server: Server, network: Network, name: str) -> None:
    server.routes[TARGET] = Reply(body=b"through")
    settings = TransportSettings(environ={name: server.url()}, plain_http_hosts=PLAIN)

    assert network.fetch(TARGET, settings).body == b"through"


def test_the_process_s_own_environment_is_not_read(
    server: Server, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libcurl would read it by itself."""
    server.routes["/page"] = Reply(body=b"direct")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")

    assert network.fetch(server.url("/page")).body == b"direct"


def test_the_environment_may_be_left_out(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"direct")
    settings = TransportSettings(environ={"http_proxy": "http://127.0.0.1:1/"}, use_proxy_environment=False)

    assert network.fetch(server.url("/page"), settings).body == b"direct"


@pytest.mark.parametrize("exceptions", ["127.0.0.1", "example.org,127.0.0.1", "127.0.0.0/8", "*"])
def test_no_proxy_names_hosts_that_are_asked_directly(
    server: Server, network: Network, exceptions: str
) -> None:
    server.routes["/page"] = Reply(body=b"direct")
    environ = {"http_proxy": "http://127.0.0.1:1/", "no_proxy": exceptions}

    assert network.fetch(server.url("/page"), TransportSettings(environ=environ)).body == b"direct"


def test_a_proxy_s_password_is_sent_to_it_and_not_shown(server: Server, network: Network) -> None:
    server.routes[TARGET] = Reply(status=407)
    proxy = server.url().replace("://", "://pat:hush@")
    network.limits = Limits(retries=0)

    with pytest.raises(OperationalError) as raised:
        network.fetch(TARGET, TransportSettings(proxy=proxy, plain_http_hosts=PLAIN))

    expected = "Basic " + base64.b64encode(b"pat:hush").decode()
    assert server.last(TARGET).headers["proxy-authorization"] == expected
    assert [finding.code for finding in raised.value.findings] == ["TRU323"]
    assert "hush" not in messages(raised.value)[0]


def test_a_proxy_that_is_not_there_is_told_as_such(network: Network) -> None:
    network.limits = Limits(retries=0)
    with Server() as closed:
        proxy = closed.url()

    assert network.refusal(TARGET, TransportSettings(proxy=proxy, plain_http_hosts=PLAIN)) == ["TRU323"]


def test_a_proxy_without_a_name_that_resolves_is_told_as_such(network: Network) -> None:
    network.limits = Limits(retries=0)
    settings = TransportSettings(proxy="http://no-such-host.invalid:3128", plain_http_hosts=PLAIN)

    assert network.refusal(TARGET, settings) == ["TRU323"]


@pytest.mark.parametrize(
    ("environ", "scheme", "address"),
    [
        pytest.param({"https_proxy": "a", "http_proxy": "b"}, "https", "a", id="by scheme"),
        pytest.param({"http_proxy": "b"}, "https", "", id="other scheme only"),
        pytest.param({"HTTPS_PROXY": "a", "https_proxy": "b"}, "https", "b", id="lower case first"),
        pytest.param({"ALL_PROXY": "a", "HTTPS_PROXY": "b"}, "https", "b", id="scheme before all"),
        pytest.param({"HTTP_PROXY": "a", "REQUEST_METHOD": "GET"}, "http", "", id="a CGI request's header"),
        pytest.param({"http_proxy": "a", "REQUEST_METHOD": "GET"}, "http", "a", id="lower case in CGI"),
        pytest.param({}, "http", "", id="none"),
    ],
)
def test_the_environment_is_read_as_curl_reads_it(
    environ: Mapping[str, str], scheme: str, address: str
) -> None:
    assert Proxies(environ=environ).for_scheme(scheme).address == address


def test_an_empty_named_proxy_means_none() -> None:
    assert Proxies(explicit="", environ={"http_proxy": "a"}).for_scheme("http").address == ""


def test_a_proxy_does_not_show_its_password() -> None:
    proxies = Proxies(explicit="http://pat:hush@127.0.0.1/", environ={})

    assert "hush" not in repr(proxies) + repr(proxies.for_scheme("http"))
