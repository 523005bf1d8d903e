"""What is fetched ahead, shared between targets, and kept for the next run."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from tests.index.network import codes
from tests.index.server import Asked, Reply, Server
from tests.resolution.offers import RULES, TARGET, Offers, World, names
from trued.core.errors import OperationalError
from trued.core.names import ProjectName
from trued.resolution.catalogue import Catalogue, IndexSource
from trued.resolution.errand import Crew, Errand
from trued.resolution.kept_pages import KeptPages
from trued.resolution.metadata_cache import MetadataCache
from trued.resolution.source import CandidateMetadata
from trued.resolution.target import Target

DEMO = ProjectName("demo")
V1 = Version("1.0")
PROJECTS = [f"project{number}" for number in range(12)]


ON_LINUX = replace(TARGET, markers={**TARGET.markers, "sys_platform": "linux"})


def await_paths(world: World, path: str) -> None:
    """Wait until *path* was asked for."""
    deadline = time.monotonic() + 10
    while path not in [asked.path for asked in world.server.asked]:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def visit(world: World, *projects: str) -> list[str]:
    """Do what a resolution does with *projects*: everything ahead, then everything asked."""
    with world.source() as source:
        source.prefetch(names(*projects))
        for project in names(*projects):
            source.listing(project)
        source.prefetch_metadata((project, V1) for project in names(*projects))
        for project in names(*projects):
            assert isinstance(source.metadata(project, V1), CandidateMetadata)
    return world.fetched()


def test_each_page_and_each_metadata_file_is_fetched_once(world: World, offers: Offers) -> None:
    for project in PROJECTS:
        offers.wheel(project, "1.0", "click")

    fetched = visit(world, *PROJECTS, *PROJECTS)

    assert len(fetched) == len(set(fetched)) == 2 * len(PROJECTS) + 1
    assert "/simple/click/" in fetched


def test_a_chain_of_dependencies_is_fetched_without_the_solvers_turn(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", "middle", "elsewhere; sys_platform == 'win32'", "extra-only; extra == 'x'")
    offers.wheel("middle", "1.0", "last")
    offers.wheel("middle", "2.0", "last<2")
    offers.wheel("last", "1.0")
    offers.wheel("last", "2.0")

    with world.source(target=ON_LINUX) as source:
        source.prefetch_metadata([(DEMO, V1)])
        await_paths(world, "/files/last-1.0-py3-none-any.whl.metadata")

    assert world.fetched() == [
        "/files/demo-1.0-py3-none-any.whl.metadata",
        "/files/last-1.0-py3-none-any.whl.metadata",
        "/files/middle-2.0-py3-none-any.whl.metadata",
        "/simple/demo/",
        "/simple/last/",
        "/simple/middle/",
    ]


def test_a_second_run_with_a_fresh_cache_fetches_nothing(world: World, offers: Offers) -> None:
    for project in PROJECTS:
        offers.wheel(project, "1.0", "click")
    visit(world, *PROJECTS)

    assert visit(world, *PROJECTS) == []


def test_a_second_run_asks_again_for_stale_pages_but_never_for_metadata(world: World, offers: Offers) -> None:
    offers.page_headers = {"Cache-Control": "no-cache"}
    offers.wheel("demo", "1.0")
    visit(world, "demo")

    assert visit(world, "demo") == ["/simple/demo/"]


def test_a_range_read_and_a_need_to_build_are_kept_too(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", sidecar=False)
    offers.sdist("source-only", "1.0", {"setup.py": b""})
    for _ in range(2):
        with world.source() as source:
            first = source.metadata(DEMO, V1)
            second = source.metadata(ProjectName("source-only"), V1)
        paths = world.fetched()

    assert isinstance(first, CandidateMetadata)
    assert first.source == "range"
    assert second == source.metadata(ProjectName("source-only"), V1)
    assert paths == []


def test_targets_share_pages_and_metadata(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    other = Target(name="3.12", markers={"python_full_version": "3.12.1"}, tags=("py3-none-any",))

    with world.catalogue(cached=False) as catalogue:
        for target in (TARGET, other):
            source = IndexSource(catalogue, target=target, rules=RULES)
            source.listing(DEMO)
            source.metadata(DEMO, V1)

    assert world.fetched() == ["/files/demo-1.0-py3-none-any.whl.metadata", "/simple/demo/"]


def test_what_one_index_says_of_a_file_is_not_told_of_anothers(world: World, offers: Offers) -> None:
    """An index could else put its own metadata under the digest of a file it does not have."""
    offers.wheel("demo", "1.0", "click")
    cache = MetadataCache(str(world.folder / "cache"))
    with world.source() as source:
        source.metadata(DEMO, V1)
        (file,) = source.listing(DEMO).candidates[0].files
    assert cache.load(file) is not None
    assert cache.load(replace(file, url="https://example.org/demo-1.0-py3-none-any.whl")) is None
    assert cache.load(replace(file, metadata=())) is None


def test_kept_metadata_that_was_damaged_is_fetched_again(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    visit(world, "demo")
    (kept,) = [path for path in Path(world.folder, "cache", "metadata").rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes().replace(b"pep658", b"pep659"))

    assert visit(world, "demo") == ["/files/demo-1.0-py3-none-any.whl.metadata"]


def test_a_listing_waits_for_its_own_page_only(world: World, offers: Offers, server: Server) -> None:
    offers.wheel("demo", "1.0")
    slow = threading.Event()

    def page(asked: Asked) -> Reply:
        slow.wait(10)
        return Reply(status=404)

    server.routes["/simple/slow/"] = page
    with world.source() as source:
        source.prefetch(names("slow", "demo"))

        assert len(source.listing(DEMO).candidates) == 1
        assert not slow.is_set()
        slow.set()


def test_an_error_ahead_is_raised_when_the_answer_is_asked_for_and_not_before(
    world: World, offers: Offers, server: Server
) -> None:
    server.routes["/simple/broken/"] = Reply(status=403)
    offers.wheel("demo", "1.0")

    with world.source() as source:
        source.prefetch(names("broken", "demo"))
        assert source.listing(DEMO).candidates
        with pytest.raises(OperationalError) as caught:
            source.listing(ProjectName("broken"))

    assert codes(caught.value) == ["TRU313"]


def test_a_page_of_links_is_fetched_once_for_all_projects(
    world: World, offers: Offers, server: Server
) -> None:
    server.routes["/links"] = Reply(
        body=b"<a href='demo-1.0.tar.gz'>x</a>", headers={"Content-Type": "text/html"}
    )
    world.locations = replace(world.locations, find_links=(server.url("/links"),))
    for project in PROJECTS:
        offers.wheel(project, "1.0")

    fetched = visit(world, *PROJECTS)

    assert fetched.count("/links") == 1


def kept_only(world: World) -> Catalogue:
    from trued.index.client import IndexClient
    from trued.index.settings import TransportSettings

    transport = world.network.transport(TransportSettings(offline=True))
    pages = KeptPages(str(world.folder / "cache"), now=lambda: 1_900_000_000.0)
    client = IndexClient(transport, world.locations, cache=pages)
    return Catalogue(client, transport, cache=MetadataCache(str(world.folder / "cache")))


def test_offline_what_is_kept_serves_however_old(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", "click")
    visit(world, "demo")

    with kept_only(world) as catalogue:
        found = IndexSource(catalogue, target=TARGET, rules=RULES).metadata(DEMO, V1)

    assert isinstance(found, CandidateMetadata)
    assert found.requires_dist == ("click",)
    assert world.fetched() == []


def test_offline_what_is_missing_is_named(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")

    with kept_only(world) as catalogue, pytest.raises(OperationalError) as caught:
        IndexSource(catalogue, target=TARGET, rules=RULES).listing(DEMO)

    assert [(finding.code, finding.subject) for finding in caught.value.findings] == [("TRU301", "demo")]


def test_no_thread_is_left_when_a_run_ends_with_an_error(world: World, offers: Offers) -> None:
    for project in PROJECTS:
        offers.wheel(project, "1.0")
    before = set(threading.enumerate())

    def run() -> None:
        with world.source() as source:
            source.prefetch(names(*PROJECTS))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()

    ours = [one for one in set(threading.enumerate()) - before if "process_request" not in one.name]
    assert ours == []


def test_an_errand_is_done_once_by_whoever_needs_it_first() -> None:
    done: list[str] = []
    errand = Errand(lambda: done.append(threading.current_thread().name))
    crew = Crew(2)

    errand.result()
    crew.begin(errand)
    crew.close()

    assert done == [threading.current_thread().name]


def test_what_an_errand_raises_is_raised_to_each_who_asks() -> None:
    errand = Errand(lambda: 1 // 0)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            errand.result()


def test_a_closed_crew_begins_nothing_and_the_work_is_done_where_it_is_needed() -> None:
    crew = Crew(1)
    crew.close()
    errand = Errand(lambda: 7)
    crew.begin(errand)

    assert errand.result() == 7
