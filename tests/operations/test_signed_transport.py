"""The network under a signed index: slow and endless servers, redirects, what is kept, many files at once."""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.index.authority import make_authority
from tests.index.network import Network, codes
from tests.index.server import Reply, Server, compressed, redirect
from tests.proof.tuf.simulator import NOW, Simulator
from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.index.curl import CurlTransport
from trued.index.settings import TransportSettings
from trued.index.transport import Download, Downloaded, DownloadFailed, Request, Response
from trued.operations.signed_indexes import SignedIndex, SignedIndexes, fetch_over
from trued.operations.signed_transport import SignedTransport
from trued.proof.tuf.client import TufClient
from trued.proof.tuf.folder import MetadataFolder

PATH = "files/demo/demo-1.0-py3-none-any.whl"
HURRIED = Limits(tuf_seconds=1.0, tuf_least_bytes_per_second=10**9, retries=0)


@dataclass
class Site:
    """A simulated repository on a server, and transports that know it."""

    server: Server
    network: Network
    folder: Path
    repository: Simulator = field(default_factory=Simulator)
    settings: TransportSettings | None = None

    @property
    def base(self) -> str:
        return self.server.url("/corp/")

    def serve(self) -> None:
        self.repository.publish()
        for name, data in self.repository.metadata.items():
            self.server.routes[f"/corp/metadata/{name}"] = Reply(body=data)
        for name, data in self.repository.targets.items():
            self.server.routes[f"/corp/{name}"] = Reply(body=data)

    def transport(self, *, limits: Limits | None = None, cache: str = "") -> SignedTransport:
        self.network.limits = limits or self.network.limits
        inner: CurlTransport = self.network.transport(self.settings)
        bounds = limits or Limits()
        client = TufClient(
            "corp",
            address=f"{self.base}metadata/",
            folder=MetadataFolder(str(self.folder / "signed")),
            root=self.repository.trusted_root,
            fetch=fetch_over(lambda: inner, f"{self.base}metadata/", name="corp"),
            now=NOW,
            limits=bounds,
        )
        index = SignedIndex(name="corp", url=f"{self.base}simple/", base=self.base, client=client)
        signed = SignedIndexes([index], now="")
        return SignedTransport(inner, lambda: signed, limits=bounds, cache=cache)

    def refusal(self, path: str, **options: object) -> list[str]:
        with pytest.raises(OperationalError) as caught:
            self.transport(**options).fetch(self.request(path))  # type: ignore[arg-type] # of transport()
        return codes(caught.value)

    def request(self, path: str, **options: object) -> Request:
        return Request(url=f"{self.base}{path}", max_bytes=10_000, subject="demo", **options)  # type: ignore[arg-type] # of Request

    def download(self, path: str = PATH, **options: object) -> Downloaded | DownloadFailed:
        download = Download(
            url=f"{self.base}{path}",
            path=str(self.folder / "download"),
            max_bytes=10_000_000,
            subject="demo-1.0-py3-none-any.whl",
            token="mine",
        )
        (outcome,) = self.transport(**options).download_all([download])  # type: ignore[arg-type] # of transport()
        assert outcome.download is download
        return outcome

    def address(self, path: str = PATH) -> str:
        ending = path.rpartition("/")[2]
        (name,) = [name for name in self.repository.targets if name.endswith(f".{ending}")]
        return f"/corp/{name}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Server() as server, Network(tmp_path) as network:
        made = Site(server, network, tmp_path)
        made.repository.add(PATH, b"a wheel")
        made.repository.add("simple/demo/index.json", b'{"files": []}')
        made.serve()
        yield made


