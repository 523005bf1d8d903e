"""Credentials: where they come from, whom they are sent to, and that they are never shown."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.index.network import Network, messages
from tests.index.server import Reply, Server, redirect, with_login
from trued.core.errors import OperationalError
from trued.index.credentials import CredentialSource, KeyringProvider
from trued.index.url import origin_of
from trued.requirements.url import Credentials


def login(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def write_netrc(network: Network, text: str, *, mode: int = 0o600) -> None:
    home = network.folder / "home"
    home.mkdir(exist_ok=True)
    path = home / ".netrc"
    path.write_text(text)
    path.chmod(mode)


def with_user(url: str, user: str) -> str:
    return url.replace("://", f"://{user}@")


def test_credentials_of_an_index_serve_its_pages_and_files(server: Server, network: Network) -> None:
    server.routes["/files/demo.whl"] = with_login(login("ann", "p@ss"), Reply(body=b"private"))

    index = network.credentials.remember(with_user(server.url("/simple/"), "ann:p%40ss"))

    assert index == server.url("/simple/")
    response = network.fetch(server.url("/files/demo.whl"))
    assert (response.body, response.authenticated) == (b"private", True)


def test_credentials_of_one_port_are_not_those_of_another(server: Server, network: Network) -> None:
    server.routes["/page"] = Reply()
    network.credentials.remember(f"http://ann:secret@127.0.0.1:{server.port + 1}/")

    network.fetch(server.url("/page"))

    assert "authorization" not in server.last("/page").headers


def test_netrc_is_read(server: Server, network: Network) -> None:
    server.routes["/page"] = with_login(login("bob", "secret"), Reply(body=b"private"))
    write_netrc(network, "machine 127.0.0.1 login bob password secret\n")

    assert network.fetch(server.url("/page")).body == b"private"
    assert network.credentials.findings == ()


def test_the_environment_may_name_the_netrc_file(server: Server, network: Network) -> None:
    server.routes["/page"] = with_login(login("bob", "secret"), Reply(body=b"private"))
    path = network.folder / "netrc"
    path.write_text("machine 127.0.0.1 login bob password secret\n")
    path.chmod(0o600)
    network.with_home({"NETRC": str(path)})

    assert network.fetch(server.url("/page")).body == b"private"


def test_the_index_url_comes_before_netrc(server: Server, network: Network) -> None:
    server.routes["/page"] = with_login(login("ann", "right"), Reply(body=b"private"))
    write_netrc(network, "machine 127.0.0.1 login ann password wrong\n")
    network.credentials.remember(with_user(server.url("/"), "ann:right"))

    assert network.fetch(server.url("/page")).body == b"private"


def test_credentials_are_not_sent_to_another_host_after_a_redirect(server: Server, network: Network) -> None:
    server.routes["/old"] = redirect(server.url("/new", host="localhost"))
    server.routes["/new"] = Reply(body=b"elsewhere")
    network.credentials.remember(with_user(server.url("/"), "ann:secret"))

    response = network.fetch(server.url("/old"))

    assert "authorization" in server.last("/old").headers
    assert "authorization" not in server.last("/new").headers
    assert not response.authenticated


def test_the_default_entry_of_netrc_is_not_sent_after_a_redirect(server: Server, network: Network) -> None:
    """Otherwise any index could collect it by redirecting to a host of its own."""
    server.routes["/old"] = redirect(server.url("/new", host="localhost"))
    server.routes["/new"] = Reply()
    write_netrc(network, "default login bob password secret\n")

    network.fetch(server.url("/old"))

    assert "authorization" in server.last("/old").headers
    assert "authorization" not in server.last("/new").headers


def test_credentials_in_a_redirect_are_not_used(server: Server, network: Network) -> None:
    server.routes["/old"] = redirect(with_user(server.url("/new", host="localhost"), "eve:chosen"))
    server.routes["/new"] = Reply()

    assert network.fetch(server.url("/old")).url == server.url("/new", host="localhost")
    assert "authorization" not in server.last("/new").headers


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
def test_a_netrc_that_others_can_read_is_used_and_told(server: Server, network: Network) -> None:
    server.routes["/page"] = with_login(login("bob", "secret"), Reply(body=b"private"))
    write_netrc(network, "machine 127.0.0.1 login bob password secret\n", mode=0o644)

    assert network.fetch(server.url("/page")).body == b"private"
    assert [finding.code for finding in network.credentials.findings] == ["TRU326"]


@pytest.mark.parametrize("content", ["machine 127.0.0.1 login bob passwort secret\n", "machine\n"])
def test_no_entry_of_a_broken_netrc_is_used(server: Server, network: Network, content: str) -> None:
    server.routes["/page"] = Reply()
    write_netrc(network, content)

    network.fetch(server.url("/page"))

    assert "authorization" not in server.last("/page").headers
    assert [finding.code for finding in network.credentials.findings] == ["TRU326"]
    assert "secret" not in str(network.credentials.findings)


def test_needed_and_refused_credentials_are_told_apart_and_not_shown(
    server: Server, network: Network
) -> None:
    server.routes["/page"] = with_login(login("ann", "right"), Reply())

    with pytest.raises(OperationalError) as needed:
        network.fetch(server.url("/page"))
    network.credentials.remember(with_user(server.url("/"), "ann:wr0ng"))
    with pytest.raises(OperationalError) as refused:
        network.fetch(server.url("/page"))

    assert "none are known" in messages(needed.value)[0]
    assert "were refused" in messages(refused.value)[0]
    assert "wr0ng" not in messages(refused.value)[0] + str(refused.value)


def test_objects_do_not_show_what_they_hold() -> None:
    source = CredentialSource(environ={})
    source.remember("https://ann:secret@files.example.org/")

    assert "secret" not in repr(source)
    assert "secret" not in repr(source.known(origin_of("https://files.example.org/")))


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str | None], tuple[str, str]]:
    """Installs a keyring module whose entries a test writes down, and that counts as a real one would."""
    entries: dict[tuple[str, str | None], tuple[str, str]] = {}

    def get_credential(service: str, username: str | None) -> SimpleNamespace | None:
        found = entries.get((service, username))
        if found == ("", ""):
            raise RuntimeError("locked")
        return SimpleNamespace(username=found[0], password=found[1]) if found else None

    module, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    module.get_credential = get_credential  # type: ignore[attr-defined]  # a module made here
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]  # the same
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return entries


Entries = dict[tuple[str, str | None], tuple[str, str]]


def test_the_keyring_is_asked_after_a_refusal(server: Server, network: Network, keyring: Entries) -> None:
    server.routes["/page"] = with_login(login("kim", "kept"), Reply(body=b"private"))
    network.with_home({}, KeyringProvider.AUTO)
    keyring[f"127.0.0.1:{server.port}", None] = ("kim", "kept")

    assert network.fetch(server.url("/page")).body == b"private"
    assert server.count("/page") == 2


def test_what_the_keyring_said_is_remembered(server: Server, network: Network, keyring: Entries) -> None:
    server.routes["/page"] = with_login(login("kim", "kept"), Reply(body=b"private"))
    network.with_home({}, KeyringProvider.AUTO)
    keyring[f"127.0.0.1:{server.port}", None] = ("kim", "kept")

    network.fetch(server.url("/page"))
    network.fetch(server.url("/page"))

    assert server.count("/page") == 3


def test_the_keyring_is_asked_for_the_index_first(server: Server, network: Network, keyring: Entries) -> None:
    server.routes["/page"] = with_login(login("ann", "kept"), Reply(body=b"private"))
    network.with_home({}, KeyringProvider.AUTO)
    network.credentials.remember(with_user(server.url("/simple/"), "ann"))
    keyring[server.url("/simple/"), "ann"] = ("ann", "kept")
    keyring[f"127.0.0.1:{server.port}", "ann"] = ("ann", "other")

    assert network.fetch(server.url("/page")).body == b"private"


def test_the_keyring_is_not_asked_unless_it_is_wanted(
    server: Server, network: Network, keyring: Entries
) -> None:
    server.routes["/page"] = with_login(login("kim", "kept"), Reply())
    keyring[f"127.0.0.1:{server.port}", None] = ("kim", "kept")

    assert network.refusal(server.url("/page")) == ["TRU312"]


def test_the_keyring_is_not_asked_for_a_host_that_a_redirect_names(
    server: Server, network: Network, keyring: Entries
) -> None:
    server.routes["/old"] = redirect(server.url("/new", host="localhost"))
    server.routes["/new"] = with_login(login("kim", "kept"), Reply())
    network.with_home({}, KeyringProvider.AUTO)
    keyring[f"localhost:{server.port}", None] = ("kim", "kept")

    assert network.refusal(server.url("/old")) == ["TRU312"]


def test_a_keyring_that_fails_is_told(server: Server, network: Network, keyring: Entries) -> None:
    server.routes["/page"] = with_login(login("kim", "kept"), Reply())
    network.with_home({}, KeyringProvider.IMPORT)
    keyring[f"127.0.0.1:{server.port}", None] = ("", "")

    assert network.refusal(server.url("/page")) == ["TRU312"]
    assert [finding.code for finding in network.credentials.findings] == ["TRU333"]


@pytest.mark.skipif(os.name != "posix", reason="a script as command")
def test_the_keyring_command_is_asked_when_the_user_is_known(
    server: Server, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/page"] = with_login(login("ann", "from command"), Reply(body=b"private"))
    command = tmp_path / "keyring"
    command.write_text('#!/bin/sh\n[ "$1 $3" = "get ann" ] && echo "from command"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    network.with_home({}, KeyringProvider.SUBPROCESS)
    network.credentials.add(origin_of(server.url()), Credentials("ann", ""))

    assert network.fetch(server.url("/page")).body == b"private"
