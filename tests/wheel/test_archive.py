"""ZIP archives that two parsers read differently: each test builds one and sees it refused."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest

from tests.wheel.builder import (
    Item,
    build,
    central_entry,
    descriptor,
    end_record,
    end_record_64,
    items_of,
    local_entry,
    parts,
    refusal,
    verify,
    wheel_files,
    with_item,
)

ITEMS = items_of(wheel_files())
GOOD = parts(ITEMS)
EXTRA = Item(path="demo/data.txt", content=b"some text " * 20)


def test_a_well_formed_wheel_is_read() -> None:
    assert refusal(GOOD.whole()) == []


def test_stored_members_are_read() -> None:
    assert refusal(with_item(replace(EXTRA, method=0))) == []


def test_what_is_no_archive_is_refused() -> None:
    assert refusal(b"this is not an archive, but it is long enough") == ["TRU201"]


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == ["TRU201"]


def test_an_archive_cut_short_is_refused() -> None:
    assert refusal(GOOD.whole()[:-1]) == ["TRU201"]


def test_data_after_the_end_record_is_refused() -> None:
    # Attack: appended bytes; a parser that searches backwards ignores them, one that wants the end fails.
    assert refusal(GOOD.whole() + b"more") == ["TRU202"]


def test_a_harmless_comment_is_read() -> None:
    comment = b"built on a quiet evening"
    end = end_record(GOOD.count, len(GOOD.directory), len(GOOD.body), comment)
    assert refusal(GOOD.body + GOOD.directory + end) == []


def test_a_comment_with_a_signature_is_refused() -> None:
    # Attack: a comment that a parser searching for signatures takes for another entry.
    end = end_record(GOOD.count, len(GOOD.directory), len(GOOD.body), b"PK\x01\x02")
    assert refusal(GOOD.body + GOOD.directory + end) == ["TRU203"]


def test_a_second_archive_in_the_comment_is_refused() -> None:
    # Attack: the comment is a whole archive; forward and backward search find different end records.
    comment = parts([EXTRA]).whole()
    end = end_record(GOOD.count, len(GOOD.directory), len(GOOD.body), comment)
    assert refusal(GOOD.body + GOOD.directory + end) == ["TRU205"]


def test_data_before_the_archive_is_refused() -> None:
    # Attack: a self-extracting stub; some parsers correct all offsets by its length.
    assert refusal(b"#!/bin/sh\n" + GOOD.whole()) == ["TRU204"]


def test_data_before_the_first_entry_is_refused() -> None:
    # Attack: an entry only a streaming parser sees stands in front, offsets being correct.
    hidden = local_entry(Item(path="demo/hidden.py", content=b"import os"))
    assert refusal(parts([replace(ITEMS[0], before=hidden), *ITEMS[1:]]).whole()) == ["TRU204"]


def test_data_between_entries_is_refused() -> None:
    # Attack: as above, between two entries.
    hidden = local_entry(Item(path="demo/hidden.py", content=b"import os"))
    assert refusal(parts([ITEMS[0], replace(ITEMS[1], before=hidden), *ITEMS[2:]]).whole()) == ["TRU204"]


def test_data_before_the_directory_is_refused() -> None:
    end = end_record(GOOD.count, len(GOOD.directory), len(GOOD.body) + 4)
    assert refusal(GOOD.body + b"gap!" + GOOD.directory + end) == ["TRU204"]


def test_data_after_the_directory_is_refused() -> None:
    assert refusal(GOOD.body + GOOD.directory + b"gap!" + GOOD.end) == ["TRU204"]


def test_entries_that_share_data_are_refused() -> None:
    # Attack: two entries over one stretch of data, the base of overlapping bombs.
    first = ITEMS[0]
    directory = GOOD.directory + central_entry(first, 0)
    end = end_record(GOOD.count + 1, len(directory), len(GOOD.body))
    assert {"TRU212"} == set(refusal(GOOD.body + directory + end))


def test_an_entry_inside_the_data_of_another_is_refused() -> None:
    # Attack: a stored member holds a local header that the directory also points to.
    inner = Item(path="demo/inner.py", content=b"value = 2\n")
    outer = Item(path="demo/outer.bin", content=local_entry(inner), method=0)
    offset = len(local_entry(outer)) - len(outer.content)
    body = local_entry(outer)
    directory = central_entry(outer, 0) + central_entry(inner, offset)
    assert refusal(body + directory + end_record(2, len(directory), len(body))) == ["TRU208"]


def test_a_directory_with_more_entries_than_stated_is_refused() -> None:
    # Attack: a parser that counts misses the last, one that goes by size finds it.
    end = end_record(GOOD.count - 1, len(GOOD.directory), len(GOOD.body))
    assert refusal(GOOD.body + GOOD.directory + end) == ["TRU207"]


def test_a_directory_with_fewer_entries_than_stated_is_refused() -> None:
    end = end_record(GOOD.count + 1, len(GOOD.directory), len(GOOD.body))
    assert refusal(GOOD.body + GOOD.directory + end) == ["TRU207"]


def test_an_archive_over_several_disks_is_refused() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 1, 0, 1, 1, 0, 0, 0)
    assert refusal(end) == ["TRU237"]


def test_an_entry_on_another_disk_is_refused() -> None:
    assert "TRU237" in refusal(with_item(replace(EXTRA, central={"disk": 1})))


@pytest.mark.parametrize(
    "lie",
    [{"crc": 1}, {"packed_size": 1}, {"size": 1}, {"method": 0}, {"flags": 0x800}],
    ids=lambda lie: next(iter(lie)),
)
def test_a_local_header_that_says_something_else_is_refused(lie: dict[str, int]) -> None:
    # Attack: streaming parsers believe the local header, seeking ones the central directory.
    assert refusal(with_item(replace(EXTRA, local=lie))) == ["TRU210"]


def test_a_local_name_that_differs_is_refused() -> None:
    # Attack: one parser installs data.txt, another evil.py.
    assert refusal(with_item(replace(EXTRA, local_name=b"demo/evil.py.."))) != []
    assert refusal(with_item(replace(EXTRA, local_name=b"demo/evil.txt"))) == ["TRU210"]


def test_times_may_differ_since_no_parser_decides_by_them() -> None:
    assert refusal(with_item(replace(EXTRA, local={"time": 99, "needed": 10}))) == []


def test_an_offset_that_leads_to_no_header_is_refused() -> None:
    assert "TRU209" in refusal(with_item(replace(EXTRA, central={"offset": 3})))


def test_an_offset_outside_the_file_is_refused() -> None:
    assert "TRU209" in refusal(with_item(replace(EXTRA, central={"offset": 0x7FFFFFFF})))


@pytest.mark.parametrize("signature", [True, False])
def test_a_true_data_descriptor_is_read(signature: bool) -> None:
    assert refusal(with_item(replace(EXTRA, descriptor=descriptor(EXTRA, signature=signature)))) == []


def test_a_descriptor_with_wrong_sizes_is_refused() -> None:
    # Attack: a streaming parser believes the descriptor.
    lie = struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(EXTRA.content), 1, 1)
    assert refusal(with_item(replace(EXTRA, descriptor=lie))) == ["TRU211"]


def test_a_missing_descriptor_is_refused() -> None:
    assert refusal(with_item(replace(EXTRA, descriptor=b""))) == ["TRU211"]


def test_a_wide_descriptor_without_a_zip64_field_is_refused() -> None:
    # Attack: whether sizes take 4 or 8 bytes decides where the next entry begins.
    assert refusal(with_item(replace(EXTRA, descriptor=descriptor(EXTRA, wide=True)))) == ["TRU211"]


def test_data_behind_a_descriptor_is_refused() -> None:
    assert refusal(with_item(replace(EXTRA, descriptor=descriptor(EXTRA) + b"hidden"))) == ["TRU211"]


def test_a_stored_member_with_a_descriptor_is_refused() -> None:
    # Attack: a streaming parser can only guess where stored data ends.
    stored = replace(EXTRA, method=0)
    assert refusal(with_item(replace(stored, descriptor=descriptor(stored)))) == ["TRU211"]


def test_two_members_of_one_name_are_refused() -> None:
    # Attack: one parser keeps the first, another the last.
    assert refusal(build(extra=[ITEMS[0]])) == ["TRU212"]


@pytest.mark.parametrize("flag", [0x0001, 0x0041, 0x2001])
def test_an_encrypted_member_is_refused(flag: int) -> None:
    assert refusal(with_item(replace(EXTRA, flags=flag))) == ["TRU213"]


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 95, 99])
def test_another_compression_than_stored_and_deflate_is_refused(method: int) -> None:
    # Attack: bzip2, lzma and zstd members are content to one installer and an error to another.
    assert refusal(with_item(replace(EXTRA, method=method))) == ["TRU214"]


@pytest.mark.parametrize("flag", [0x0010, 0x0020, 0x0080, 0x1000, 0x4000])
def test_an_unknown_flag_is_refused(flag: int) -> None:
    assert refusal(with_item(replace(EXTRA, flags=flag))) == ["TRU215"]


def test_the_flags_of_deflate_levels_are_read() -> None:
    assert refusal(with_item(replace(EXTRA, flags=0x0006))) == []


@pytest.mark.parametrize("extra", [b"\x01", b"\x55\x54\x09\x00x", struct.pack("<2H", 1, 8)])
def test_an_extra_field_cut_short_is_refused(extra: bytes) -> None:
    assert "TRU216" in refusal(with_item(replace(EXTRA, central_extra=extra)))


def test_unknown_extra_fields_are_read() -> None:
    times = struct.pack("<2HBL", 0x5455, 5, 1, 0)
    assert refusal(with_item(replace(EXTRA, central_extra=times, local_extra=times + times))) == []


def _unicode_path(name: bytes, of: bytes) -> bytes:
    field = b"\x01" + struct.pack("<L", zlib.crc32(of)) + name
    return struct.pack("<2H", 0x7075, len(field)) + field


def test_a_unicode_path_that_says_the_same_is_read() -> None:
    same = _unicode_path(EXTRA.name, EXTRA.name)
    assert refusal(with_item(replace(EXTRA, central_extra=same, local_extra=same))) == []


@pytest.mark.parametrize("where", ["central_extra", "local_extra"])
def test_a_unicode_path_that_differs_is_refused(where: str) -> None:
    # Attack: parsers that know the field install evil.py, the others data.txt.
    other = _unicode_path(b"demo/evil.py", EXTRA.name)
    item = (
        replace(EXTRA, central_extra=other) if where == "central_extra" else replace(EXTRA, local_extra=other)
    )
    assert refusal(with_item(item)) == ["TRU217"]


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    # Attack: without the flag the name is code page 437 to one parser and the locale's to another.
    assert "TRU218" in refusal(parts([Item(path=b"demo/\xe9.py"), *ITEMS]).whole())


def test_a_utf_8_name_without_the_flag_is_refused() -> None:
    assert "TRU218" in refusal(with_item(Item(path="demo/é.py", flags=0)))


def test_a_flagged_utf_8_name_is_read() -> None:
    assert refusal(with_item(Item(path="demo/é.py", content=b"value = 3\n"))) == []


def _wide(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


FULL = {"size": 0xFFFFFFFF, "packed_size": 0xFFFFFFFF}
SIZES = (len(EXTRA.content), len(EXTRA.data))


def test_a_zip64_member_is_read() -> None:
    item = replace(EXTRA, local=FULL, local_extra=_wide(*SIZES), central=FULL, central_extra=_wide(*SIZES))
    assert refusal(with_item(item)) == []


def test_a_local_zip64_field_that_repeats_the_sizes_is_read() -> None:
    # What Python's zipfile writes with force_zip64, and with it the protobuf and selenium wheels.
    assert refusal(with_item(replace(EXTRA, local_extra=_wide(*SIZES)))) == []


def test_a_zip64_field_beside_other_sizes_is_refused() -> None:
    # Attack: parsers that always read the field see other sizes than those that read it on demand.
    assert refusal(with_item(replace(EXTRA, local_extra=_wide(1, 1)))) == ["TRU219"]
    assert refusal(with_item(replace(EXTRA, central_extra=_wide(*SIZES)))) == ["TRU219"]


def test_open_sizes_without_a_zip64_field_are_refused() -> None:
    assert "TRU219" in refusal(with_item(replace(EXTRA, central=FULL)))
    assert refusal(with_item(replace(EXTRA, local=FULL))) == ["TRU219"]


def test_two_zip64_fields_are_refused() -> None:
    # Attack: the first counts for one parser, the last for another.
    item = replace(EXTRA, central=FULL, central_extra=_wide(*SIZES) + _wide(1, 1))
    assert "TRU216" in refusal(with_item(item))


def _zip64(**lies: int) -> bytes:
    size, offset = len(GOOD.directory), len(GOOD.body)
    position = lies.get("position", offset + size)
    wide = end_record_64(lies.get("count", GOOD.count), lies.get("size", size), offset, position)
    return GOOD.body + GOOD.directory + wide + end_record(lies.get("short", GOOD.count), size, offset)


def test_a_zip64_end_record_that_agrees_is_read() -> None:
    assert refusal(_zip64()) == []
    assert refusal(_zip64(short=0xFFFF)) == []


@pytest.mark.parametrize("lie", [{"count": 1}, {"size": 1}, {"position": 0}, {"short": 1}])
def test_a_zip64_end_record_that_disagrees_is_refused(lie: dict[str, int]) -> None:
    # Attack: parsers that prefer the ZIP64 record see another directory (CVE-2025-54368's kin).
    assert refusal(_zip64(**lie)) == ["TRU206"]


def test_an_end_record_that_wants_a_missing_zip64_record_is_refused() -> None:
    end = end_record(0xFFFF, len(GOOD.directory), len(GOOD.body))
    assert refusal(GOOD.body + GOOD.directory + end) == ["TRU206"]


def test_an_empty_archive_holds_no_wheel() -> None:
    assert refusal(end_record(0, 0, 0)) == ["TRU241"]


@pytest.mark.parametrize("kind", [0o120777, 0o020666, 0o060666, 0o010644, 0o140755])
def test_links_and_devices_are_refused(kind: int) -> None:
    # Attack: a symbolic link that later members are written through; a device, a pipe, a socket.
    assert refusal(with_item(replace(EXTRA, mode=kind))) == ["TRU227"]


def test_a_windows_reparse_point_is_refused() -> None:
    assert refusal(with_item(replace(EXTRA, system=0, central={"attributes": 0x400}))) == ["TRU227"]


def test_a_file_marked_as_directory_is_refused() -> None:
    assert refusal(with_item(replace(EXTRA, mode=0o040755))) == ["TRU230"]
    assert refusal(with_item(replace(EXTRA, system=0, central={"attributes": 0x10}))) == ["TRU230"]


def test_a_directory_with_content_is_refused() -> None:
    # Attack: content that only those parsers see which do not go by the slash.
    assert "TRU230" in refusal(build(extra=[Item(path="demo/sub/", content=b"hidden", mode=0o040755)]))


def test_plain_directory_entries_are_read() -> None:
    assert refusal(build(extra=[Item(path="demo/sub/", method=0, mode=0o040755)])) == []


def test_all_faults_of_an_archive_are_told_at_once() -> None:
    items = [replace(EXTRA, method=12), Item(path="/absolute"), Item(path="demo/../up"), *ITEMS]
    assert refusal(parts(items).whole()) == ["TRU214", "TRU220", "TRU221"]


def test_executable_files_keep_their_mark() -> None:
    verified, _ = verify(with_item(replace(EXTRA, mode=0o100755)))
    assert [member.path for member in verified.members if member.executable] == ["demo/data.txt"]
