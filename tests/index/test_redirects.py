"""Redirects and the rules for hosts, checked at every hop before a connection is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.index.authority import Authority
from tests.index.network import Network
from tests.index.server import Reply, Server, redirect
from trued.core.errors import UsageError
from trued.index.settings import TransportSettings


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: Server, network: Network, status: int) -> None:
    server.routes["/old"] = redirect("/new", status=status)
    server.routes["/new"] = Reply(body=b"here")

    response = network.fetch(server.url("/old"))

    assert (response.body, response.url) == (b"here", server.url("/new"))


def test_the_body_of_a_redirect_is_not_part_of_the_page(server: Server, network: Network) -> None:
    server.routes["/old"] = Reply(status=302, body=b"moved", headers={"Location": "new"})
    server.routes["/new"] = Reply(body=b"here")

    assert network.fetch(server.url("/old")).body == b"here"


def test_a_redirect_without_target_is_an_error(server: Server, network: Network) -> None:
    server.routes["/old"] = Reply(status=302)

    assert network.refusal(server.url("/old")) == ["TRU311"]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("file:///etc/passwd", id="local file"),
        pytest.param("FILE:///etc/passwd", id="local file in capitals"),
        pytest.param("ftp://127.0.0.1/demo.whl", id="ftp"),
        pytest.param("gopher://127.0.0.1:25/_HELO", id="gopher, to talk to a mail server"),
        pytest.param("http://[::1/", id="unreadable"),
        pytest.param("http://127.0.0.1:99999/", id="no port"),
        pytest.param("http:///demo.whl", id="no host"),
        pytest.param("http://good.example.org\\@evil.example.org/", id="two hosts in one text"),
    ],
)
def test_a_redirect_to_anything_but_http_is_refused(server: Server, network: Network, target: str) -> None:
    server.routes["/old"] = redirect(target)

    assert network.refusal(server.url("/old")) == ["TRU319"]


def test_a_redirect_from_https_to_http_is_refused_even_on_loopback(
    server: Server, network: Network, tls_server: Callable[..., Server], authority: Authority
) -> None:
    secure = tls_server()
    secure.routes["/old"] = redirect(server.url("/new"))
    server.routes["/new"] = Reply(body=b"changed on the way")
    settings = TransportSettings(ca_file=authority.certificate, trusted_hosts=("127.0.0.1",))

    assert network.refusal(secure.url("/old"), settings) == ["TRU318"]
    assert server.asked == []


def test_plain_http_is_refused_and_no_connection_is_made(network: Network) -> None:
    assert network.refusal("http://files.example.org/demo.whl") == ["TRU320"]


def test_a_redirect_to_plain_http_elsewhere_is_refused(server: Server, network: Network) -> None:
    server.routes["/old"] = redirect("http://files.example.org/demo.whl")

    assert network.refusal(server.url("/old")) == ["TRU320"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example.org", "localhost.example.org", "127.1", "0.0.0.0", "2130706433", "0x7f.0.0.1"]
)
def test_what_only_looks_like_loopback_is_not(network: Network, host: str) -> None:
    assert network.refusal(f"http://{host}/") == ["TRU320"]


@pytest.mark.parametrize("setting", ["plain_http_hosts", "trusted_hosts"])
@pytest.mark.parametrize("host", ["files.example.org", "FILES.example.org", "files.example.org:80"])
def test_plain_http_is_allowed_to_hosts_that_are_listed(
    server: Server, network: Network, setting: str, host: str
) -> None:
    server.routes["http://files.example.org/page"] = Reply(body=b"through the proxy")
    settings = TransportSettings(proxy=server.url(), **{setting: (host,)})  # type: ignore[arg-type]  # by name

    assert network.fetch("http://files.example.org/page", settings).body == b"through the proxy"


def test_a_listed_host_with_a_port_means_that_port_only(network: Network) -> None:
    settings = TransportSettings(plain_http_hosts=("files.example.org:8080",))

    assert network.refusal("http://files.example.org/page", settings) == ["TRU320"]


def test_using_a_trusted_host_is_told_once_a_host(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"ok")
    transport = network.transport(TransportSettings(trusted_hosts=("127.0.0.1",)))
    request = network.request(server.url("/page"))

    transport.fetch(request)
    transport.fetch(request)

    assert [(finding.code, finding.subject) for finding in transport.findings] == [
        ("TRU334", f"127.0.0.1:{server.port}")
    ]


def test_a_trusted_host_that_is_not_used_is_not_told(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply(body=b"ok")
    transport = network.transport(TransportSettings(trusted_hosts=("files.example.org",)))

    transport.fetch(network.request(server.url("/page")))

    assert transport.findings == ()


def test_a_host_that_is_not_allowed_is_not_asked(server: Server, network: Network) -> None:
    settings = TransportSettings(allowed_hosts=("files.example.org",))

    assert network.refusal(server.url("/page"), settings) == ["TRU321"]
    assert server.asked == []


def test_a_redirect_to_a_host_that_is_not_allowed_is_not_followed(server: Server, network: Network) -> None:
    server.routes["/old"] = redirect(server.url("/new", host="localhost"))
    server.routes["/new"] = Reply(body=b"elsewhere")

    assert network.refusal(server.url("/old"), TransportSettings(allowed_hosts=("127.0.0.1",))) == ["TRU321"]
    assert server.count("/new") == 0


def test_settings_that_name_no_host_are_refused_together(network: Network) -> None:
    settings = TransportSettings(trusted_hosts=("https://a.example.org/", "b:port"), allowed_hosts=("",))

    with pytest.raises(UsageError) as raised:
        network.transport(settings)

    assert [finding.code for finding in raised.value.findings] == ["TRU322"] * 3


def test_a_host_that_is_not_allowed_gets_not_even_a_connection(server: Server, network: Network) -> None:
    with Server() as elsewhere:
        server.routes["/old"] = redirect(elsewhere.url("/new"))
        settings = TransportSettings(allowed_hosts=(f"127.0.0.1:{server.port}",))

        assert network.refusal(server.url("/old"), settings) == ["TRU321"]
        assert network.refusal(elsewhere.url("/new"), settings) == ["TRU321"]
        assert elsewhere.connections == 0


def test_a_name_that_is_not_allowed_is_not_even_looked_up(network: Network) -> None:
    """A name is data too: ``secret.evil.example.org`` tells whoever serves its zone."""
    settings = TransportSettings(allowed_hosts=("packages.example.org",))

    assert network.refusal("https://secret.invalid/x", settings) == ["TRU321"]
    assert network.slept == []