class TestPages:
    def test_a_folder_is_the_page_in_it(self, site: Site) -> None:
        response = site.transport().fetch(site.request("simple/demo/"))

        assert response.body == b'{"files": []}'
        assert response.headers["content-type"] == "application/vnd.pypi.simple.v1+json"
        assert response.url == f"{site.base}simple/demo/"

    def test_nobody_else_is_to_keep_it(self, site: Site) -> None:
        response = site.transport().fetch(site.request("simple/demo/"))

        assert response.headers["cache-control"] == "no-store"

    def test_html_is_taken_where_there_is_no_json(self, site: Site) -> None:
        site.repository.add("simple/old/index.html", b"<html></html>")
        site.serve()

        response = site.transport().fetch(site.request("simple/old/"))

        assert response.headers["content-type"] == "text/html"

    def test_what_is_not_signed_is_not_there_without_asking(self, site: Site) -> None:
        site.server.routes["/corp/simple/ghost/"] = Reply(body=b"evil")

        response = site.transport().fetch(site.request("simple/ghost/", expected=frozenset({200, 404})))

        assert response.status == 404
        assert site.server.count("/corp/simple/ghost/") == 0

    def test_what_is_not_signed_is_an_error_where_404_is_none(self, site: Site) -> None:
        assert site.refusal("simple/ghost/") == ["TRU858"]

    @pytest.mark.parametrize(
        "path", ["simple/demo/?x=1", "simple//demo/", "simple/%2e%2e/demo/", "simple/é/"]
    )
    def test_an_address_that_no_target_has_is_refused(self, site: Site, path: str) -> None:
        assert site.refusal(path) == ["TRU863"]

    @pytest.mark.parametrize(
        "path",
        [
            pytest.param("/%63orp/simple/demo/", id="a letter as an escape"),
            pytest.param("//corp/simple/demo/", id="two slashes"),
            pytest.param("/x/../corp/simple/demo/", id="dots"),
            pytest.param("/x/%2E%2e/corp/simple/demo/", id="dots as escapes"),
            pytest.param("/./corp/simple/demo/", id="one dot"),
            pytest.param("/corp/simple/demo/;x", id="a parameter"),
        ],
    )
    def test_an_address_that_a_server_may_read_as_one_of_the_index_is_refused(
        self, site: Site, path: str
    ) -> None:
        site.server.routes[path] = Reply(body=b"unsigned")

        with pytest.raises(OperationalError) as caught:
            site.transport().fetch(Request(url=site.server.url(path), max_bytes=100))

        assert codes(caught.value) == ["TRU863"]

    @pytest.mark.parametrize("path", ["/other/a%20b.whl", "/other//x", "/corporation/%7Ex/"])
    def test_an_odd_address_elsewhere_is_asked_for_as_ever(self, site: Site, path: str) -> None:
        site.server.routes[path] = Reply(body=b"plain")

        assert site.transport().fetch(Request(url=site.server.url(path), max_bytes=100)).body == b"plain"

    def test_a_target_longer_than_is_wanted_is_refused_unread(self, site: Site) -> None:
        site.repository.add("simple/big/index.json", b" " * 20_000)
        site.serve()

        assert site.refusal("simple/big/") == ["TRU860"]
        assert not [asked for asked in site.server.asked if "/simple/big/" in asked.path]

    def test_a_part_of_a_file_is_never_given(self, site: Site) -> None:
        request = site.request(
            PATH, headers=(("Range", "bytes=0-1"),), expected=frozenset({200, 206, 416}), compressed=False
        )

        assert site.transport().fetch(request).status == 416

    def test_other_addresses_pass_as_they_are(self, site: Site) -> None:
        site.server.routes["/elsewhere"] = Reply(body=b"plain")
        request = Request(url=site.server.url("/elsewhere"), max_bytes=100)

        outcomes = dict(site.transport().fetch_all([request, site.request("simple/demo/")]))

        assert [outcome.body for outcome in outcomes.values() if isinstance(outcome, Response)] == [
            b'{"files": []}',
            b"plain",
        ]


class TestWhatIsKept:
    def test_a_page_is_fetched_once(self, site: Site, tmp_path: Path) -> None:
        for _ in range(2):
            site.transport(cache=str(tmp_path / "targets")).fetch(site.request("simple/demo/"))

        assert site.server.count(site.address("simple/demo/index.json")) == 1

    def test_a_kept_page_that_was_changed_is_fetched_again(self, site: Site, tmp_path: Path) -> None:
        cache = tmp_path / "targets"
        site.transport(cache=str(cache)).fetch(site.request("simple/demo/"))
        (kept,) = [path for path in cache.rglob("*") if path.is_file()]
        kept.write_bytes(b'{"files": 1 }')

        response = site.transport(cache=str(cache)).fetch(site.request("simple/demo/"))

        assert response.body == b'{"files": []}'
        assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600

    def test_a_page_that_is_signed_anew_is_fetched(self, site: Site, tmp_path: Path) -> None:
        cache = str(tmp_path / "targets")
        site.transport(cache=cache).fetch(site.request("simple/demo/"))
        site.repository.add("simple/demo/index.json", b'{"files": [1]}')
        site.serve()

        assert site.transport(cache=cache).fetch(site.request("simple/demo/")).body == b'{"files": [1]}'


class TestFiles:
    def test_a_file_comes_by_its_hash_and_knows_nothing_of_it(self, site: Site) -> None:
        outcome = site.download()

        assert isinstance(outcome, Downloaded)
        assert Path(outcome.download.path).read_bytes() == b"a wheel"
        assert outcome.url == f"{site.base}{PATH}"
        assert outcome.download.token == "mine"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            pytest.param(b"a shell", "TRU854", id="other bytes of the same length"),
            pytest.param(b"a wheel and more", "TRU860", id="more than is signed"),
            pytest.param(b"a", "TRU860", id="less than is signed"),
        ],
    )
    def test_what_is_not_as_signed_leaves_nothing(self, site: Site, body: bytes, code: str) -> None:
        site.server.routes[site.address()] = Reply(body=body)

        outcome = site.download()

        assert isinstance(outcome, DownloadFailed)
        assert codes(outcome) == [code]
        assert outcome.exit_status == 1
        assert not (site.folder / "download").exists()

    def test_a_file_without_end_is_cut_off(self, site: Site) -> None:
        site.server.routes[site.address()] = Reply(body=b"x" * 1000, endless=True)

        outcome = site.download()

        assert isinstance(outcome, DownloadFailed)
        assert codes(outcome) == ["TRU860"]

    def test_a_file_that_does_not_end_in_its_time_is_given_up(self, site: Site) -> None:
        site.server.routes[site.address()] = Reply(body=b"a", announced=7, stalls=True)
        site.transport().fetch(site.request("simple/demo/"))  # metadata, in its own time

        outcome = site.download(limits=HURRIED)

        assert isinstance(outcome, DownloadFailed)
        assert codes(outcome) == ["TRU861"]

    def test_a_file_that_is_signed_and_missing_is_told(self, site: Site) -> None:
        del site.server.routes[site.address()]

        outcome = site.download()

        assert isinstance(outcome, DownloadFailed)
        assert codes(outcome) == ["TRU311"]

    def test_many_files_of_many_bins_come_together(self, site: Site) -> None:
        site.repository = Simulator(bits=4)
        paths = [f"files/p{number}/p{number}.whl" for number in range(40)]
        for path in paths:
            site.repository.add(path, path.encode())
        site.serve()
        downloads = [
            Download(url=f"{site.base}{path}", path=str(site.folder / f"{number}"), max_bytes=1000)
            for number, path in enumerate(paths)
        ]

        outcomes = list(site.transport().download_all(downloads))

        assert len([one for one in outcomes if isinstance(one, Downloaded)]) == 40


