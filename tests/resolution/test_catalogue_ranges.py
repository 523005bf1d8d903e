"""METADATA read out of a wheel in parts: real archives, servers that answer otherwise than asked, attacks."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.index.network import Network
from tests.index.server import Asked, Reply, Server
from tests.resolution.offers import in_parts, metadata_text
from tests.wheel import builder
from trued.core.distribution import Distribution
from trued.core.errors import OperationalError
from trued.core.limits import Limits
from trued.core.names import ProjectName
from trued.resolution.range_read import NoRanges, Tails, read_metadata_member

PATH = "/demo-1.0-py3-none-any.whl"
NOISE = b"".join(i.to_bytes(4, "little") for i in range(30_000))
METADATA = "demo-1.0.dist-info/METADATA"
TEXT = metadata_text("demo", "1.0", "click>=8")
FILES = {
    "demo-1.0.dist-info/METADATA": TEXT,
    "demo/data.bin": NOISE,
    "demo-1.0.dist-info/RECORD": b"",
}
FAR_ITEMS = [builder.Item(path=path, content=text, method=0) for path, text in FILES.items()]
FAR = builder.parts(FAR_ITEMS)
"""METADATA first, 120 kB before the end."""


def member(
    server: Server,
    folder: Path,
    *,
    size: int | None = None,
    limits: Limits | None = None,
    tails: Tails | None = None,
) -> bytes | str:
    """Return the METADATA read from the server, or what kept it from being read."""
    file = Distribution(
        project=ProjectName("demo"), version="1.0", filename=PATH[1:], url=server.url(PATH), size=size
    )
    with Network(folder) as network:
        try:
            return read_metadata_member(
                file, network.transport(), limits=limits or Limits(), tails=tails or Tails()
            )
        except NoRanges as problem:
            return "no ranges here" if problem.of_server else "not in parts"


def offer(server: Server, data: bytes) -> None:
    server.routes[PATH] = lambda asked: in_parts(asked, data)


def ranges_asked(server: Server) -> list[str]:
    return [asked.headers["range"] for asked in server.asked]


def test_metadata_near_the_end_takes_one_request(server: Server, tmp_path: Path) -> None:
    data = builder.build({"demo/data.bin": NOISE}, metadata=TEXT)
    offer(server, data)

    assert member(server, tmp_path, size=len(data)) == TEXT
    assert ranges_asked(server) == [f"bytes={len(data) - 32768}-{len(data) - 1}"]


def test_without_a_stated_size_the_end_is_asked_for_as_such(server: Server, tmp_path: Path) -> None:
    offer(server, builder.build({"demo/data.bin": NOISE}, metadata=TEXT))

    assert member(server, tmp_path) == TEXT
    assert ranges_asked(server) == ["bytes=-32768"]


def test_metadata_far_from_the_end_takes_a_second_request(server: Server, tmp_path: Path) -> None:
    offer(server, FAR.whole())

    assert member(server, tmp_path) == TEXT
    assert len(server.asked) == 2


def test_as_much_as_one_wheel_needed_is_asked_of_the_next_at_once(server: Server, tmp_path: Path) -> None:
    offer(server, FAR.whole())
    tails = Tails()

    first = member(server, tmp_path, tails=tails)
    asked_first = len(server.asked)
    second = member(server, tmp_path, tails=tails)

    assert first == second == TEXT
    assert (asked_first, len(server.asked)) == (2, 3)


def test_metadata_too_far_from_the_end_is_never_asked_for_with_it(server: Server, tmp_path: Path) -> None:
    noise = NOISE * 5
    items = [
        builder.Item(path=path, content=text, method=0) for path, text in {**FILES, "demo/x": noise}.items()
    ]
    offer(server, builder.parts(items).whole())
    tails = Tails()

    assert [member(server, tmp_path, tails=tails) for _ in range(2)] == [TEXT, TEXT]
    assert ranges_asked(server)[0] == ranges_asked(server)[2] == "bytes=-32768"


def test_a_directory_longer_than_the_end_that_was_asked_for_is_fetched(
    server: Server, tmp_path: Path
) -> None:
    many = {f"demo/module_with_a_long_name_{number:06}.py": b"" for number in range(600)}
    offer(server, builder.build(many, metadata=TEXT))

    assert member(server, tmp_path) == TEXT


def test_a_file_shorter_than_the_end_that_is_asked_for_is_read(server: Server, tmp_path: Path) -> None:
    offer(server, builder.build(metadata=TEXT))

    assert member(server, tmp_path) == TEXT


def test_a_short_file_sent_whole_is_read_all_the_same(server: Server, tmp_path: Path) -> None:
    server.routes[PATH] = Reply(body=builder.build(metadata=TEXT))

    assert member(server, tmp_path) == TEXT


def test_a_server_that_sends_the_whole_of_a_long_file_is_stopped(server: Server, tmp_path: Path) -> None:
    server.routes[PATH] = Reply(body=b"x" * 100_000)

    assert member(server, tmp_path) == "no ranges here"


def test_a_server_without_the_range_says_so(server: Server, tmp_path: Path) -> None:
    server.routes[PATH] = Reply(status=416)

    assert member(server, tmp_path) == "not in parts"


def test_a_server_that_fails_is_an_error(server: Server, tmp_path: Path) -> None:
    server.routes[PATH] = Reply(status=500)

    with pytest.raises(OperationalError):
        member(server, tmp_path)


@pytest.mark.parametrize(
    "described",
    ["bytes 0-9/100", "bytes 0-99999/100000", "bytes */100", "items 0-5/6", "", "bytes 5-1/6", "bytes ²-5/6"],
)
def test_an_answer_that_describes_other_bytes_than_it_holds_is_not_believed(
    server: Server, tmp_path: Path, described: str
) -> None:
    server.routes[PATH] = Reply(
        status=206, body=b"PK\x05\x06" + b"\0" * 18, headers={"Content-Range": described}
    )

    assert member(server, tmp_path) == "not in parts"


def test_an_encoded_part_is_not_believed(server: Server, tmp_path: Path) -> None:
    """Ranges of an encoded body are not ranges of the file."""

    def answer(asked: Asked) -> Reply:
        reply = in_parts(asked, builder.build(metadata=TEXT))
        return Reply(status=206, body=reply.body, headers={**reply.headers, "Content-Encoding": "identity"})

    server.routes[PATH] = answer

    assert member(server, tmp_path) == "not in parts"


def test_a_file_of_another_size_than_the_page_states_is_left_to_the_download(
    server: Server, tmp_path: Path
) -> None:
    data = builder.build(metadata=TEXT)
    offer(server, data)

    assert member(server, tmp_path, size=len(data) - 1) == "not in parts"


def test_a_file_that_changes_between_two_parts_is_not_put_together(server: Server, tmp_path: Path) -> None:
    first, second = FAR.whole(), FAR.whole() + b"longer"
    server.routes[PATH] = lambda asked: in_parts(asked, first if len(server.asked) == 1 else second)

    assert member(server, tmp_path) == "not in parts"


def lying_end(count: int, size: int, offset: int, comment: bytes = b"") -> Callable[[], bytes]:
    return lambda: FAR.body + FAR.directory + builder.end_record(count, size, offset, comment)


@pytest.mark.parametrize(
    "archive",
    [
        lambda: b"",
        lambda: b"no archive, but long enough for one",
        lambda: FAR.whole() + b"trailing bytes",
        lying_end(3, len(FAR.directory), len(FAR.body), b"comment"),
        lying_end(0xFFFF, len(FAR.directory), len(FAR.body)),  # ZIP64
        lying_end(3, 0xFFFFFFFF, len(FAR.body)),
        lying_end(3, len(FAR.directory), len(FAR.body) - 1),
        lying_end(4, len(FAR.directory), len(FAR.body)),
        lying_end(0, len(FAR.directory), len(FAR.body)),
        lambda: builder.parts([*FAR_ITEMS, builder.Item(path="x.dist-info/METADATA", content=TEXT)]).whole(),
        lambda: builder.parts([builder.Item(path="demo.py")]).whole(),
        lambda: builder.parts([builder.Item(path=METADATA, content=TEXT, central={"crc": 1})]).whole(),
        lambda: builder.parts([builder.Item(path=METADATA, content=TEXT, central={"size": 1})]).whole(),
        lambda: builder.parts([builder.Item(path=METADATA, content=TEXT, central={"method": 12})]).whole(),
        lambda: builder.parts([builder.Item(path=METADATA, content=TEXT, central={"offset": 9**9})]).whole(),
        lambda: builder.parts([builder.Item(path=METADATA, content=TEXT, central={"offset": 1})]).whole(),
    ],
)  # fmt: skip
def test_an_archive_that_could_be_read_in_two_ways_is_left_to_the_wheel_reader(
    server: Server, tmp_path: Path, archive: Callable[[], bytes]
) -> None:
    offer(server, archive())

    assert member(server, tmp_path) == "not in parts"


def test_metadata_beyond_the_limit_is_not_fetched(server: Server, tmp_path: Path) -> None:
    """A small packed member may state any size."""
    item = builder.Item(path=METADATA, content=TEXT, central={"size": 1 << 30})
    offer(server, builder.parts([item]).whole())

    assert member(server, tmp_path, limits=Limits(wheel_metadata_bytes=1 << 20)) == "not in parts"
    assert len(server.asked) == 1


def test_members_beyond_the_limit_are_not_read(server: Server, tmp_path: Path) -> None:
    offer(server, FAR.whole())

    assert member(server, tmp_path, limits=Limits(wheel_members=2)) == "not in parts"


def test_a_directory_said_to_be_huge_is_not_fetched(server: Server, tmp_path: Path) -> None:
    size = 100 * 1024 * 1024
    end = struct.pack(builder.END, b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    server.routes[PATH] = Reply(
        status=206, body=end, headers={"Content-Range": f"bytes {size}-{size + 21}/{size + 22}"}
    )

    assert member(server, tmp_path) == "not in parts"
    assert len(server.asked) == 1
