"""The ladder to a release's metadata, and what is fetched at each rung."""

from __future__ import annotations

import pytest
from packaging.version import Version

from tests.index.network import codes
from tests.index.server import Reply, Server
from tests.resolution.offers import Offers, World, metadata_text, wheel
from trued.core.errors import OperationalError, Refused
from trued.core.names import ProjectName
from trued.resolution.listing import Exclusion
from trued.resolution.source import CandidateMetadata

DEMO = ProjectName("demo")
V1 = Version("1.0")
WHEEL = "/files/demo-1.0-py3-none-any.whl"
SDIST = "/files/demo-1.0.tar.gz"


def answer(world: World, project: str = "demo", version: str = "1.0") -> CandidateMetadata | Exclusion:
    with world.source() as source:
        return source.metadata(ProjectName(project), Version(version))


def metadata(world: World) -> CandidateMetadata:
    found = answer(world)
    assert isinstance(found, CandidateMetadata)
    return found


def exclusion(world: World) -> Exclusion:
    found = answer(world)
    assert isinstance(found, Exclusion)
    return found


def test_the_sidecar_tells_without_the_wheel(world: World, offers: Offers) -> None:
    offers.wheel("demo", "1.0", "click>=8", 'rich; extra == "x"')

    found = metadata(world)

    assert found.requires_dist == ("click>=8", 'rich; extra == "x"')
    assert found.source == "pep658"
    assert world.fetched() == [f"{WHEEL}.metadata", "/simple/demo/"]


def test_fields_are_read_as_the_core_metadata_says(world: World, offers: Offers, server: Server) -> None:
    text = metadata_text("Demo", "1.0.0", "click") + b"Requires-Python: >=3.9\nProvides-Extra: Some_Extra\n"
    offers.wheel("demo", "1.0", said={"core-metadata": True})
    server.routes[f"{WHEEL}.metadata"] = Reply(body=text)

    found = metadata(world)

    assert found.requires_python == ">=3.9"
    assert found.provides_extra == {"some-extra"}


def test_a_sidecar_that_is_not_what_the_page_states_is_refused(
    world: World, offers: Offers, server: Server
) -> None:
    """Metadata chosen by somebody else decides what is installed."""
    offers.wheel("demo", "1.0", "click")
    server.routes[f"{WHEEL}.metadata"] = Reply(body=metadata_text("demo", "1.0", "evil"))

    with pytest.raises(Refused) as caught:
        answer(world)

    assert codes(caught.value) == ["TRU351"]


def test_metadata_of_another_project_or_version_is_not_believed(
    world: World, offers: Offers, server: Server
) -> None:
    offers.wheel("demo", "1.0", said={"core-metadata": True})
    for text in (metadata_text("other", "1.0"), metadata_text("demo", "2.0"), b"\xff\xfe"):
        server.routes[f"{WHEEL}.metadata"] = Reply(body=text)

        with world.source(cached=False) as source:
            found = source.metadata(DEMO, V1)

        assert isinstance(found, Exclusion)
        assert found.reason == "bad-metadata"


def test_without_sidecar_the_wheel_is_read_in_parts(world: World, offers: Offers, server: Server) -> None:
    big = {"demo/data.bin": bytes(range(256)) * 2000}
    content = wheel("demo", "1.0", "click>=8", files=big)
    offers.wheel("demo", "1.0", sidecar=False, content=content)

    found = metadata(world)

    assert (found.requires_dist, found.source) == (("click>=8",), "range")
    assert all("range" in asked.headers for asked in server.asked if asked.path == WHEEL)


def test_a_sidecar_that_is_promised_and_missing_is_passed_over(
    world: World, offers: Offers, server: Server
) -> None:
    offers.wheel("demo", "1.0", "click")
    del server.routes[f"{WHEEL}.metadata"]

    assert metadata(world).source == "range"


def test_a_server_without_ranges_is_asked_for_the_whole_wheel(world: World, offers: Offers) -> None:
    offers.ranges = False
    noise = {"demo/data.bin": b"".join(i.to_bytes(4, "little") for i in range(40_000))}
    offers.wheel("demo", "1.0", sidecar=False, content=wheel("demo", "1.0", "click", files=noise))

    assert (metadata(world).requires_dist, metadata(world).source) == (("click",), "wheel")


def test_a_server_without_ranges_is_tried_for_them_once(world: World, offers: Offers, server: Server) -> None:
    offers.ranges = False
    noise = {"demo/data.bin": b"".join(i.to_bytes(4, "little") for i in range(40_000))}
    for version in ("1.0", "2.0"):
        offers.wheel("demo", version, sidecar=False, content=wheel("demo", version, files=noise))

    with world.source() as source:
        source.metadata(DEMO, V1)
        source.metadata(DEMO, Version("2.0"))

    assert sum("range" in asked.headers for asked in server.asked) == 1


def test_a_whole_wheel_with_another_digest_than_stated_is_not_opened(world: World, offers: Offers) -> None:
    offers.ranges = False
    noise = {"demo/data.bin": b"".join(i.to_bytes(4, "little") for i in range(40_000))}
    content = wheel("demo", "1.0", files=noise)
    offers.wheel("demo", "1.0", sidecar=False, content=content, said={"hashes": {"sha256": "0" * 64}})

    with pytest.raises(Refused) as caught:
        answer(world)

    assert codes(caught.value) == ["TRU380"]


