"""A page packed: its releases in the order of PEP 440, and each entry as the page had it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from trued.core.names import ProjectName
from trued.resolution.packed_page import LOOK, entry_of, pack, unpacked

DEMO = ProjectName("demo")

numbers = st.integers(0, 12).map(str)
plain = st.lists(numbers, min_size=1, max_size=4).map(".".join)
suffixes = st.sampled_from(["", "a1", "b2", "rc1", ".post1", ".dev3", "a1.dev2", ".post1.dev1", "+local.1"])
versions = st.one_of(
    st.tuples(plain, suffixes).map("".join),
    st.text("0123456789.abcdevrpostl+!_ \x1c\u0663", min_size=1, max_size=9),
)


def named(version: str) -> dict[str, object]:
    return {"filename": f"demo-{version.replace('-', '_')}-py3-none-any.whl"}


@given(st.lists(versions, max_size=12))
def test_releases_rise_as_packaging_sorts_them_and_no_version_is_lost(texts: list[str]) -> None:
    expected: dict[Version, str] = {}
    for text in texts:
        try:
            expected.setdefault(Version(text.replace("_", "-")), text)
        except InvalidVersion:
            continue

    packed = pack(DEMO, [[named(text) for text in texts]])

    assert [Version(text) for text in packed.texts] == sorted(expected)
    assert [str(Version(text)) for text in packed.texts] == [
        str(Version(expected[one].replace("_", "-"))) for one in sorted(expected)
    ]
    assert [bool(one) for one in packed.finals] == [not one.is_prerelease for one in sorted(expected)]


def test_files_of_a_release_stay_in_the_order_of_the_page_however_its_version_is_spelled() -> None:
    entries: list[dict[str, object]] = [*map(named, ("1.0", "2.0", "1.0.0")), {"filename": "demo-1.0.tar.gz"}]

    packed = pack(DEMO, [entries])

    names = [row[2][0] for row in unpacked(packed.rows[0])]
    assert names == [entries[i]["filename"] for i in (0, 2, 3)]


def test_an_entry_comes_back_with_all_that_is_ever_read_of_it() -> None:
    entry = {
        "filename": "demo-1.0-py3-none-any.whl",
        "url": "../files/demo-1.0-py3-none-any.whl",
        "hashes": {"sha256": "a1" * 32, "md5": "b2" * 16},
        "requires-python": ">=3.9",
        "yanked": "broken",
        "upload-time": "2026-01-01T00:00:00Z",
        "size": 12,
        "core-metadata": {"sha256": "c3" * 32},
        "dist-info-metadata": True,
        "provenance": "https://example.org/p",
    }

    packed = pack(DEMO, [[{**entry, "gpg-sig": False}]])

    ((number, tags, values),) = unpacked(packed.rows[0])
    assert (number, tags) == (0, "py3-none-any")
    assert entry_of(values) == entry


def test_files_of_one_kind_share_it_and_a_yanked_one_has_none() -> None:
    entries = [
        named("1.0"),
        named("2.0"),
        {**named("3.0"), "yanked": True},
        {**named("4.0"), "requires-python": 3},
    ]

    packed = pack(DEMO, [entries])

    assert packed.kinds == (("py3-none-any", None, 0),)
    assert [packed.mixes[mix] for mix in packed.mix_of] == [(0,), (0,), (LOOK,), (LOOK,)]


def test_what_is_no_json_object_or_names_no_file_of_the_project_is_left_out() -> None:
    page = ["demo-1.0.tar.gz", None, {}, {"filename": 7}, {"filename": "other-1.0.tar.gz"}]

    assert not pack(DEMO, [page]).rows
