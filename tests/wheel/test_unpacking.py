"""Unpacking: every byte is verified once, on its way into the sink."""

from __future__ import annotations

import hashlib
import mmap
import threading
import zlib
from pathlib import Path

import pytest

from tests.wheel.builder import (
    FILENAME,
    Item,
    Memory,
    MemoryWriter,
    build,
    items_of,
    parts,
    read,
    verify,
    wheel_files,
)
from trued.core.errors import Refused
from trued.core.limits import Limits
from trued.wheel import inflate
from trued.wheel.reader import Member, VerifiedWheel, open_wheel, unpack

STANDARD_LIBRARY = (zlib.decompressobj, zlib.crc32, zlib.error)
LARGE = hashlib.shake_256(b"seed").digest(2_500_000)


def test_contents_arrive_as_they_were_packed() -> None:
    _, files = verify(build({"demo/a.py": b"a\n", "demo/empty": b"", "demo/large.bin": LARGE}))
    assert files["demo/a.py"] == b"a\n"
    assert files["demo/empty"] == b""
    assert files["demo/large.bin"] == LARGE


def test_a_large_member_that_compresses_well_arrives_whole() -> None:
    content = bytes(5_000_000) + LARGE + bytes(1_000_000)
    assert verify(build({"demo/large.bin": content}))[1]["demo/large.bin"] == content


@pytest.mark.parametrize("size", [1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 2 * 1024 * 1024])
@pytest.mark.parametrize("method", [0, 8])
def test_sizes_about_a_piece_arrive_whole(size: int, method: int) -> None:
    files = wheel_files({"demo/a.bin": LARGE[:size]})
    items = [Item(path=path, content=content, method=method) for path, content in files.items()]
    assert verify(parts(items).whole())[1] == files


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_both_inflating_libraries_give_the_same(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = build({"demo/a.bin": (LARGE * 2)[:size]})
    expected = verify(wheel)[1]
    for name, value in zip(("_inflater", "_crc32", "_InflateError"), STANDARD_LIBRARY, strict=True):
        monkeypatch.setattr(inflate, name, value)
    assert verify(wheel)[1] == expected
    with pytest.raises(Refused):
        verify(wheel[:60] + b"\xff" * 20 + wheel[80:])


def test_every_member_has_its_sha256_afterwards() -> None:
    verified, files = verify(build())
    for member in verified.members:
        assert member.sha256 == hashlib.sha256(files[member.path]).hexdigest()


def test_several_threads_give_the_same_result() -> None:
    wheel = build({f"demo/{number}.bin": LARGE[number * 1000 :] for number in range(8)})
    assert verify(wheel, threads=4)[0].members == verify(wheel)[0].members
    assert verify(wheel, threads=4)[1] == verify(wheel)[1]


def test_an_mmap_is_read_and_can_be_closed_afterwards(tmp_path: Path) -> None:
    path = tmp_path / FILENAME
    path.write_bytes(build({"demo/large.bin": LARGE}))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sink = Memory()
        unpack(open_wheel(data, filename=FILENAME, limits=Limits()), sink)
    assert sink.files["demo/large.bin"] == LARGE


def test_a_small_member_that_is_wrong_never_reaches_the_sink() -> None:
    items = items_of(wheel_files() | {"demo/__init__.py": b"value = 2\n"})
    sink = Memory()
    with pytest.raises(Refused):
        unpack(read(parts(items).whole()), sink)
    assert sink.files == {}


def test_nothing_is_written_after_the_first_fault() -> None:
    files = wheel_files({"demo/a.py": b"a\n", "demo/b.py": b"b\n", "demo/large.bin": LARGE})
    sink = Memory()
    with pytest.raises(Refused) as refused:
        unpack(read(parts(items_of(files | {"demo/a.py": b"x\n"})).whole()), sink)
    assert [finding.code for finding in refused.value.findings] == ["TRU268"]
    assert sink.files == {}


@pytest.mark.parametrize("threads", [1, 3])
def test_all_wrong_members_are_told_at_once(threads: int) -> None:
    files = wheel_files({f"demo/{number}.py": b"a\n" for number in range(5)})
    wrong = files | {"demo/1.py": b"b\n", "demo/3.py": b"b\n"}
    with pytest.raises(Refused) as refused:
        unpack(read(parts(items_of(wrong)).whole()), Memory(), threads=threads)
    assert {finding.values["path"] for finding in refused.value.findings} == {"demo/1.py", "demo/3.py"}


class Failing(Memory):
    """A sink whose disk is full."""

    def put(self, member: Member, content: bytes, /) -> None:
        raise OSError(28, "No space left on device")


class FailingLater(Memory):
    """A sink that fails inside a large member, and counts the writers it closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def begin(self, member: Member, /) -> MemoryWriter:
        sink = self

        class Writer(MemoryWriter):
            def write(self, piece: bytes, /) -> None:
                raise OSError(28, "No space left on device")

            def close(self) -> None:
                sink.closed += 1

        return Writer(self.files, member.path)


@pytest.mark.parametrize("threads", [1, 3])
def test_what_a_sink_raises_is_raised_on(threads: int) -> None:
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="No space"):
        unpack(read(build()), Failing(), threads=threads)
    assert set(threading.enumerate()) <= before


def test_a_writer_is_closed_when_writing_fails() -> None:
    sink = FailingLater()
    with pytest.raises(OSError, match="No space"):
        unpack(read(build({"demo/large.bin": LARGE})), sink)
    assert sink.closed == 1


def test_only_unpack_makes_a_verified_wheel() -> None:
    with pytest.raises(TypeError, match="unpack"):
        VerifiedWheel()


def test_a_verified_wheel_does_not_change() -> None:
    verified, _ = verify(build())
    with pytest.raises(AttributeError):
        verified.members = ()


def test_very_many_faults_are_counted_instead_of_listed() -> None:
    extra = [Item(path=f"demo/{number}.py") for number in range(80)]
    with pytest.raises(Refused) as refused:
        read(build(extra=extra))
    codes = [finding.code for finding in refused.value.findings]
    assert codes == ["TRU262"] * 50 + ["TRU299"]
    assert refused.value.findings[-1].values == {"count": "30", "code": "TRU262"}


def test_foreign_names_are_made_printable_in_findings() -> None:
    with pytest.raises(Refused) as refused:
        read(build(extra=[Item(path="demo/\x1b[31m" + "a" * 300)]))
    assert refused.value.findings[0].values["path"].startswith("demo/\\x1b[31maaa")
    assert len(refused.value.findings[0].values["path"]) <= 201
