"""Contents against what the headers state: bombs, damage, wrong checksums."""

from __future__ import annotations

import zlib
from dataclasses import replace

import pytest

from tests.wheel.builder import Item, items_of, parts, refusal, wheel_files, with_item
from trued.core.limits import Limits

GOOD = parts(items_of(wheel_files()))
EXTRA = Item(path="demo/data.txt", content=b"some text " * 20)


def test_too_many_members_are_refused() -> None:
    assert refusal(GOOD.whole(), limits=Limits(wheel_members=3)) == ["TRU231"]


def test_a_member_that_is_too_large_is_refused() -> None:
    assert refusal(with_item(EXTRA), limits=Limits(wheel_member_bytes=199)) == ["TRU232"]


def test_contents_that_are_too_large_together_are_refused() -> None:
    assert refusal(with_item(EXTRA), limits=Limits(wheel_unpacked_bytes=400)) == ["TRU233"]


def test_a_member_that_unpacks_to_very_much_is_refused() -> None:
    # Attack: a bomb, a few kilobytes of deflate that fill the disk.
    bomb = Item(path="demo/bomb.bin", content=bytes(1_000_000))
    limits = Limits(wheel_ratio=200, wheel_ratio_floor_bytes=100_000)
    assert "TRU234" in refusal(with_item(bomb), limits=limits)


def test_many_small_bombs_are_refused() -> None:
    # Attack: each member stays below the floor from which a ratio is judged, all together do not.
    files = wheel_files({f"demo/{number}.bin": bytes(90_000) for number in range(20)})
    limits = Limits(wheel_ratio=100, wheel_ratio_floor_bytes=100_000)
    assert refusal(parts(items_of(files)).whole(), limits=limits) == ["TRU238"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_data_that_unpacks_to_more_than_stated_is_refused(size: int) -> None:
    # Attack: headers state a small size and the data is a bomb; nothing past the stated size is inflated.
    whole = Item(path="demo/data.bin", content=bytes(size * 2))
    lie = {"size": size}
    assert refusal(with_item(replace(whole, local=lie, central=lie)))[-1] in ("TRU235", "TRU267")


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_damaged_data_is_refused(size: int) -> None:
    item = Item(path="demo/data.bin", content=bytes(size))
    packed = b"\xff" * len(item.data)
    assert refusal(with_item(replace(item, packed=packed))) == ["TRU235"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_data_behind_the_end_of_the_deflate_stream_is_refused(size: int) -> None:
    # Attack: bytes that belong to the member but to no content, where another archive can hide.
    item = Item(path="demo/data.bin", content=bytes(size))
    assert refusal(with_item(replace(item, packed=item.data + b"PK\x03\x04hidden"))) == ["TRU235"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_deflate_stream_without_its_end_is_refused(size: int) -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(size)
    packed = deflater.compress(content) + deflater.flush(zlib.Z_SYNC_FLUSH)
    assert refusal(with_item(Item(path="demo/data.bin", content=content, packed=packed))) == ["TRU235"]


@pytest.mark.parametrize("size", [100, 3_000_000])
@pytest.mark.parametrize("method", [0, 8])
def test_a_wrong_checksum_is_refused(size: int, method: int) -> None:
    lie = {"crc": 1}
    item = Item(path="demo/data.bin", content=bytes(size), method=method, local=lie, central=lie)
    assert refusal(with_item(item)) == ["TRU236"]


def test_a_stored_member_of_two_sizes_is_refused() -> None:
    lie = {"size": 3}
    assert "TRU235" in refusal(with_item(replace(EXTRA, method=0, local=lie, central=lie)))
