"""Certificates: whose are believed, what is told when one is not, pins and client certificates."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.index.authority import Authority
from tests.index.network import Network
from tests.index.server import Reply, Server
from trued.core.errors import UsageError
from trued.core.limits import Limits
from trued.index.certificates import certificate_store
from trued.index.settings import TransportSettings

Starts = Callable[..., Server]


@pytest.fixture(autouse=True)
def few_attempts(network: Network) -> None:
    network.limits = Limits(retries=0)


def test_an_added_authority_is_believed(tls_server: Starts, network: Network, authority: Authority) -> None:
    server = tls_server()
    server.routes["/page"] = Reply(body=b"secure")

    assert (
        network.fetch(server.url("/page"), TransportSettings(ca_file=authority.certificate)).body == b"secure"
    )


def test_the_only_authority_is_believed(tls_server: Starts, network: Network, authority: Authority) -> None:
    server = tls_server()
    server.routes["/page"] = Reply(body=b"secure")
    settings = TransportSettings(ca_file=authority.certificate, only_ca_file=True)

    assert network.fetch(server.url("/page"), settings).body == b"secure"


def test_an_unknown_authority_is_told_as_such(tls_server: Starts, network: Network) -> None:
    server = tls_server()

    assert network.refusal(server.url("/page")) == ["TRU305"]
    assert server.asked == []


def test_another_only_authority_shuts_the_system_s_out(
    tls_server: Starts, network: Network, authority: Authority, tmp_path: Path
) -> None:
    """What ``--only-cert`` promises: with the system's believing the server, it is still refused."""
    server = tls_server()
    other = tmp_path / "other.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=other", "-keyout", str(tmp_path / "key"), "-out", str(other)],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = TransportSettings(
        ca_file=str(other), only_ca_file=True, environ={"SSL_CERT_FILE": authority.certificate}
    )

    assert network.refusal(server.url("/page"), settings) == ["TRU305"]