def test_a_wheel_of_a_folder_is_read_whole(world: World, offers: Offers) -> None:
    from dataclasses import replace

    (world.folder / "links").mkdir()
    (world.folder / "links" / "demo-1.0-py3-none-any.whl").write_bytes(wheel("demo", "1.0", "click"))
    world.locations = replace(world.locations, indexes=(), find_links=((world.folder / "links").as_uri(),))

    assert (metadata(world).requires_dist, metadata(world).source) == (("click",), "wheel")
    assert world.fetched() == []


def test_a_wheel_that_is_not_well_formed_says_so_and_leaves_the_others(world: World) -> None:
    from dataclasses import replace

    (world.folder / "links").mkdir()
    (world.folder / "links" / "demo-1.0-py3-none-any.whl").write_bytes(b"PK no archive")
    world.locations = replace(world.locations, indexes=(), find_links=((world.folder / "links").as_uri(),))

    assert exclusion(world).reason == "bad-wheel"


def test_the_best_fitting_wheel_speaks_before_any_other_and_before_the_sdist(
    world: World, offers: Offers
) -> None:
    offers.sdist("demo", "1.0", {})
    offers.wheel("demo", "1.0", "windows", tags="cp311-cp311-win_amd64")
    offers.wheel("demo", "1.0", "anything")
    offers.wheel("demo", "1.0", "linux", tags="cp311-cp311-linux_x86_64")

    assert metadata(world).requires_dist == ("linux",)


def test_another_targets_wheel_speaks_where_none_fits(world: World, offers: Offers) -> None:
    offers.sdist("demo", "1.0", {})
    offers.wheel("demo", "1.0", "windows", tags="cp311-cp311-win_amd64")

    assert metadata(world).requires_dist == ("windows",)


def test_an_sdist_speaks_through_pkg_info_of_metadata_2_2(world: World, offers: Offers) -> None:
    offers.sdist("demo", "1.0", {"PKG-INFO": metadata_text("demo", "1.0", "click", head="2.2")})

    assert (metadata(world).requires_dist, metadata(world).source) == (("click",), "sdist")


PYPROJECT = b"""
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["click>=8"]
[project.optional-dependencies]
Fast_Mode = ["speedups; python_version < '4' or os_name == 'nt'", "other @ https://example.org/o.whl"]
"""


def test_an_older_pkg_info_binds_nothing_and_pyproject_speaks(world: World, offers: Offers) -> None:
    offers.sdist(
        "demo", "1.0", {"PKG-INFO": metadata_text("demo", "1.0", "wrong"), "pyproject.toml": PYPROJECT}
    )

    found = metadata(world)

    assert found.requires_python == ">=3.9"
    assert found.provides_extra == {"fast-mode"}
    assert found.requires_dist == (
        "click>=8",
        'speedups; (python_version < "4" or os_name == "nt") and extra == "fast-mode"',
        'other @ https://example.org/o.whl ; extra == "fast-mode"',
    )


@pytest.mark.parametrize("field", ["Requires-Dist", "requires-python", "Provides-Extra"])
def test_a_dynamic_field_that_matters_needs_a_build(world: World, offers: Offers, field: str) -> None:
    text = metadata_text("demo", "1.0", head="2.2") + f"Dynamic: {field}\n".encode()
    offers.sdist("demo", "1.0", {"PKG-INFO": text})

    assert exclusion(world).reason == "needs-build"
    assert "demo-1.0.tar.gz" in exclusion(world).text


@pytest.mark.parametrize(
    "table",
    [
        b'[project]\nname = "demo"\ndynamic = ["dependencies"]\n',
        b'[project]\nname = "demo"\ndynamic = ["optional-dependencies"]\n',
        b'[project]\nname = "other"\ndependencies = []\n',
        b'[project]\nname = "demo"\n[project.optional-dependencies]\nx = ["not a requirement !"]\n',
        b'[tool.poetry]\nname = "demo"\n',
        b"[project\n",
        b"\xff",
    ],
)
def test_a_pyproject_that_does_not_say_it_for_certain_needs_a_build(
    world: World, offers: Offers, table: bytes
) -> None:
    offers.sdist("demo", "1.0", {"pyproject.toml": table, "setup.py": b"raise SystemExit"})

    assert exclusion(world).reason == "needs-build"


def test_only_the_top_folders_files_speak_for_an_sdist(world: World, offers: Offers) -> None:
    """A vendored project inside must not speak for the one around it."""
    offers.sdist("demo", "1.0", {"vendor/demo/PKG-INFO": metadata_text("demo", "1.0", "evil", head="2.2")})

    assert exclusion(world).reason == "needs-build"


def test_an_sdist_that_cannot_be_read_is_told(world: World, offers: Offers) -> None:
    offers.file("demo", "demo-1.0.tar.gz", b"\x1f\x8b\x08\x00 broken")

    assert exclusion(world).reason == "bad-metadata"


def test_a_server_that_cannot_be_reached_is_an_error_and_never_a_reason_against_a_release(
    world: World, offers: Offers, server: Server
) -> None:
    offers.wheel("demo", "1.0")
    server.routes[f"{WHEEL}.metadata"] = Reply(status=503)

    with pytest.raises(OperationalError) as caught:
        answer(world)

    assert codes(caught.value) == ["TRU311"]
