"""The way out of a box to the named hosts, and to nothing else."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.build.evil import Bench
from trued.build.bubblewrap import Bubblewrap
from trued.build.gate import Gate, InvalidHost, connected, host_and_port
from trued.build.log import BuildLog
from trued.build.sandbox import Sandbox

Connect = Callable[[str, int], socket.socket]


@pytest.fixture
def far() -> Iterator[Connect]:
    """Stand for the network: every host that may be reached answers with what it is sent, in capitals."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    while piece := connection.recv(1000):
                        connection.sendall(piece.upper())

        thread = threading.Thread(target=serve)
        thread.start()
        yield lambda host, port: socket.create_connection(server.getsockname(), 5)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def answer(path: Path, *said: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(10)
        asking.connect(str(path))
        told = b""
        for piece in said:
            asking.sendall(piece)
            told += asking.recv(1000)
        return told


def test_a_named_host_is_reached(far: Connect, tmp_path: Path) -> None:
    told: list[str] = []
    with Gate(str(tmp_path / "gate"), ["example.org"], connect=far, told=told.append):
        said = answer(tmp_path / "gate", b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"hello")

    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.endswith(b"HELLO")
    assert told == ["network: connected to example.org:443"]


# Another host, another port, the same address by number, a name below or beside, plain HTTP, nonsense.
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"CONNECT example.com:443 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT example.org:80 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT 93.184.215.14:443 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT sub.example.org:443 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT example.org.evil.test:443 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT example.org@evil.test:443 HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n", b"400"),
        (b"GET http://example.org/ HTTP/1.1\r\n\r\n", b"400"),
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\nearly", b"400"),
        (b"CONNECT example.org:443\r\n\r\n", b"400"),
        (b"x" * 9000, b"400"),
    ],
)
def test_nothing_else_is_reached(asked: bytes, status: bytes, tmp_path: Path) -> None:
    def reached(host: str, port: int) -> socket.socket:
        raise AssertionError(host)

    with Gate(str(tmp_path / "gate"), ["example.org"], connect=reached, told=lambda _: None):
        said = answer(tmp_path / "gate", asked)

    assert said.split()[1] == status


# A build asks for hosts without an end; each wish is a line of the log, outside of the box.
def test_wishes_count_as_output(tmp_path: Path) -> None:
    with BuildLog(str(tmp_path / "log"), mask=str) as log:
        for _ in range(10):
            log.note("network: example.org:443 is not among the hosts of the policy")

        assert log.size > 500


# A service of this machine that listens on its address in a network, not on the loopback alone.
def test_this_machine_is_not_reached_by_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = server.getsockname()
        monkeypatch.setattr("ipaddress.IPv4Address.is_loopback", False)

        with pytest.raises(OSError, match="no address"):
            connected(*place)


@pytest.mark.parametrize(
    "name", ["", "a b", "https://example.org", "a:0", "a:70000", "a:b", "[::1]", "*", "a" * 254]
)
def test_what_names_no_host_is_no_host(name: str) -> None:
    with pytest.raises(InvalidHost):
        host_and_port(name)


def test_a_host_is_compared_as_names_are() -> None:
    assert host_and_port("Example.ORG.") == ("example.org", 443)
    assert host_and_port("example.org:8443") == ("example.org", 8443)


# A named host whose address is changed to this machine's (DNS rebinding), or to a cloud's metadata service.
@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_this_machine_is_not_reached_by_any_name(address: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(OSError, match="no address that may be reached"),
    ):
        connected(address, server.getsockname()[1])


ASK = """
import urllib.parse
proxy = urllib.parse.urlsplit(os.environ['HTTPS_PROXY'])
for host in ('example.org', 'example.com'):
    asking = socket.create_connection((proxy.hostname, proxy.port), 10)
    asking.sendall(f'CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n'.encode())
    print(host, asking.recv(1000).split()[1])
    asking.sendall(b'hello')
    print(host, asking.recv(1000))
socket.create_connection(('127.0.0.1', around['port']), 2)
got('this machine')
"""


# The path of a socket has room for 107 bytes: some machines put temporary files deeper than that.
@pytest.mark.parametrize("folder", ["short", "long" * 30])
def test_a_build_reaches_the_named_host_and_no_other(
    sandbox: Sandbox, far: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    temporary = tmp_path / folder
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    uname = os.uname()
    box = Bubblewrap(
        program="bwrap",
        version=sandbox.version,
        machine=uname.machine,
        kernel=uname.release,
        home=str(Path.home()),
        connect=far,
    )
    with socket.create_server(("127.0.0.1", 0)) as other:
        around = {"port": other.getsockname()[1]}
        outcome = Bench(tmp_path, box).build(ASK, around=around, hosts=("example.org",))

    assert "example.org b'200'" in outcome.log
    assert "example.org b'HELLO'" in outcome.log
    assert "example.com b'403'" in outcome.log
    assert "== network: example.com:443 is not among the hosts of the policy" in outcome.log
    assert not outcome.loot
    assert Path(outcome.wheel).is_file()
    assert list(temporary.iterdir()) == []