def test_an_expired_certificate_is_told_as_such(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server("expired")

    assert network.refusal(server.url("/"), TransportSettings(ca_file=authority.certificate)) == ["TRU304"]


def test_a_certificate_for_another_host_is_told_as_such(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server("elsewhere")

    assert network.refusal(server.url("/"), TransportSettings(ca_file=authority.certificate)) == ["TRU306"]


def test_a_server_that_speaks_no_tls_is_told_as_such(server: Server, network: Network) -> None:
    address = server.url("/page").replace("http:", "https:")

    assert network.refusal(address) == ["TRU307"]


def test_a_trusted_host_is_asked_with_any_certificate(tls_server: Starts, network: Network) -> None:
    server = tls_server("expired")
    server.routes["/page"] = Reply(body=b"unchecked")

    assert (
        network.fetch(server.url("/page"), TransportSettings(trusted_hosts=("127.0.0.1",))).body
        == b"unchecked"
    )


def test_trust_in_one_host_is_not_trust_in_another(tls_server: Starts, network: Network) -> None:
    server = tls_server()
    settings = TransportSettings(trusted_hosts=("localhost",))

    assert network.refusal(server.url("/page"), settings) == ["TRU305"]


def test_trust_ends_with_the_run_of_its_host(tls_server: Starts, network: Network) -> None:
    """A connection that was opened unchecked must not serve a host that is to be checked."""
    server = tls_server()
    server.routes["/page"] = Reply(body=b"unchecked")
    network.limits = Limits(connections=1, retries=0)
    transport = network.transport(TransportSettings(trusted_hosts=(f"localhost:{server.port}",)))

    first, second = (
        outcome
        for _, outcome in transport.fetch_all(
            [network.request(server.url("/page", host=host)) for host in ("localhost", "127.0.0.1")]
        )
    )

    assert getattr(first, "status", None) == 200
    assert [finding.code for finding in getattr(second, "findings", ())] == ["TRU305"]


def test_a_pinned_key_is_accepted_and_several_may_be(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server()
    server.routes["/page"] = Reply(body=b"pinned")
    pins = {"127.0.0.1": (authority.pin("expired"), authority.pin("good"))}
    settings = TransportSettings(ca_file=authority.certificate, pins=pins)

    assert network.fetch(server.url("/page"), settings).body == b"pinned"


def test_another_key_than_the_pinned_one_is_refused(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server()
    settings = TransportSettings(
        ca_file=authority.certificate, pins={"127.0.0.1": (authority.pin("expired"),)}
    )

    assert network.refusal(server.url("/page"), settings) == ["TRU308"]
    assert server.asked == []


def test_a_pin_holds_for_a_trusted_host_too(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server()
    settings = TransportSettings(
        trusted_hosts=("127.0.0.1",), pins={"127.0.0.1": (authority.pin("expired"),)}
    )

    assert network.refusal(server.url("/page"), settings) == ["TRU308"]


def test_a_client_certificate_is_shown_when_asked(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server(wants_client=True)
    server.routes["/page"] = Reply(body=b"known client")
    settings = TransportSettings(ca_file=authority.certificate, client_certificate=authority.pem("elsewhere"))

    assert network.fetch(server.url("/page"), settings).body == b"known client"


def test_a_client_certificate_without_its_key_is_told(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server()
    settings = TransportSettings(ca_file=authority.certificate, client_certificate=authority.certificate)

    assert network.refusal(server.url("/page"), settings) == ["TRU335"]


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_certificate_file_that_holds_none_is_refused_before_anything_is_asked(
    network: Network, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UsageError) as raised:
        network.transport(TransportSettings(ca_file=str(path)))

    assert [(finding.code, finding.subject) for finding in raised.value.findings] == [("TRU325", str(path))]


def test_the_environment_names_the_system_s_store(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    server = tls_server()
    server.routes["/page"] = Reply(body=b"secure")
    settings = TransportSettings(environ={"SSL_CERT_FILE": authority.certificate})

    assert network.fetch(server.url("/page"), settings).body == b"secure"


def test_the_environment_may_name_a_folder_by_hash(
    tls_server: Starts, network: Network, authority: Authority, tmp_path: Path
) -> None:
    server = tls_server()
    server.routes["/page"] = Reply(body=b"secure")
    folder = tmp_path / "certs"
    folder.mkdir()
    shutil.copy(authority.certificate, folder / "authority.pem")
    subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)

    settings = TransportSettings(environ={"SSL_CERT_DIR": str(folder)})

    assert network.fetch(server.url("/page"), settings).body == b"secure"


@pytest.mark.skipif(not os.path.isdir("/etc/ssl/certs"), reason="needs a system store of this kind")
def test_the_system_s_store_is_found(authority: Authority) -> None:
    system = certificate_store({}, ca_file=None, only_ca_file=False)
    added = certificate_store({}, ca_file=authority.certificate, only_ca_file=False)
    only = certificate_store({}, ca_file=authority.certificate, only_ca_file=True)

    assert system.folder or system.pem
    assert (added.folder, len(added.pem) > len(system.pem)) == (system.folder, True)
    assert (only.folder, only.pem) == ("", Path(authority.certificate).read_bytes())


# Pins of public keys, checked while the connection is set up


@pytest.fixture
def rotating(authority: Authority) -> Authority:
    """An authority with a server's next key, whose pin is known beforehand."""
    if not os.path.exists(authority.pem("next")):
        authority.issue("next", names="IP:127.0.0.1,DNS:localhost")
    return authority


def pinned(authority: Authority, *names: str, host: str = "127.0.0.1") -> TransportSettings:
    return TransportSettings(
        ca_file=authority.certificate, pins={host: tuple(authority.pin(name) for name in names)}
    )


def test_the_backup_pin_serves_once_the_host_has_changed_its_key(
    tls_server: Starts, network: Network, rotating: Authority
) -> None:
    before, after = tls_server("good"), tls_server("next")
    for server in (before, after):
        server.routes["/page"] = Reply(body=b"pinned")
    settings = pinned(rotating, "good", "next")

    assert network.fetch(before.url("/page"), settings).body == b"pinned"
    assert network.fetch(after.url("/page"), settings).body == b"pinned"


def test_a_valid_certificate_with_another_key_is_refused_before_anything_is_sent(
    tls_server: Starts, network: Network, rotating: Authority
) -> None:
    """Attack: the authority was made to issue a second certificate for the host."""
    server = tls_server("next")

    assert network.refusal(server.url("/secret-path"), pinned(rotating, "good")) == ["TRU308"]
    assert server.asked == []


def test_an_expired_certificate_with_the_pinned_key_is_refused(
    tls_server: Starts, network: Network, authority: Authority
) -> None:
    """A pin is one more condition and takes the place of none."""
    server = tls_server("expired")

    assert network.refusal(server.url("/"), pinned(authority, "expired", "good")) == ["TRU304"]
    assert server.asked == []


def test_a_pin_of_one_port_is_none_of_another(
    tls_server: Starts, network: Network, rotating: Authority
) -> None:
    one, other = tls_server("good"), tls_server("next")
    other.routes["/page"] = Reply(body=b"free")
    settings = pinned(rotating, "expired", host=f"127.0.0.1:{one.port}")

    assert network.refusal(one.url("/page"), settings) == ["TRU308"]
    assert network.fetch(other.url("/page"), settings).body == b"free"


def test_a_dot_at_the_end_of_a_name_does_not_shake_its_pins_off(
    tls_server: Starts, network: Network, rotating: Authority
) -> None:
    """Attack: a page links to ``host.``, which is the same host to DNS and another text."""
    server = tls_server("next")

    found = network.refusal(server.url("/", host="localhost."), pinned(rotating, "good", host="localhost"))

    assert found == ["TRU308"] or "TRU306" in found
    assert server.asked == []


def test_a_redirect_to_a_pinned_host_is_checked_too(
    tls_server: Starts, network: Network, rotating: Authority
) -> None:
    first, second = tls_server("good"), tls_server("next")
    first.routes["/old"] = Reply(status=302, headers={"Location": second.url("/new", host="localhost")})

    assert network.refusal(first.url("/old"), pinned(rotating, "good", host="localhost")) == ["TRU308"]
    assert second.asked == []


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
def test_a_pinned_host_is_never_asked_in_plain_http(
    server: Server, network: Network, authority: Authority, trusted: tuple[str, ...]
) -> None:
    """Attack: a link to the same host without TLS, where nobody shows a key."""
    settings = replace(pinned(authority, "good"), trusted_hosts=trusted)

    assert network.refusal(server.url("/page"), settings) == ["TRU792"]
    assert server.connections == 0
