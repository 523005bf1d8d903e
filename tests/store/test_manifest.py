"""Manifests: what is written is read; what is not whole is damage, never a traceback."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.wheels import Store, overwrite, wheel
from trued.store.damage import StoreDamaged
from trued.store.layout import entry_path, manifest_path
from trued.store.manifest import dump, is_whole, load, load_bytecode


def manifest_file(entry: str) -> Path:
    return Path(manifest_path(entry))


def test_an_entry_that_is_not_there_is_told_apart_from_a_damaged_one(store: Store) -> None:
    with pytest.raises(FileNotFoundError):
        load(entry_path(store.path, "0" * 64))


def test_a_manifest_is_read_as_it_was_written(store: Store) -> None:
    entry = store.admit(wheel())
    manifest = load(entry)
    overwrite(manifest_file(entry), dump(manifest))
    assert load(entry) == manifest
    assert is_whole(manifest_path(entry))


def test_an_empty_manifest_as_a_power_cut_leaves_it_is_damage(store: Store) -> None:
    entry = store.admit(wheel())
    overwrite(manifest_file(entry), b"")
    with pytest.raises(StoreDamaged) as raised:
        load(entry)
    assert dict(raised.value.entries) == {entry: ("manifest",)}
    assert raised.value.findings[0].code == "TRU401"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(length=st.integers(0, 700))
def test_a_manifest_that_was_cut_anywhere_is_damage(store: Store, length: int) -> None:
    entry = store.admit(wheel())
    whole = dump(load(entry))
    overwrite(manifest_file(entry), whole[: min(length, len(whole) - 1)])
    with pytest.raises(StoreDamaged):
        load(entry)
    overwrite(manifest_file(entry), whole)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(garbage=st.binary(max_size=80))
def test_garbage_is_damage(store: Store, garbage: bytes) -> None:
    entry = store.admit(wheel())
    whole = dump(load(entry))
    overwrite(manifest_file(entry), garbage)
    with pytest.raises(StoreDamaged):
        load(entry)
    assert not is_whole(manifest_path(entry))
    overwrite(manifest_file(entry), whole)


@pytest.mark.parametrize("other", [[], {}, {"format": 1}, None, 7])
def test_something_else_that_can_be_read_is_damage(store: Store, other: object) -> None:
    entry = store.admit(wheel())
    overwrite(manifest_file(entry), bytes(32) + marshal.dumps(other))  # type: ignore[arg-type] # plain data
    with pytest.raises(StoreDamaged):
        load(entry)


def test_a_manifest_of_a_newer_format_is_not_used(store: Store) -> None:
    entry = store.admit(wheel())
    manifest = load(entry)
    manifest["format"] = 2
    overwrite(manifest_file(entry), dump(manifest))
    with pytest.raises(StoreDamaged):
        load(entry)


def test_a_flipped_byte_in_a_readable_manifest_is_noticed_by_its_digest(store: Store) -> None:
    entry = store.admit(wheel())
    overwrite(manifest_file(entry), manifest_file(entry).read_bytes().replace(b"top.py", b"pot.py"))
    load(entry)
    assert not is_whole(manifest_path(entry))


def test_without_bytecode_there_is_no_manifest_of_it(store: Store) -> None:
    assert load_bytecode(store.admit(wheel()), "cpython-311") is None
