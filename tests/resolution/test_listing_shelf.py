"""Pages kept as listings: they serve the very page they were made of, and nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.index.server import Reply
from tests.resolution.offers import Offers, World
from trued.core.names import ProjectName
from trued.index.entry import Source
from trued.index.project_page import ProjectPage
from trued.resolution.listing_shelf import ListingShelf
from trued.resolution.releases import Releases, read_releases

DEMO = ProjectName("demo")
INDEX = "https://example.org/simple/"
KEPT_AS = f"{'a1' * 32} application/json {INDEX}demo/ {INDEX}"


def releases(*versions: str, status: str = "active", kept_as: str = KEPT_AS) -> Releases:
    entries = [
        {"filename": f"demo-{one}.tar.gz", "url": f"demo-{one}.tar.gz", "hashes": {"sha256": "b2" * 32}}
        for one in versions
    ]
    source = Source(url=f"{INDEX}demo/", index=INDEX, entries=tuple(entries))
    page = ProjectPage(project=DEMO, index=INDEX, sources=[source], status=status, kept_as=kept_as)
    return read_releases(DEMO, page)


def listing_file(folder: Path) -> Path:
    (found,) = (path for path in folder.rglob("*") if path.is_file())
    return found


def found(folder: Path, kept_as: str = KEPT_AS, project: ProjectName = DEMO) -> Releases | None:
    page = ListingShelf(str(folder)).find(project, kept_as)
    return page.releases if page is not None else None


def test_a_kept_listing_says_what_the_page_said(tmp_path: Path) -> None:
    made = releases("1.0", "1.10", "1.9rc1")
    ListingShelf(str(tmp_path), least=1).keep(made)

    again = found(tmp_path)

    assert again is not None
    assert again.packed == made.packed
    assert [again.at(i).files for i in range(3)] == [made.at(i).files for i in range(3)]
    assert again.at(2).files[0].url == f"{INDEX}demo/demo-1.10.tar.gz"


def test_another_content_of_the_page_has_no_listing(tmp_path: Path) -> None:
    ListingShelf(str(tmp_path), least=1).keep(releases("1.0"))

    assert found(tmp_path, KEPT_AS.replace("a1", "a2")) is None
    assert found(tmp_path, project=ProjectName("other")) is None


def test_a_new_content_replaces_the_listing_of_the_old_one(tmp_path: Path) -> None:
    shelf = ListingShelf(str(tmp_path), least=1)
    shelf.keep(releases("1.0"))

    shelf.keep(releases("2.0", kept_as=KEPT_AS.replace("a1", "a2")))

    assert found(tmp_path) is None
    listing_file(tmp_path)


def test_a_page_that_is_not_kept_or_tells_more_than_files_has_no_listing(tmp_path: Path) -> None:
    ListingShelf(str(tmp_path), least=1).keep(releases("1.0", kept_as=""))
    ListingShelf(str(tmp_path), least=1).keep(releases("1.0", status="archived"))

    assert not list(tmp_path.iterdir())


def test_a_short_page_has_no_listing_since_it_is_read_as_fast(tmp_path: Path) -> None:
    ListingShelf(str(tmp_path), least=2).keep(releases("1.0"))

    assert not list(tmp_path.iterdir())


def test_damage_counts_as_absence(tmp_path: Path) -> None:
    ListingShelf(str(tmp_path), least=1).keep(releases("1.0"))
    file = listing_file(tmp_path)
    whole = file.read_bytes()

    for damaged in (b"", whole[:-1], whole[:20] + b"\0" + whole[21:]):
        file.write_bytes(damaged)
        assert found(tmp_path) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_listing_that_others_may_write_to_is_not_believed(tmp_path: Path) -> None:
    ListingShelf(str(tmp_path), least=1).keep(releases("1.0"))
    listing_file(tmp_path).chmod(0o666)

    assert found(tmp_path) is None


def test_a_later_run_reads_no_page_of_which_it_has_the_listing(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0")
    with world.source() as source:
        first = source.listing(DEMO)
    page = max((world.folder / "cache" / "pages").rglob("*"), key=lambda path: path.is_file())
    header = page.read_bytes().partition(b"\n")[0]
    page.write_bytes(header + b"\n")

    with world.source() as source:
        again = source.listing(DEMO)

    assert [one.files for one in again.candidates] == [one.files for one in first.candidates]
    assert len([path for path in world.fetched() if path == "/simple/demo/"]) == 1


def test_a_page_that_changed_on_the_server_is_read_anew(world: World, offers: Offers) -> None:
    offers.page_headers = {"Cache-Control": "no-cache", "ETag": '"1"'}
    offers.wheel("demo", "1.0")
    with world.source() as source:
        assert len(source.listing(DEMO).candidates) == 1

    offers.wheel("demo", "2.0")
    with world.source() as source:
        assert len(source.listing(DEMO).candidates) == 2


def test_a_page_that_arrives_as_it_was_is_taken_from_its_listing(world: World, offers: Offers) -> None:
    offers.page_headers = {"Cache-Control": "no-cache"}
    offers.wheel("demo", "1.0")
    with world.source() as source:
        first = source.listing(DEMO).candidates[0].files
    (listing,) = (path for path in (world.folder / "cache" / "listings").rglob("*") if path.is_file())
    before = listing.stat().st_mtime_ns

    with world.source() as source:
        assert source.listing(DEMO).candidates[0].files == first
    assert listing.stat().st_mtime_ns == before


def test_a_page_that_the_server_calls_unchanged_is_taken_from_its_listing(
    world: World, offers: Offers
) -> None:
    offers.page_headers = {"Cache-Control": "no-cache", "ETag": '"1"'}
    offers.wheel("demo", "1.0")
    with world.source() as source:
        first = source.listing(DEMO).candidates[0].files
    world.server.routes["/simple/demo/"] = Reply(status=304)

    with world.source() as source:
        assert source.listing(DEMO).candidates[0].files == first