class TestMetadata:
    def test_it_comes_compressed(self, site: Site) -> None:
        body = site.repository.metadata["2.snapshot.json"]
        site.server.routes["/corp/metadata/2.snapshot.json"] = compressed(body, {})

        assert site.transport().fetch(site.request("simple/demo/")).status == 200
        assert "gzip" in site.server.last("/corp/metadata/2.snapshot.json").headers["accept-encoding"]

    def test_what_unpacks_to_more_than_it_may_is_cut_off(self, site: Site) -> None:
        bomb = gzip.compress(b" " * 50_000_000)
        site.server.routes["/corp/metadata/timestamp.json"] = Reply(
            body=bomb, headers={"Content-Encoding": "gzip"}
        )

        assert site.refusal("simple/demo/") == ["TRU860"]

    def test_a_timestamp_without_end_is_cut_off(self, site: Site) -> None:
        site.server.routes["/corp/metadata/timestamp.json"] = Reply(body=b" " * 1000, endless=True)

        assert site.refusal("simple/demo/") == ["TRU860"]

    def test_a_server_that_says_little_and_never_ends_is_given_up(self, site: Site) -> None:
        site.server.routes["/corp/metadata/timestamp.json"] = Reply(body=b"{", announced=900, stalls=True)

        assert site.refusal("simple/demo/", limits=HURRIED) == ["TRU861"]

    def test_redirects_are_followed(self, site: Site) -> None:
        site.server.routes["/other"] = Reply(body=site.repository.metadata["timestamp.json"])
        site.server.routes["/corp/metadata/timestamp.json"] = redirect("/other")

        assert site.transport().fetch(site.request("simple/demo/")).status == 200

    def test_a_timestamp_is_asked_of_the_server_itself(self, site: Site) -> None:
        site.transport().fetch(site.request("simple/demo/"))

        assert site.server.last("/corp/metadata/timestamp.json").headers["cache-control"] == "max-age=0"
        assert "cache-control" not in site.server.last("/corp/metadata/2.snapshot.json").headers

    @pytest.mark.parametrize("status", [403, 404, 410])
    def test_a_server_that_has_no_newer_root_may_say_so_in_any_way(self, site: Site, status: int) -> None:
        site.server.routes["/corp/metadata/2.root.json"] = Reply(status=status)

        assert site.transport().fetch(site.request("simple/demo/")).status == 200

    @pytest.mark.parametrize("status", [401, 500, 503])
    def test_a_server_that_fails_is_not_taken_for_one_without_a_newer_root(
        self, site: Site, status: int
    ) -> None:
        site.server.routes["/corp/metadata/2.root.json"] = Reply(status=status)

        assert site.refusal("simple/demo/") in (["TRU311"], ["TRU312"])

    def test_one_failure_is_told_of_everything_that_needed_it(self, site: Site) -> None:
        site.repository.timestamp.expires = NOW - timedelta(days=1)
        site.serve()
        transport = site.transport()

        outcomes = [
            answer for _, answer in transport.fetch_all([site.request("simple/a/"), site.request(PATH)])
        ]

        assert [codes(one) for one in outcomes if isinstance(one, OperationalError)] == [["TRU852"]] * 2


def test_https_is_never_left_for_http(tmp_path: Path) -> None:
    """Nobody believes metadata for where it came from, but whoever reads along learns what is asked for."""
    authority = make_authority(tmp_path)
    authority.issue("good", names="IP:127.0.0.1")
    with (
        Server(tls=authority.server_context("good")) as server,
        Server() as plain,
        Network(tmp_path) as network,
    ):
        site = Site(server, network, tmp_path, settings=TransportSettings(ca_file=authority.certificate))
        site.serve()
        plain.routes["/timestamp.json"] = Reply(body=site.repository.metadata["timestamp.json"])
        server.routes["/corp/metadata/timestamp.json"] = redirect(plain.url("/timestamp.json"))

        assert site.refusal("simple/demo/") == ["TRU318"]
        assert plain.asked == []
