"""What python-tuf's own client sees over a server on 127.0.0.1."""

import hashlib
import json
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tuf.api.exceptions import ExpiredMetadataError, RepositoryError

from tests.repository.ground import DEMO, NOW, Ground
from trued.core.tuf_paths import file_path, hashed_path, list_path, metadata_path, page_path


def test_it_reads_pages_files_and_sidecars(signed: Ground) -> None:
    wheel = Path(signed.tmp / "dist" / "demo-1.0-py3-none-any.whl").read_bytes()
    path = file_path(DEMO, "demo-1.0-py3-none-any.whl")

    with signed.client() as client:
        page = json.loads(client.page() or b"")
        assert client.read(path) == wheel
        sidecar = client.read(metadata_path(path))
        assert client.read(list_path("json")) is not None
        assert client.read(list_path("html")) is not None
        assert client.read(page_path(DEMO, "html")) is not None

    assert sidecar is not None
    assert page["files"][0]["core-metadata"]["sha256"] == hashlib.sha256(sidecar).hexdigest()


def test_it_learns_from_signed_metadata_that_a_project_does_not_exist(signed: Ground) -> None:
    with signed.client() as client:
        assert client.page("other") is None


def test_it_refuses_a_file_that_was_changed_on_the_server(signed: Ground) -> None:
    path = file_path(DEMO, "demo-1.0-py3-none-any.whl")
    served = Path(signed.site.place(hashed_path(path, signed.targets()[path].sha256)))
    changed = bytearray(served.read_bytes())
    changed[100] ^= 1
    served.unlink()
    served.write_bytes(changed)

    with signed.client() as client, pytest.raises(RepositoryError):
        client.read(path)


def test_it_follows_from_the_first_root_through_every_rotation(signed: Ground) -> None:
    with signed.client() as client:
        client.updated()
        for new, old in (("dora", "alice"), ("emil", "bob"), ("frieda", "carol")):
            signed.rotate("offline", add=[new], remove=[old])
            signed.collect(*_root_holders(signed), new)
            signed.publish()
        signed.add("demo", "2.0")
        signed.publish()

        assert b"demo-2.0" in (client.page() or b"")
        assert client.updated()._trusted_set.root.version == 4


def _root_holders(ground: Ground) -> set[str]:
    keyids = set(ground.folder.root().signed.roles["root"].keyids)
    return {name for name, key in ground.holders.items() if key.keyid in keyids}


def test_it_reads_on_after_another_number_of_bins(signed: Ground) -> None:
    with signed.client() as client:
        before = client.page()
        signed.rotate("bins", bits=5)
        signed.collect("alice", "bob")
        signed.publish()

        assert client.page() == before
    assert len(signed.state.scheme.names) == 32


def test_it_refuses_an_index_that_nobody_refreshed(signed: Ground) -> None:
    signed.now = NOW - timedelta(days=2)
    signed.refresh()

    with signed.client() as client, pytest.raises(ExpiredMetadataError):
        client.updated()


@pytest.mark.parametrize(
    "path", [".trued-index/lock", "%2etrued-index/lock", "files/demo/.removed/x", "../keys/operator.json"]
)
def test_nothing_hidden_and_nothing_outside_is_served(signed: Ground, path: str) -> None:
    with signed.client() as client:
        connection = HTTPConnection("127.0.0.1", int(client.url.rsplit(":", 1)[1].strip("/")))
        connection.request("GET", f"/{path}")
        status = connection.getresponse().status
        connection.close()

    assert status == 404


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/html; charset=utf-8"),
        ("application/vnd.pypi.simple.v1+json, text/html;q=0.1", "application/vnd.pypi.simple.v1+json"),
    ],
)
def test_pages_are_served_in_the_form_that_is_asked_for(signed: Ground, accept: str, kind: str) -> None:
    with signed.client() as client:
        connection = HTTPConnection("127.0.0.1", int(client.url.rsplit(":", 1)[1].strip("/")))
        connection.request("GET", "/simple/demo/", headers={"Accept": accept})
        found = connection.getresponse()
        body = found.read()
        connection.close()

    assert found.headers["Content-Type"] == kind
    assert b"demo-1.0" in body
