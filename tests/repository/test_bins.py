"""Bins and their bytes: what is written by hand is what the reference implementation reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.formats import encode_canonical
from tuf.api.metadata import SuccinctRoles, Targets

from trued.core.tuf_paths import (
    base_of_index,
    hashed_path,
    is_target_path,
    path_of_url,
)
from trued.repository.bins import BinScheme, Target, bin_payload, targets_in
from trued.repository.canonical import canonical
from trued.repository.ceremony import bits_for

PATHS = st.from_regex(r"(simple|files)/[a-z0-9-]{1,20}/[A-Za-z0-9._+!~-]{1,40}x", fullmatch=True)
TARGETS = st.dictionaries(
    PATHS, st.builds(Target, st.integers(0, 2**40), st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
)


@given(TARGETS, st.integers(1, 10**6))
def test_a_bin_is_canonical_json_as_the_reference_encoder_writes_it(
    targets: dict[str, Target], version: int
) -> None:
    payload = bin_payload(
        targets, name="bins-0", version=version, expires="2026-01-01T00:00:00Z", spec_version="1.0.31"
    )

    assert payload.decode() == encode_canonical(json.loads(payload))
    assert targets_in(json.loads(payload)) == targets
    assert Targets.from_dict(json.loads(payload)).version == version


@given(PATHS, st.integers(1, 16))
def test_a_path_belongs_to_the_bin_that_clients_look_in(path: str, bits: int) -> None:
    reference = SuccinctRoles([], 1, bits, "bins")

    assert BinScheme(bits).name_for(path) == reference.get_role_for_target(path)
    assert BinScheme(bits).names == tuple(reference.get_roles())


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_canonical_json_is_that_of_the_reference_encoder(value: object) -> None:
    assert canonical({"value": value}).decode("utf-8", "surrogatepass") == encode_canonical({"value": value})


@pytest.mark.parametrize(
    ("targets", "bins"),
    [
        (0, 2),
        (32, 2),
        (100, 4),
        (1_000, 32),
        (10_000, 512),
        (100_000, 4096),
        (1_000_000, 16_384),
        (10**9, 262_144),
    ],
)
def test_the_number_of_bins_follows_from_the_size(targets: int, bins: int) -> None:
    assert 2 ** bits_for(targets) == bins


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/./b", 'a"b', "a\\b", "a b", "a\nb", "ä", "a%2fb", "a?b"]
)
def test_what_is_no_path_of_a_target(path: str) -> None:
    assert not is_target_path(path)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://index.example.org/a/files/x/x-1.0.tar.gz", "files/x/x-1.0.tar.gz"),
        ("https://index.example.org/a/files/x/x-1%2B2.tar.gz", "files/x/x-1+2.tar.gz"),
        ("https://index.example.org/files/x/x-1.0.tar.gz", None),
        ("https://index.example.org/a/../b", None),
        ("https://index.example.org/a/%2e%2e/b", None),
        ("https://other.example.org/a/files/x", None),
    ],
)
def test_a_target_is_what_lies_below_the_base(url: str, path: str | None) -> None:
    assert path_of_url(url, base="https://index.example.org/a/") == path


def test_the_base_is_the_index_without_its_last_folder() -> None:
    assert base_of_index("https://index.example.org/a/simple/") == "https://index.example.org/a/"
    assert base_of_index("https://index.example.org/a/") is None
    assert hashed_path("files/x/x.whl", "0") == "files/x/0.x.whl"
