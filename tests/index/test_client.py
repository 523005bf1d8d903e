"""The index client: which index is asked for what, what is kept, and that an outage never chooses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.index.network import Network, codes
from tests.index.server import Asked, Reply, Server, in_turn
from trued.core.distribution import Distribution
from trued.core.errors import OperationalError, Refused, UsageError
from trued.core.limits import Limits
from trued.core.names import ProjectName
from trued.index.client import IndexClient, yanked_findings
from trued.index.locations import Locations, find_locations
from trued.index.page_cache import PageCache

DEMO, OTHER = ProjectName("demo"), ProjectName("other")
JSON = "application/vnd.pypi.simple.v1+json"


def listing(project: str, *filenames: str, **headers: str) -> Reply:
    files = [{"filename": name, "url": f"../../files/{name}", "hashes": {}} for name in filenames]
    body = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": files}).encode()
    return Reply(
        body=body,
        headers={"Content-Type": JSON, **{key.replace("_", "-"): value for key, value in headers.items()}},
    )


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


Opens = Callable[..., IndexClient]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(server: Server, network: Network, clock: Clock) -> Opens:
    """Opens a client for the indexes /one/, /two/ ... of the server, or for the locations given."""

    def open_client(
        *indexes: str,
        locations: Locations | None = None,
        cache: Path | None = None,
        refresh: bool = False,
        **settings: object,
    ) -> IndexClient:
        addresses = [server.url(f"/{name}/") for name in indexes]
        found = locations or find_locations(
            index_url=addresses[0],
            extra_index_urls=addresses[1:],
            credentials=network.credentials,
            default_url=never,
            **settings,  # type: ignore[arg-type]  # handed through as a test writes them
        )
        kept = PageCache(str(cache), now=clock) if cache else None
        return IndexClient(network.transport(), found, cache=kept, refresh=refresh)

    return open_client


def never() -> str:
    raise AssertionError("no default is needed when an index is named")


def names(client: IndexClient, project: ProjectName = DEMO) -> list[str]:
    return [file.filename for file in client.pages([project])[project].files]


def test_json_is_asked_for_by_preference(server: Server, client: Opens) -> None:
    server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")

    assert names(client("one")) == ["demo-1.0.tar.gz"]
    accepted = server.last("/one/demo/").headers["accept"]
    assert accepted.split(",")[0] == JSON
    assert "text/html;q=0.01" in accepted


def test_addresses_start_where_the_page_came_from(server: Server, client: Opens) -> None:
    server.routes["/one/demo/"] = Reply(status=301, headers={"Location": "/mirror/x/demo/"})
    server.routes["/mirror/x/demo/"] = listing("demo", "demo-1.0.tar.gz")

    (file,) = client("one").pages([DEMO])[DEMO].files

    assert file.url == server.url("/mirror/files/demo-1.0.tar.gz")
    assert file.index == server.url("/one/")


def test_the_first_index_that_has_a_project_wins(server: Server, client: Opens) -> None:
    """Dependency confusion (CVE-2018-20225): a higher version elsewhere must not win."""
    server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
    server.routes["/two/demo/"] = listing("demo", "demo-99.0.tar.gz")

    assert names(client("one", "two")) == ["demo-1.0.tar.gz"]
    assert server.count("/two/demo/") == 0


@pytest.mark.parametrize("status", [404, 410])
def test_the_next_index_is_asked_when_one_has_it_not(server: Server, client: Opens, status: int) -> None:
    server.routes["/one/demo/"] = Reply(status=status)
    server.routes["/two/demo/"] = listing("demo", "demo-1.0.tar.gz")

    assert names(client("one", "two")) == ["demo-1.0.tar.gz"]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(status=500), id="trouble"),
        pytest.param(Reply(status=403), id="forbidden"),
        pytest.param(Reply(status=401), id="credentials"),
        pytest.param(Reply(hangs_up=True), id="hangs up"),
        pytest.param(Reply(body=b"{", headers={"Content-Type": JSON}), id="broken page"),
        pytest.param(Reply(body=b"hello", headers={"Content-Type": "text/plain"}), id="no page"),
        pytest.param(Reply(status=304), id="unchanged, though nothing was kept"),
    ],
)
def test_an_outage_does_not_choose_the_index(server: Server, client: Opens, reply: Reply) -> None:
    server.routes["/one/demo/"] = reply
    server.routes["/two/demo/"] = listing("demo", "demo-99.0.tar.gz")

    with pytest.raises(OperationalError):
        client("one", "two").pages([DEMO])

    assert server.count("/two/demo/") == 0


def test_merging_is_on_request_and_keeps_the_order(server: Server, client: Opens) -> None:
    server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
    server.routes["/two/demo/"] = listing("demo", "demo-2.0.tar.gz")

    assert names(client("one", "two", merge=True)) == ["demo-1.0.tar.gz", "demo-2.0.tar.gz"]


def test_a_project_that_no_index_has_is_left_out_and_told(server: Server, client: Opens) -> None:
    server.routes["/two/other/"] = listing("other", "other-1.0.tar.gz")
    opened = client("one", "two")

    assert list(opened.pages([DEMO, OTHER])) == [OTHER]
    absence = opened.absence(DEMO)
    assert codes(OperationalError(absence)) == ["TRU352"]
    assert absence.values["places"] == f"{server.url('/one/')}, {server.url('/two/')}"


def test_all_problems_are_told_together(server: Server, client: Opens) -> None:
    server.routes["/one/demo/"] = Reply(status=403)
    server.routes["/one/other/"] = Reply(body=b"[]", headers={"Content-Type": JSON})

    with pytest.raises(OperationalError) as raised:
        client("one").pages([DEMO, OTHER])

    assert sorted(codes(raised.value)) == ["TRU313", "TRU341"]


def test_a_bound_project_is_looked_for_in_its_index_only(server: Server, client: Opens) -> None:
    server.routes["/one/demo/"] = listing("demo", "demo-99.0.tar.gz")
    server.routes["/inside/demo/"] = listing("demo", "demo-1.0.tar.gz")
    server.routes["/one/other/"] = listing("other", "other-1.0.tar.gz")
    opened = client("one", named={"inside": server.url("/inside/")}, bindings={"DEMO": "inside"})

    assert names(opened) == ["demo-1.0.tar.gz"]
    assert names(opened, OTHER) == ["other-1.0.tar.gz"]
    assert [asked.path for asked in server.asked] == ["/inside/demo/", "/one/other/"]


def test_a_bound_project_that_its_index_has_not_is_not_looked_for_elsewhere(
    server: Server, client: Opens
) -> None:
    server.routes["/one/acme-tool/"] = listing("acme-tool", "acme_tool-99.0.tar.gz")
    opened = client("one", named={"inside": server.url("/inside/")}, bindings={"acme-*": "inside"})

    assert opened.pages([ProjectName("acme-tool")]) == {}
    assert server.count("/one/acme-tool/") == 0


def test_a_binding_to_an_unknown_name_is_refused(server: Server, client: Opens) -> None:
    with pytest.raises(UsageError) as raised:
        client("one", named={"inside": server.url("/inside/")}, bindings={"demo": "insid"})

    assert codes(raised.value) == ["TRU354"]


def test_an_index_address_that_cannot_be_read_is_refused_without_its_secret(network: Network) -> None:
    with pytest.raises(UsageError) as raised:
        find_locations(
            index_url="htps://ann:hush@index.example.org/",
            credentials=network.credentials,
            default_url=never,
        )

    assert codes(raised.value) == ["TRU328"]
    assert "hush" not in str(raised.value)


def test_without_an_index_named_the_default_is_asked(network: Network) -> None:
    found = find_locations(credentials=network.credentials, default_url=lambda: "https://index.example.org/s")

    assert [index.url for index in found.indexes] == ["https://index.example.org/s/"]


def test_no_index_asks_none_and_no_default(network: Network) -> None:
    found = find_locations(
        index_url="https://index.example.org/",
        no_index=True,
        bindings={"demo": "https://inside.example.org/"},
        credentials=network.credentials,
        default_url=never,
    )

    assert found.indexes_for(DEMO) == ()


def test_a_folder_laid_out_as_an_index_is_one(network: Network, tmp_path: Path) -> None:
    page = tmp_path / "simple" / "demo"
    page.mkdir(parents=True)
    (page / "index.html").write_text('<a href="../../files/demo-1.0.tar.gz">x</a>')
    found = find_locations(
        index_url=str(tmp_path / "simple"), credentials=network.credentials, default_url=never
    )

    pages = IndexClient(network.transport(), found).pages([DEMO, OTHER])

    assert [file.url for file in pages[DEMO].files] == [(tmp_path / "files/demo-1.0.tar.gz").as_uri()]
    assert OTHER not in pages


class TestCache:
    """Pages are kept as long as the server says, and asked for again by what names their version."""

    def test_a_fresh_page_is_not_asked_for_again(self, server: Server, client: Opens, tmp_path: Path) -> None:
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")

        assert names(client("one", cache=tmp_path)) == names(client("one", cache=tmp_path))
        assert server.count("/one/demo/") == 1

    def test_a_page_is_stale_after_ten_minutes(
        self, server: Server, client: Opens, clock: Clock, tmp_path: Path
    ) -> None:
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
        names(client("one", cache=tmp_path))

        clock.seconds += 599
        names(client("one", cache=tmp_path))
        assert server.count("/one/demo/") == 1
        clock.seconds += 1
        names(client("one", cache=tmp_path))
        assert server.count("/one/demo/") == 2

    @pytest.mark.parametrize(
        ("control", "after", "requests"),
        [
            ("max-age=60", 59, 1),
            ("max-age=60", 60, 2),
            ("public, Max-Age=3600", 3000, 1),
            ("no-cache", 0, 2),
            ("no-store", 0, 2),
            ("max-age=0", 0, 2),
            ("max-age=soon", 0, 2),
            ("max-age=99999999", 86_400, 2),
            ("max-age=60", -1, 2),
        ],
    )
    def test_the_server_says_for_how_long(
        self,
        server: Server,
        client: Opens,
        clock: Clock,
        tmp_path: Path,
        control: str,
        after: int,
        requests: int,
    ) -> None:
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz", Cache_Control=control)
        names(client("one", cache=tmp_path))

        clock.seconds += after
        names(client("one", cache=tmp_path))

        assert server.count("/one/demo/") == requests

    def test_the_age_it_had_already_counts(
        self, server: Server, client: Opens, clock: Clock, tmp_path: Path
    ) -> None:
        server.routes["/one/demo/"] = listing("demo", Cache_Control="max-age=60", Age="50")
        names(client("one", cache=tmp_path))

        clock.seconds += 10
        names(client("one", cache=tmp_path))

        assert server.count("/one/demo/") == 2

    def test_a_stale_page_is_asked_for_by_its_tag_and_used_when_unchanged(
        self, server: Server, client: Opens, clock: Clock, tmp_path: Path
    ) -> None:
        date = "Tue, 14 Nov 2023 22:13:20 GMT"
        page = listing("demo", "demo-1.0.tar.gz", ETag='"1"', Last_Modified=date)
        server.routes["/one/demo/"] = in_turn(page, Reply(status=304))
        names(client("one", cache=tmp_path))

        clock.seconds += 1000
        assert names(client("one", cache=tmp_path)) == ["demo-1.0.tar.gz"]
        asked = server.last("/one/demo/").headers
        assert (asked["if-none-match"], asked["if-modified-since"]) == ('"1"', date)

        clock.seconds += 599
        names(client("one", cache=tmp_path))
        assert server.count("/one/demo/") == 2

    def test_a_page_that_changed_takes_its_place(
        self, server: Server, client: Opens, clock: Clock, tmp_path: Path
    ) -> None:
        server.routes["/one/demo/"] = in_turn(
            listing("demo", "demo-1.0.tar.gz", ETag='"1"'), listing("demo", "demo-2.0.tar.gz", ETag='"2"')
        )
        names(client("one", cache=tmp_path))

        clock.seconds += 1000
        assert names(client("one", cache=tmp_path)) == ["demo-2.0.tar.gz"]
        assert names(client("one", cache=tmp_path)) == ["demo-2.0.tar.gz"]

    def test_refreshing_asks_for_a_fresh_page_too(
        self, server: Server, client: Opens, tmp_path: Path
    ) -> None:
        server.routes["/one/demo/"] = in_turn(
            listing("demo", "demo-1.0.tar.gz", ETag='"1"'), Reply(status=304)
        )
        names(client("one", cache=tmp_path))

        assert names(client("one", cache=tmp_path, refresh=True)) == ["demo-1.0.tar.gz"]
        assert server.last("/one/demo/").headers["cache-control"] == "max-age=0"

    def test_a_page_got_with_credentials_is_never_used_without_asking(
        self, server: Server, client: Opens, network: Network, tmp_path: Path
    ) -> None:
        """Whoever runs next may not be allowed to see it any more."""

        def private(asked: Asked) -> Reply:
            allowed = "authorization" in asked.headers
            return listing("demo", "demo-1.0.tar.gz", ETag='"1"') if allowed else Reply(status=401)

        server.routes["/one/demo/"] = private
        network.credentials.remember(server.url("/one/").replace("://", "://ann:secret@"))
        names(client("one", cache=tmp_path))
        network.with_home({})

        with pytest.raises(OperationalError) as raised:
            client("one", cache=tmp_path).pages([DEMO])

        assert codes(raised.value) == ["TRU312"]

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda data: b"", id="empty"),
            pytest.param(lambda data: data[:-5], id="cut off"),
            pytest.param(lambda data: data.replace(b"demo-1.0", b"demo-6.6"), id="edited"),
            pytest.param(lambda data: b"null\n" + data, id="another header"),
            pytest.param(lambda data: b"{}\n" + data, id="empty header"),
            pytest.param(lambda data: b"\xff\x00\n" + data, id="no text"),
            pytest.param(lambda data: data.replace(b'"format": 2', b'"format": 9'), id="another format"),
            pytest.param(lambda data: data.replace(b'"fetched": 1', b'"fetched": [1], "x": 1'), id="type"),
        ],
    )
    def test_a_damaged_page_counts_as_absent(
        self, server: Server, client: Opens, tmp_path: Path, damage: Callable[[bytes], bytes]
    ) -> None:
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
        names(client("one", cache=tmp_path))
        (kept,) = (path for path in tmp_path.rglob("*") if path.is_file())
        kept.write_bytes(damage(kept.read_bytes()))

        assert names(client("one", cache=tmp_path)) == ["demo-1.0.tar.gz"]
        assert server.count("/one/demo/") == 2

    def test_a_cache_that_cannot_be_written_is_done_without(
        self, server: Server, client: Opens, tmp_path: Path
    ) -> None:
        (tmp_path / "pages").write_bytes(b"in the way")
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")

        assert names(client("one", cache=tmp_path)) == ["demo-1.0.tar.gz"]

    def test_no_secret_is_kept(self, server: Server, client: Opens, network: Network, tmp_path: Path) -> None:
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
        network.credentials.remember(server.url("/one/").replace("://", "://ann:hush@"))

        names(client("one", cache=tmp_path))

        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"hush" not in kept
        assert b"demo-1.0" in kept

    def test_an_absent_project_is_asked_for_again(
        self, server: Server, client: Opens, tmp_path: Path
    ) -> None:
        client("one", cache=tmp_path).pages([DEMO])
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")

        assert names(client("one", cache=tmp_path)) == ["demo-1.0.tar.gz"]


class TestFindLinks:
    """Folders and pages of links are looked at besides the indexes."""

    def locations(self, network: Network, *links: str) -> Locations:
        return find_locations(
            find_links=links, no_index=True, credentials=network.credentials, default_url=never
        )

    def test_a_folder_offers_its_wheels_and_sdists(
        self, client: Opens, network: Network, tmp_path: Path
    ) -> None:
        for name in (
            "demo-1.0-py3-none-any.whl",
            "Demo-2.0.tar.gz",
            "other-1.0.zip",
            "demo.txt",
            "demo-3 .whl",
        ):
            (tmp_path / name).touch()

        opened = client(locations=self.locations(network, str(tmp_path)))

        pages = opened.pages([DEMO, ProjectName("none")])
        assert {file.filename for file in pages[DEMO].files} == {
            "demo-1.0-py3-none-any.whl",
            "Demo-2.0.tar.gz",
        }
        assert {file.url for file in pages[DEMO].files} == {
            (tmp_path / name).as_uri() for name in ("demo-1.0-py3-none-any.whl", "Demo-2.0.tar.gz")
        }
        assert pages[DEMO].findings == ()
        assert list(pages) == [DEMO]

    def test_a_single_wheel_is_a_location(self, client: Opens, network: Network, tmp_path: Path) -> None:
        wheel = tmp_path / "demo-1.0+l-py3-none-any.whl"
        wheel.touch()

        assert names(client(locations=self.locations(network, wheel.as_uri()))) == [wheel.name]

    def test_a_local_page_of_links_is_a_location(
        self, client: Opens, network: Network, tmp_path: Path
    ) -> None:
        page = tmp_path / "links.html"
        page.write_text(
            '<a href="files/demo-1.0.tar.gz">x</a><a href="../">up</a><a href="other-1.zip">y</a>'
        )

        (file,) = client(locations=self.locations(network, str(page))).pages([DEMO])[DEMO].files

        assert file.url == (tmp_path / "files" / "demo-1.0.tar.gz").as_uri()

    def test_a_page_of_links_from_the_network_is_a_location(
        self, server: Server, client: Opens, network: Network
    ) -> None:
        body = b'<a href="demo-1.0.tar.gz#sha256=%s">x</a>' % (b"a" * 64)
        server.routes["/links"] = Reply(body=body, headers={"Content-Type": "text/html"})

        opened = client(locations=self.locations(network, server.url("/links")))

        (file,) = opened.pages([DEMO])[DEMO].files
        assert (file.url, str(file.digests[0])) == (server.url("/demo-1.0.tar.gz"), f"sha256:{'a' * 64}")

    def test_locations_that_cannot_be_read_are_told_together(
        self, server: Server, client: Opens, network: Network, tmp_path: Path
    ) -> None:
        opened = client(
            locations=self.locations(network, str(tmp_path / "none"), server.url("/none"), str(tmp_path))
        )

        with pytest.raises(OperationalError) as raised:
            opened.pages([DEMO])

        assert codes(raised.value) == ["TRU353", "TRU353"]

    def test_files_of_an_index_come_before_those_of_a_folder(
        self, server: Server, client: Opens, tmp_path: Path
    ) -> None:
        (tmp_path / "demo-1.0.tar.gz").touch()
        server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz", "demo-2.0.tar.gz")

        files = client("one", find_links=[str(tmp_path)]).pages([DEMO])[DEMO].files

        assert [(file.filename, file.url.startswith("file:")) for file in files] == [
            ("demo-1.0.tar.gz", False),
            ("demo-2.0.tar.gz", False),
            ("demo-1.0.tar.gz", True),
        ]


class TestMetadata:
    """The metadata beside a file (PEP 658) is compared with what the page states of it."""

    def file(self, server: Server, client: Opens, stated: object) -> Distribution:
        name = "demo-1.0-py3-none-any.whl"
        entry = {"filename": name, "url": f"/files/{name}", "hashes": {}, "core-metadata": stated}
        body = json.dumps({"files": [entry]}).encode()
        server.routes["/one/demo/"] = Reply(body=body, headers={"Content-Type": JSON})
        (file,) = client("one").pages([DEMO])[DEMO].files
        return file

    def test_it_is_fetched_and_compared(self, server: Server, client: Opens) -> None:
        body = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
        server.routes["/files/demo-1.0-py3-none-any.whl.metadata"] = Reply(body=body)
        file = self.file(server, client, {"sha256": hashlib.sha256(body).hexdigest()})

        assert list(client("one").metadata([file])) == [(file, body)]

    def test_it_is_refused_when_it_is_another(self, server: Server, client: Opens) -> None:
        server.routes["/files/demo-1.0-py3-none-any.whl.metadata"] = Reply(body=b"Name: evil\n")
        file = self.file(server, client, {"sha256": "a" * 64})

        ((_, outcome),) = client("one").metadata([file])

        assert isinstance(outcome, Refused)
        assert codes(outcome) == ["TRU351"]

    def test_every_digest_stated_must_hold(self, server: Server, client: Opens) -> None:
        body = b"Name: demo\n"
        server.routes["/files/demo-1.0-py3-none-any.whl.metadata"] = Reply(body=body)
        file = self.file(server, client, {"sha256": hashlib.sha256(body).hexdigest(), "md5": "0" * 32})

        ((_, outcome),) = client("one").metadata([file])

        assert isinstance(outcome, Refused)

    def test_an_error_is_handed_over_with_its_file(self, server: Server, client: Opens) -> None:
        file = self.file(server, client, True)

        ((given, outcome),) = client("one").metadata([file])

        assert given is file
        assert isinstance(outcome, OperationalError)


def test_yanked_files_are_told_with_their_reason() -> None:
    files = [
        Distribution(project=DEMO, version=str(n), filename=f"demo-{n}.zip", url="", yanked=yanked)
        for n, yanked in enumerate((None, "", "broken"))
    ]

    told = yanked_findings(files)

    assert codes(OperationalError(*told)) == ["TRU349", "TRU349"]
    assert [finding.values["reason"] for finding in told] == ["no reason given", "broken"]


def test_pages_arrive_as_they_are_ready(server: Server, client: Opens, network: Network) -> None:
    network.limits = Limits(connections=2)
    server.routes["/one/demo/"] = listing("demo", "demo-1.0.tar.gz")
    server.routes["/one/other/"] = Reply(body=b"x", announced=9, stalls=True)

    project, page = next(client("one").iter_pages([OTHER, DEMO]))

    assert (project, getattr(page, "project", None)) == (DEMO, DEMO)
